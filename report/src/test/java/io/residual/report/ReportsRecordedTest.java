package io.residual.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.adapt.Method;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.experiment.DatasetResult;
import io.residual.experiment.FewShots;
import io.residual.experiment.FewShots.Shot;
import io.residual.experiment.Forgetting.Line;
import io.residual.experiment.HeldOut;
import io.residual.experiment.MethodResult;
import io.residual.experiment.Retrieval;
import io.residual.experiment.TestScore;
import io.residual.experiment.TestScore.Reliability;
import io.residual.fit.Trainer.Epoch;
import io.residual.fixtures.Recorded;
import io.residual.heads.Ablation.Fill;
import io.residual.heads.HeadSelection;
import io.residual.heads.HeadSelection.Curve;
import io.residual.heads.HeadSelection.Layers;
import io.residual.heads.HeadSelection.Point;
import io.residual.heads.HeadSelection.Score;
import io.residual.predict.Contrast;
import io.residual.predict.Explanation;
import io.residual.predict.Explanation.ComponentShare;
import io.residual.predict.Explanation.Constant;
import io.residual.predict.Explanation.UnitShare;
import io.residual.provenance.Provenance;
import io.residual.spectrum.SpectralComparison;
import io.residual.spectrum.UnitGeometry;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every report, of made-up results with what is rare in them: what cannot be measured, notes, odd names, few images. */
class ReportsRecordedTest {
    private static final UnitShape SHAPE = new UnitShape(2, 2, 4, 8);
    private static final Provenance PROVENANCE =
            new Provenance("0.1.0", "2026-11-28T12:00:00Z", "model", "data", 42, 1e-6, new TreeMap<>(Map.of("a", "b")));

    private static <K, V> Map<K, V> ordered(K a, V first, K b, V second) {
        Map<K, V> map = new LinkedHashMap<>();
        map.put(a, first);
        map.put(b, second);
        return map;
    }

    @Test
    void comparison() {
        MethodResult base = new MethodResult(
                Method.BASE,
                0,
                .5,
                new TestScore(
                        new Accuracy(100, 200),
                        new Reliability(.1, .05, .25, .96, 50, 48),
                        List.of(new Accuracy(40, 100), new Accuracy(60, 100))),
                new Calibration(1.5, .6, .95, .96, .25),
                0,
                0,
                List.of(new Epoch(0, Double.NaN, Double.NaN, 1.25, .5)));
        MethodResult star = new MethodResult(
                Method.RESIDUAL_STAR,
                1234,
                .75,
                new TestScore(
                        new Accuracy(160, 200),
                        new Reliability(.2, .02, .75, .98, 150, 147),
                        List.of(new Accuracy(70, 100), new Accuracy(90, 100))),
                new Calibration(.75, .5, .95, .97, .75),
                2,
                1.25,
                List.of(new Epoch(0, Double.POSITIVE_INFINITY, .5, 1.25, .5), new Epoch(2, .1, .25, .75, .75)));
        Map<String, Integer> images = ordered("train", 400, "validation", 100);
        images.put("test", 200);
        Map<String, String> hashes = ordered("train", "t", "validation", "v");
        hashes.put("test", "u");
        List<DatasetResult> results = List.of(new DatasetResult(
                "photos\u001b[31m",
                "/photos",
                "clip",
                4,
                images,
                2.5,
                hashes,
                List.of(base, star),
                List.of("1 unreadable image was left out"),
                PROVENANCE));
        Recorded.requireSame("comparison.txt", ComparisonReport.text(results));
        List<String> narrow = ComparisonReport.text(results, ComparisonReport.Form.SHORT)
                .lines()
                .toList();
        assertTrue(narrow.get(1).startsWith("method") && narrow.get(1).endsWith("parameters  seconds"), narrow.get(1));
        assertEquals("ResiDual*    80.0    73.9 – 85.0    +30.0      75.0       1,234      1.3", narrow.get(4));
        narrow.stream().skip(1).forEach(line -> assertTrue(line.length() <= 80, line));
        Recorded.requireSame("comparison.json", ComparisonReport.json(results));
    }

    private static List<Shot> shots() {
        List<Shot> shots = new ArrayList<>();
        for (int count : new int[] {1, FewShots.ALL}) {
            for (long seed = 0; seed < (count == 1 ? 3 : 1); seed++) {
                for (Method method : List.of(Method.BASE, Method.LINEAR, Method.RESIDUAL_STAR)) {
                    int i = method.ordinal();
                    BitSet right = new BitSet();
                    right.set(0, 60 + 5 * i + (int) seed);
                    shots.add(new Shot(
                            method,
                            count,
                            count == 1 ? 4 : 40,
                            seed,
                            method == Method.BASE ? 0 : 100 * i,
                            method == Method.LINEAR ? 1 : .75,
                            new HeldOut(right, 100, 4),
                            new Accuracy(50 + 4 * i + 2 * (int) seed, 100),
                            .5,
                            seed == 1 && method == Method.LINEAR ? "best at the weakest strength" : null));
                }
            }
        }
        return shots;
    }

    /** The first figure of a document. */
    private static String svg(JsonNode document) {
        return Figures.of(document).get(0).chart().svg();
    }

    @Test
    void fewShots() {
        Recorded.requireSame("few-shots.txt", FewShotsReport.text("photos", shots()));
        Recorded.requireSame("few-shots.svg", svg(FewShotsReport.document(Map.of("photos", shots()))));
        Recorded.requireSame("few-shots.json", FewShotsReport.json(Map.of("photos", shots())));
    }

    @Test
    void forgetting() {
        List<Line> lines = new ArrayList<>();
        for (double t : new double[] {0, .5, 1}) {
            Map<String, Accuracy> accuracy = ordered(
                    "own", new Accuracy((int) (50 + 40 * t), 100), "other", new Accuracy((int) (80 - 20 * t * t), 100));
            lines.add(new Line(t, accuracy, new Retrieval(.5 - t / 4, .75, .25, .625)));
        }
        Recorded.requireSame("forgetting.txt", ForgettingReport.text("own", lines));
        Recorded.requireSame(
                "forgetting.svg",
                svg(Schema.FORGETTING.document().put("own", "own").set("lines", ForgettingReport.json("own", lines))));
        Recorded.requireSame("forgetting.json", Json.pretty(ForgettingReport.json("own", lines)));
    }

    @Test
    void geometry() {
        List<UnitGeometry> units = new ArrayList<>();
        List<double[]> eigenvalues = new ArrayList<>();
        for (UnitId unit : SHAPE.ids()) {
            int i = SHAPE.index(unit);
            boolean constant = unit.equals(SHAPE.unit(2));
            units.add(
                    constant
                            ? new UnitGeometry(unit, 0, 0, 0, 0, Double.NaN, Double.NaN, Double.NaN)
                            : new UnitGeometry(unit, 3, 3, 2, 3, 2.5 + i, .5, i == 3 ? Double.NaN : 1.5));
            eigenvalues.add(constant ? new double[0] : new double[] {1.5, 1, .5});
        }
        Recorded.requireSame("geometry.txt", GeometryReport.text(units, false));
        Recorded.requireSame("geometry-heads.txt", GeometryReport.text(units, true));
        Recorded.requireSame("geometry.json", GeometryReport.json(units, eigenvalues, PROVENANCE));
    }

    @Test
    void spectralComparison() {
        SpectralComparison three = new SpectralComparison(
                List.of("a", "b & c", "d"),
                SHAPE,
                List.of(new double[] {.5, .25, Double.NaN, 1}, new double[] {0, .125, .75, .5}, new double[] {
                    1, 1, .5, .5
                }));
        SpectralComparison two =
                new SpectralComparison(List.of("a", "b"), SHAPE, List.of(new double[] {.5, .25, Double.NaN, 1}));
        Recorded.requireSame("compare-two.txt", CompareReport.text(two));
        Recorded.requireSame("compare-three.txt", CompareReport.text(three));
        Recorded.requireSame("compare-three.svg", svg(CompareReport.json(three, List.of(PROVENANCE))));
        Recorded.requireSame("compare-three.json", Json.pretty(CompareReport.json(three, List.of(PROVENANCE))));
    }

    /** Two heads, an MLP, a component and a constant; the third class is a rival, and a name has what a terminal would obey. */
    @Test
    void explanation() {
        Explanation explanation = new Explanation(
                "cat\u001b[31m.png",
                List.of("cat", "dog", "<bird>"),
                new double[] {1, 2, 1.5},
                new double[] {3, 1, 2},
                List.of(
                        new UnitShare(SHAPE.unit(1), new double[] {.5, 1, .25}, new double[] {2, .25, .5}),
                        new UnitShare(SHAPE.unit(2), new double[] {.5, .5, 1}, new double[] {.5, .5, 1}),
                        new UnitShare(SHAPE.unit(5), new double[] {0, .5, .25}, new double[] {0, .5, .25})),
                List.of(new ComponentShare(
                        SHAPE.unit(1), 3, -.75, 1.25, new double[] {.25, .5, .125}, new double[] {1, .25, .5})),
                List.of(new Constant("means", new double[] {.5, -.25, .25})),
                1e-7);
        Adapter linear = new Adapter.LinearMap(new float[64], new float[8]);
        Contrast contrast = Contrast.of(explanation, linear, null).top(2);
        Recorded.requireSame("explanation.txt", ExplanationReport.text(contrast, null));
        Recorded.requireSame("explanation.svg", svg(contrast.json(null)));
        Recorded.requireSame("explanation.json", Json.pretty(contrast.json(new Calibration(1.5, .5, .95, .9, .8))));
        Recorded.requireSame(
                "explanation-without-adapter.txt",
                ExplanationReport.text(
                        Contrast.of(explanation, new Adapter.Identity(), null).about(1, 0), null));
    }

    private static List<Accuracy> right(int... counts) {
        return IntStream.of(counts).mapToObj(c -> new Accuracy(c, 100)).toList();
    }

    private static HeadSelection.Result heads(boolean turned) {
        List<UnitId> order = new ArrayList<>(SHAPE.headIds());
        if (turned) {
            Collections.rotate(order, 1);
        }
        Map<Score, List<List<UnitId>>> rankings = new EnumMap<>(Score.class);
        List<Curve> curves = new ArrayList<>();
        for (Score score : Score.values()) {
            boolean random = score == Score.RANDOM;
            rankings.put(score, random ? List.of(order, order) : List.of(order));
            for (Fill fill : Fill.values()) {
                int i = score.ordinal() * 2 + fill.ordinal();
                curves.add(new Curve(
                        score,
                        fill,
                        List.of(
                                new Point(1, right(30 + i), random ? right(20 + i, 30 + i) : right(25 + i)),
                                new Point(3, right(60 + i), random ? right(50 + i, 56 + i) : right(65 + i))),
                        1));
            }
        }
        List<Layers> layers = new ArrayList<>();
        for (Fill fill : Fill.values()) {
            layers.add(new Layers("heads", false, fill, right(70, 40)));
            layers.add(new Layers("heads", true, fill, right(70, 20)));
            layers.add(new Layers("MLP", false, fill, right(60, 75)));
        }
        Map<Fill, Accuracy> only = new EnumMap<>(Fill.class);
        only.put(Fill.ZERO, new Accuracy(44, 100));
        only.put(Fill.MEAN, new Accuracy(66, 100));
        return new HeadSelection.Result(new Accuracy(80, 100), only, curves, layers, rankings);
    }

    @Test
    void headSelection() {
        Map<String, HeadSelection.Result> two = ordered("first", heads(false), "second", heads(true));
        Recorded.requireSame("heads.txt", HeadsReport.text(heads(false), 4));
        Recorded.requireSame("heads-overlap.txt", HeadsReport.overlap(two, 4));
        Recorded.requireSame("heads.svg", svg(HeadsReport.json(Map.of("first", heads(false)), 4)));
        Recorded.requireSame("heads.json", Json.pretty(HeadsReport.json(two, 4)));
    }
}
