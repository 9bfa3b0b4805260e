package io.residual.verify;

import io.residual.heads.Ablation;
import io.residual.heads.HeadScores;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import java.util.List;

/** What heads say about classes: correlations, accuracies alone and without the rest. */
final class HeadChecks {
    private final Fixture fixture;
    private final Found found;

    HeadChecks(Fixture fixture, Found found) {
        this.fixture = fixture;
        this.found = found;
    }

    void heads(TraceBlock a, TraceBlock b, Classifier classifier) {
        found.absolute(
                "a.head_correlation",
                HeadScores.correlation(fixture.asTrace(a)),
                fixture.floats("a.head_correlation"),
                Tolerance.SCORES);
        found.absolute(
                "a.task_correlation",
                HeadScores.taskCorrelation(fixture.asTrace(a), classifier),
                fixture.floats("a.task_correlation"),
                Tolerance.SCORES);
        found.absolute(
                "head_accuracy_a",
                HeadScores.accuracy(fixture.asTrace(a), classifier),
                Fixture.doubles(fixture.json().path("head_accuracy_a")),
                Tolerance.COUNTED);
        for (Ablation.Fill fill : Ablation.Fill.values()) {
            String name = "b.accuracy_heads_only_" + fill.name().toLowerCase(java.util.Locale.ROOT);
            List<Ablation> headsOnly = List.of(Ablation.keeping(b.shape().headIds(), fill));
            double got = Ablation.accuracies(headsOnly, fixture.asTrace(b), classifier, fixture.asTrace(b))
                    .get(0)
                    .value();
            found.add(new Check(
                    name, Math.abs(got - fixture.json().path(name).doubleValue()), Tolerance.COUNTED, "absolute"));
        }
    }
}
