package io.residual.probing;

import io.residual.base.Json;
import io.residual.fixtures.Recorded;
import io.residual.heads.Ablation.Fill;
import io.residual.heads.HeadSelection;
import io.residual.heads.HeadSelection.Curve;
import io.residual.heads.HeadSelection.Point;
import io.residual.heads.HeadSelection.Score;
import io.residual.provenance.Provenance;
import io.residual.spectrum.UnitGeometry;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The report of made-up findings, with a constant head and a factor that no component encodes. */
class ProbingReportRecordedTest {
    private static final UnitShape SHAPE = new UnitShape(2, 2, 4, 8);

    private static AttributeProbing.Result attributes() {
        List<Component> components = new ArrayList<>();
        for (UnitId unit : SHAPE.ids().subList(1, SHAPE.units())) {
            for (int k = 0; k < 2; k++) {
                double[] strength = new double[Factor.values().length];
                strength[(SHAPE.index(unit) + k) % 4] = .125 * (k + 1);
                strength[5] = -.01;
                components.add(new Component(unit, k, .5 / (k + 1), strength));
            }
        }
        return new AttributeProbing.Result(
                100,
                components,
                .2,
                new Specialisation(3, .75, .5, .001),
                List.of(new WordScore("OMP", 10, 6, 8, 3.25, 2.5, .002, 6, 4, 1.5)),
                new Provenance(
                        "0.1.0", "2026-11-28T12:00:00Z", "m", "d", 7, 1e-6, new TreeMap<>(Map.of("pictures", "100"))));
    }

    private static HeadSelection.Result selection(int right) {
        List<Curve> curves = new ArrayList<>();
        for (Score score : Score.values()) {
            for (Fill fill : Fill.values()) {
                List<Accuracy> few = List.of(new Accuracy(right / 2 + score.ordinal(), 100));
                List<Accuracy> many = List.of(new Accuracy(right - score.ordinal(), 100));
                curves.add(new Curve(score, fill, List.of(new Point(1, few, few), new Point(3, many, many)), 1));
            }
        }
        Map<Fill, Accuracy> only = new EnumMap<>(Fill.class);
        only.put(Fill.ZERO, new Accuracy(right - 20, 100));
        only.put(Fill.MEAN, new Accuracy(right - 10, 100));
        return new HeadSelection.Result(new Accuracy(right, 100), only, curves, List.of(), Map.of());
    }

    private static ProbingReport report() {
        List<UnitGeometry> geometry = SHAPE.ids().stream()
                .map(unit -> SHAPE.index(unit) == 2
                        ? new UnitGeometry(unit, 0, 0, 0, 0, Double.NaN, Double.NaN, Double.NaN)
                        : new UnitGeometry(unit, 4, 2, 2, 3 + SHAPE.index(unit), 2.5, .5, 1.5))
                .toList();
        return new ProbingReport(
                SHAPE,
                attributes(),
                new TreeMap<>(Map.of("signs", geometry)),
                new RoleProbing.Result(new double[] {.75, .5}, new double[] {.25, .125}, .875),
                new TreeMap<>(Map.of("digits", selection(70), "signs", selection(80))));
    }

    @Test
    void text() {
        Recorded.requireSame("study.txt", report().text());
    }

    @Test
    void json() {
        Recorded.requireSame("study.json", Json.pretty(report().json()));
    }

    @Test
    void drawings() {
        report().charts().forEach((name, chart) -> Recorded.requireSame("study-" + name + ".svg", chart.svg()));
    }
}
