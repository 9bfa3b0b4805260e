package io.residual.heads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.fixtures.MadeUpTrace;
import io.residual.heads.Ablation.Fill;
import io.residual.heads.HeadSelection.Curve;
import io.residual.heads.HeadSelection.Point;
import io.residual.heads.HeadSelection.Score;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HeadSelectionTest {
    private static final UnitShape SHAPE = new UnitShape(2, 4, 3, 8);
    private static final UnitFrame FRAME = MadeUpTrace.frame(SHAPE, 1);

    private static Classifier classifier(int classes) {
        float[] weights = new float[8 * classes];
        Random random = new Random(3);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        return new Classifier(
                IntStream.range(0, classes).mapToObj(String::valueOf).toList(), weights);
    }

    private static <S extends Split> Trace<S> trace(int images, int classes, long seed) {
        TraceBlock block = MadeUpTrace.block(FRAME, images, classes, seed);
        return MadeUpTrace.trace(FRAME, block.slice(0, images / 4), block.slice(images / 4, images));
    }

    /** The definition: sum the kept units in the shared space, replace the others, normalise, take the largest logit. */
    private static int right(Trace<?> trace, Classifier classifier, Set<UnitId> kept, Fill fill) {
        int classes = classifier.classes().size();
        double[][] features = new double[trace.size()][8];
        for (UnitId unit : SHAPE.ids()) {
            double[][] rows = MadeUpTrace.unit(trace, unit);
            for (int j = 0; j < 8; j++) {
                double mean = 0;
                for (double[] row : rows) {
                    mean += row[j] / rows.length;
                }
                for (int i = 0; i < rows.length; i++) {
                    features[i][j] += kept.contains(unit) ? rows[i][j] : fill == Fill.MEAN ? mean : 0;
                }
            }
        }
        int right = 0;
        int[] labels = trace.labels();
        for (int i = 0; i < features.length; i++) {
            int best = 0;
            double[] logits = new double[classes];
            double norm = 0;
            for (double f : features[i]) {
                norm += f * f;
            }
            for (int c = 0; c < classes; c++) {
                for (int j = 0; j < 8; j++) {
                    logits[c] += features[i][j] / Math.sqrt(norm) * classifier.weights()[j * classes + c];
                }
                best = logits[c] > logits[best] ? c : best;
            }
            right += best == labels[i] ? 1 : 0;
        }
        return right;
    }

    @ParameterizedTest
    @EnumSource(Fill.class)
    void accuracies_ofManyAblations_equalTheDefinition(Fill fill) {
        Trace<Split.Test> trace = trace(300, 5, 7);
        Classifier classifier = classifier(5);
        List<Ablation> ablations = new ArrayList<>();
        Random random = new Random(5);
        for (int a = 0; a < 12; a++) {
            Set<UnitId> kept = new HashSet<>(SHAPE.ids());
            kept.removeIf(u -> random.nextBoolean());
            ablations.add(new Ablation(kept, fill));
        }
        ablations.add(Ablation.of(SHAPE, SHAPE.mlpIds(), fill));
        List<Accuracy> got = Ablation.accuracies(ablations, trace, classifier, trace);
        for (int a = 0; a < ablations.size(); a++) {
            assertEquals(
                    right(trace, classifier, ablations.get(a).kept(), fill),
                    got.get(a).right(),
                    "ablation " + a);
        }
    }

    @Test
    void accuracy_ofEachHeadAlone_equalsTheDefinition() {
        Trace<Split.Validation> trace = trace(200, 3, 9);
        Classifier classifier = classifier(3);
        double[] scores = HeadScores.accuracy(trace, classifier);
        for (int h = 0; h < scores.length; h++) {
            int expected = right(trace, classifier, Set.of(SHAPE.headIds().get(h)), Fill.ZERO);
            assertEquals(expected / 200.0, scores[h], 1e-12);
        }
    }

    @Test
    void oneClass_isAlwaysRightAndNoScoreIsNaN() {
        Trace<Split.Validation> trace = trace(40, 1, 2);
        Classifier classifier = classifier(1);
        for (double score : HeadScores.accuracy(trace, classifier)) {
            assertEquals(1, score);
        }
        for (double score : HeadScores.taskCorrelation(trace, classifier)) {
            assertTrue(score >= -1 && score <= 1);
        }
        Trace<Split.Test> test = trace(40, 1, 3);
        HeadSelection.Result result = new HeadSelection(trace, classifier, false, 1, Progress.silent()).measure(test);
        assertEquals(1, result.full().value());
        result.curves().forEach(c -> assertEquals(1, c.best().testMean()));
    }

    @Test
    void constantHeads_correlateWithNothing() {
        float[] zeros = new float[30 * SHAPE.allHeads() * 3];
        TraceBlock block = MadeUpTrace.block(FRAME, zeros, new float[60], new float[30 * 3 * 8], 30, 2);
        for (double score : HeadScores.correlation(MadeUpTrace.<Split>trace(FRAME, block))) {
            assertEquals(0, score);
        }
    }

    /** One head decides the classes and the others are weak noise: every informed score must find it. */
    @Test
    void measure_findsTheHeadThatDecides() {
        UnitShape shape = new UnitShape(1, 10, 3, 8);
        UnitFrame frame = MadeUpTrace.frame(shape, 4);
        Classifier classifier = classifierAlong(frame);
        HeadSelection selection = new HeadSelection(decided(frame, 11), classifier, false, 1, Progress.silent());
        UnitId deciding = new UnitId(UnitId.Kind.HEAD, 0, 6);
        for (Score score : List.of(Score.SUPERVISED, Score.UNSUPERVISED, Score.TASK)) {
            List<List<UnitId>> rankings = selection.rankings().get(score);
            assertTrue(rankings != null && rankings.get(0).get(0).equals(deciding), score.label());
        }
        HeadSelection.Result result = selection.measure(decided(frame, 12));
        Curve supervised = result.curves().get(0);
        assertEquals(Score.SUPERVISED, supervised.score());
        assertTrue(supervised.points().get(0).testMean() > .95);
        assertEquals(1, supervised.best().kept(), "of equals the fewest heads");
        Point random = result.curves().stream()
                .filter(c -> c.score() == Score.RANDOM)
                .findFirst()
                .orElseThrow()
                .points()
                .get(0);
        assertEquals(HeadSelection.RANDOM_SEEDS, random.test().size());
        assertTrue(random.testMean() < supervised.points().get(0).testMean());
        assertTrue(random.testDeviation() >= 0);
    }

    /** Two classes by the sign of head 6's first coordinate. */
    private static <S extends Split> Trace<S> decided(UnitFrame frame, long seed) {
        int n = 200;
        Random random = new Random(seed);
        float[] heads = new float[n * 10 * 3];
        for (int i = 0; i < n; i++) {
            for (int h = 0; h < 10; h++) {
                for (int k = 0; k < 3; k++) {
                    heads[(i * 10 + h) * 3 + k] = (float) (.02 * random.nextGaussian());
                }
            }
            heads[(i * 10 + 6) * 3] = (i % 2 == 0 ? 2 : -2) + (float) (.3 * random.nextGaussian());
        }
        return MadeUpTrace.trace(frame, MadeUpTrace.block(frame, heads, new float[n * 2], new float[n * 2 * 8], n, 2));
    }

    private static Classifier classifierAlong(UnitFrame frame) {
        float[] weights = new float[16];
        for (int j = 0; j < 8; j++) {
            // column 0 of head 6's map: h + 3 = 6 numbers a row, 8 rows a head
            float along = frameMap(frame, 6, j);
            weights[j * 2] = along;
            weights[j * 2 + 1] = -along;
        }
        return new Classifier(List.of("plus", "minus"), weights);
    }

    private static float frameMap(UnitFrame frame, int head, int row) {
        try (io.residual.tensor.NativeScope scope = io.residual.tensor.NativeScope.inference()) {
            float[] map = io.residual.tensor.Tensors.floats(frame.map(new UnitId(UnitId.Kind.HEAD, 0, head)));
            return map[row * 6];
        }
    }

    @Test
    void layers_cumulativeToTheLast_isTheEmbeddingAlone() {
        Trace<Split.Validation> validation = trace(80, 3, 21);
        Trace<Split.Test> test = trace(80, 3, 22);
        Classifier classifier = classifier(3);
        HeadSelection.Result result =
                new HeadSelection(validation, classifier, false, 1, Progress.silent()).measure(test);
        HeadSelection.Layers all = result.layers().stream()
                .filter(l -> l.removed().equals("heads and MLPs") && l.cumulative() && l.fill() == Fill.ZERO)
                .findFirst()
                .orElseThrow();
        assertEquals(2, all.test().size());
        assertEquals(
                right(test, classifier, Set.of(SHAPE.unit(0)), Fill.ZERO),
                all.test().get(1).right());
        assertEquals(
                right(test, classifier, Set.copyOf(SHAPE.ids()), Fill.ZERO),
                result.full().right());
        assertEquals(
                right(test, classifier, Set.copyOf(SHAPE.headIds()), Fill.ZERO),
                result.headsOnly(Fill.ZERO).right());
    }

    /** Means come from validation: with others kept and all heads ablated to their mean, the test sees those means. */
    @Test
    void keepOthers_keepsEmbeddingAndMlps() {
        Trace<Split.Validation> validation = trace(80, 3, 21);
        Trace<Split.Test> test = trace(80, 3, 22);
        Classifier classifier = classifier(3);
        HeadSelection selection = new HeadSelection(validation, classifier, true, 1, Progress.silent());
        List<List<UnitId>> ranking = selection.rankings().get(Score.SUPERVISED);
        Set<UnitId> kept = new HashSet<>(SHAPE.mlpIds());
        kept.add(SHAPE.unit(0));
        kept.add(ranking == null ? SHAPE.unit(0) : ranking.get(0).get(0));
        Curve zero = selection.measure(test).curves().get(0);
        assertEquals(Fill.ZERO, zero.fill());
        assertEquals(
                right(test, classifier, kept, Fill.ZERO),
                zero.points().get(0).test().get(0).right());
    }

    /** A map without an order would make another file each time. */
    @Test
    void rankings_standInTheOrderOfScores() {
        HeadSelection selection = new HeadSelection(trace(40, 3, 21), classifier(3), false, 1, Progress.silent());
        assertEquals(List.of(Score.values()), List.copyOf(selection.rankings().keySet()));
    }

    /** Python's rounding of the same shares; 1 % of 48 heads is one head, which is there already. */
    @Test
    void sizes_areOneHeadThenTheShares() {
        assertEquals(List.of(1, 2, 5, 12, 24, 36), HeadSelection.sizes(48));
        assertEquals(List.of(1, 7, 14, 36, 72, 108), HeadSelection.sizes(144));
        assertEquals(List.of(1, 4, 19, 38, 96, 192, 288), HeadSelection.sizes(384));
        assertEquals(List.of(1, 2), HeadSelection.sizes(2));
    }

    @Test
    void ranked_equalScores_keepTheirOrder() {
        List<UnitId> heads = SHAPE.headIds();
        List<UnitId> ranked = HeadSelection.ranked(heads, new double[] {1, 3, 2, 3, 0, 0, 0, 0});
        assertEquals(List.of(heads.get(1), heads.get(3), heads.get(2), heads.get(0)), ranked.subList(0, 4));
    }

    @Test
    void jaccard_byHand() {
        assertEquals(1 / 3.0, Overlap.jaccard(Set.of(1, 2), Set.of(2, 3)));
        assertEquals(1, Overlap.jaccard(List.of(1, 2), List.of(2, 1)));
        assertEquals(0, Overlap.jaccard(Set.of(1), Set.of(2)));
        assertTrue(Double.isNaN(Overlap.jaccard(Set.of(), Set.of())));
        assertFalse(Double.isNaN(Overlap.jaccard(Set.of(), Set.of(1))));
    }

    /** Every pair of sets drawn and counted. */
    @ParameterizedTest
    @CsvSource({"1, 5", "2, 5", "3, 5", "4, 6", "6, 6"})
    void byChance_equalsTheMeanOverAllPairsOfSets(int k, int n) {
        List<Set<Integer>> sets = new ArrayList<>();
        for (int bits = 0; bits < 1 << n; bits++) {
            if (Integer.bitCount(bits) == k) {
                Set<Integer> set = new HashSet<>();
                for (int i = 0; i < n; i++) {
                    if ((bits >> i & 1) == 1) {
                        set.add(i);
                    }
                }
                sets.add(set);
            }
        }
        double sum = 0;
        for (Set<Integer> a : sets) {
            for (Set<Integer> b : sets) {
                sum += Overlap.jaccard(a, b);
            }
        }
        assertEquals(sum / sets.size() / sets.size(), Overlap.byChance(k, n), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> Overlap.byChance(n + 1, n));
    }
}
