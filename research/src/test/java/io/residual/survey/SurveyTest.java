package io.residual.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.experiment.TestScore;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.survey.Survey.Result;
import io.residual.survey.Survey.SetResult;
import io.residual.sweep.Sweep;
import io.residual.sweep.SweepFile;
import io.residual.sweep.SweepRunner;
import io.residual.sweep.SweepRunner.Measured;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SurveyTest {
    private static final Sweep SWEEP = SweepFile.parse("""
        models: [world-clip]
        data: ["world:signs", "world:counts", {source: "world:signs", label: again}]
        splits: {train: 60, validation: 40, test: 50}
        bases: own
        methods: [base, {method: residual-star, iterations: 3}]
        """, "tiny");

    @TempDir
    static Path folder;

    private static List<Measured> measured = new ArrayList<>();
    private static final AtomicReference<Result> RESULT = new AtomicReference<>();

    @BeforeAll
    static void run() {
        try (SweepRunner runner = new SweepRunner(SWEEP, folder, Progress.silent())) {
            runner.run();
            runner.visit((model, files, all) -> {
                measured = all;
                measured.forEach(m -> {
                    m.traces().train();
                    m.traces().test();
                });
                RESULT.set(new Survey(7, 20, Progress.silent()).of(model, files, all));
            });
        }
    }

    private static Result result() {
        return Objects.requireNonNull(RESULT.get());
    }

    private static SetResult set(int i) {
        return result().sets().get(i);
    }

    /** After the last layer the sum of the units is the embedding: the definition of the decomposition. */
    @Test
    void theLastLayer_isTheModelAsItIs() {
        for (int i = 0; i < 2; i++) {
            Measured of = measured.get(i);
            Classifier means = Classifier.fromScaledClassMeans(
                    of.traces().train(), of.dataset().prompts().classes());
            LayerStudy.Layer last = set(i).layers().get(result().shape().layers());
            assertEquals(TestScore.of(new Adapter.Identity(), means, of.traces().test()), last.means());
            assertEquals(last.means(), last.lens());
            assertEquals(centredByHand(of), last.centred().right());
            assertEquals(result().shape().layers() + 1, set(i).layers().size());
        }
    }

    /** Right answers of the nearest class mean, both about the training mean, with plain loops. */
    private static int centredByHand(Measured measured) {
        Trace<Split.Train> train = measured.traces().train();
        int d = train.shape().sharedWidth();
        int classes = measured.dataset().prompts().classes().size();
        double[] mean = new double[d];
        double[][] means = new double[classes][d];
        int[] seen = new int[classes];
        for (TraceBlock block : train.blocks()) {
            for (int i = 0; i < block.size(); i++) {
                seen[block.labels()[i]]++;
                for (int j = 0; j < d; j++) {
                    mean[j] += block.output()[i * d + j] / train.size();
                    means[block.labels()[i]][j] += block.output()[i * d + j];
                }
            }
        }
        int right = 0;
        for (TraceBlock block : measured.traces().test().blocks()) {
            for (int i = 0; i < block.size(); i++) {
                int best = -1;
                double most = Double.NEGATIVE_INFINITY;
                for (int c = 0; c < classes; c++) {
                    double dot = 0;
                    double square = 0;
                    for (int j = 0; j < d; j++) {
                        double of = means[c][j] / seen[c] - mean[j];
                        dot += (block.output()[i * d + j] - mean[j]) * of;
                        square += of * of;
                    }
                    dot /= Math.sqrt(square);
                    best = dot > most ? c : best;
                    most = Math.max(most, dot);
                }
                right += best == block.labels()[i] ? 1 : 0;
            }
        }
        return right;
    }

    /** With every weight 1 nothing changes; with 3, deviations are three times as large; the variance is the spectrum's. */
    @Test
    void weights_areMeasuredOnTheirUnits() {
        Trace<Split.Train> train = measured.get(0).traces().train();
        List<Spectrum> spectra = Pca.of(train, train.shape().ids());
        ComponentDesign design = ComponentDesign.residual(train.frame(), spectra, ComponentDesign.Means.RESTORED);
        float[] lambdas = new float[design.parameters()];
        Arrays.fill(lambdas, 1);
        int first = design.parts().get(0).kept();
        Arrays.fill(lambdas, 0, first, -3);
        List<WeightStudy.Unit> units = WeightStudy.of(new Adapter.Spectral(design, lambdas), train);
        assertEquals(3, units.get(0).gain(), 1e-4);
        assertEquals(first, units.get(0).negative());
        assertEquals(-3, units.get(0).largest(), 0);
        for (int i = 1; i < units.size(); i++) {
            WeightStudy.Unit unit = units.get(i);
            assertEquals(1, unit.gain(), 1e-6, unit.unit().toString());
            Spectrum spectrum = spectra.get(train.shape().index(unit.unit()));
            double n = train.size();
            assertEquals(
                    1,
                    unit.before() / (spectrum.totalVariance() * (n - 1) / n),
                    1e-2,
                    unit.unit().toString());
        }
        assertEquals(List.of(), WeightStudy.of(new Adapter.Identity(), train));
    }

    @Test
    void theControl_isAnotherTowerOfTheSameShape() {
        assertNotNull(result().roles().control());
        assertEquals(3, result().roles().controlGeometry().size());
        double trained = result().roles().all().same()[0];
        assertFalse(Objects.requireNonNull(result().roles().control()).same()[0] == trained);
    }

    /** The same labels twice: both count the same answers; and nothing of another set with the same classes. */
    @Test
    void twoLabellings_areComparedOnTheirCommonTestImages() {
        assertEquals(List.of(), result().shifts());
        assertEquals(2 * 2, result().crossed().size());
        for (Survey.Crossed each : result().crossed()) {
            assertEquals(50, each.own().of());
            assertEquals(each.own(), each.others());
            assertEquals(set(0).methods().get(each.method()), each.own());
        }
    }

    @Test
    void tablesAndCharts_haveEverySetAndLayer() {
        SurveyReport report = new SurveyReport(result());
        String text = report.markdown();
        assertTrue(text.contains("| signs |") && text.contains("| counts |") && text.contains("| L5 |"), text);
        assertTrue(text.contains("What ResiDual* does to each layer"), text);
        assertTrue(report.json().path("datasets").path(1).path("layers").size() == 7);
        assertTrue(
                report.charts().containsKey("gain-ResiDual-star"),
                report.charts().keySet().toString());
        assertEquals(
                result().shape().allHeads(),
                set(0).weights().getOrDefault("ResiDual*", List.of()).stream()
                        .filter(u -> u.unit().kind() == UnitId.Kind.HEAD)
                        .count());
    }
}
