package io.residual.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.Progress;
import io.residual.spectrum.Features;
import io.residual.spectrum.Neighbours;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelOrderTest {
    private static final int WIDTH = 8;
    private static final int GROUPS = 4;
    private static final int EACH = 12;
    private static final int IMAGES = GROUPS * EACH;

    /** Four groups of images around four directions; image i is of group i mod 4. */
    private static Features groups(double noise) {
        Random random = new Random(4);
        float[] values = new float[IMAGES * WIDTH];
        for (int i = 0; i < IMAGES; i++) {
            for (int j = 0; j < WIDTH; j++) {
                values[i * WIDTH + j] = (float) (noise * random.nextGaussian()) + (j == i % GROUPS ? 1 : 0);
            }
        }
        boolean[] known = new boolean[IMAGES];
        Arrays.fill(known, true);
        return new Features(WIDTH, values, known);
    }

    private static int[] none() {
        int[] none = new int[IMAGES];
        Arrays.fill(none, -1);
        return none;
    }

    private static boolean[] labelled(int... labels) {
        boolean[] labelled = new boolean[labels.length];
        for (int i = 0; i < labels.length; i++) {
            labelled[i] = labels[i] >= 0;
        }
        return labelled;
    }

    private static List<Integer> ordered(Features features, int[] labels, int[] twins, int count) {
        return LabelOrder.of(features, labels, labelled(labels), GROUPS, twins, count, Progress.silent())
                .picks()
                .stream()
                .map(LabelOrder.Pick::image)
                .toList();
    }

    @Test
    void firstImages_areOneOfEachGroup_andNoneIsListedTwice() {
        List<Integer> order = ordered(groups(.1), none(), none(), IMAGES);
        assertEquals(
                GROUPS,
                order.subList(0, GROUPS).stream()
                        .map(i -> i % GROUPS)
                        .distinct()
                        .count());
        assertEquals(IMAGES, order.stream().distinct().count());
    }

    /** Computed by comparing all sums, without the queue. */
    @Test
    void eachImage_isTheOneThatAddsTheMost() {
        Features features = groups(.4);
        Neighbours near = Neighbours.of(features, IMAGES - 1, Progress.silent());
        double[][] likeness = new double[IMAGES][IMAGES];
        for (int i = 0; i < IMAGES; i++) {
            likeness[i][i] = 1;
            for (int r = 0; r < IMAGES - 1; r++) {
                likeness[i][near.image(i, r)] = Math.pow(Math.max(0, near.cosine(i, r)), 2);
            }
        }
        double[] covered = new double[IMAGES];
        List<Integer> order = ordered(features, none(), none(), 10);
        for (int pick : order) {
            double[] gains = IntStream.range(0, IMAGES)
                    .mapToDouble(c -> IntStream.range(0, IMAGES)
                            .mapToDouble(j -> Math.max(0, likeness[j][c] - covered[j]))
                            .sum())
                    .toArray();
            assertEquals(Arrays.stream(gains).max().orElse(0), gains[pick], 1e-5);
            for (int j = 0; j < IMAGES; j++) {
                covered[j] = Math.max(covered[j], likeness[j][pick]);
            }
        }
    }

    @Test
    void groupThatHasALabel_waits_andDoubtfulImagesComeBeforeSureOnes() {
        Features features = groups(.1);
        int[] labels = none();
        labels[0] = 0;
        labels[1] = 1;
        List<Integer> order = ordered(features, labels, none(), 2);
        assertTrue(order.stream().allMatch(i -> i % GROUPS > 1), order.toString());
        for (int i = 0; i < IMAGES - GROUPS; i++) {
            labels[i] = i % GROUPS;
        }
        float[] between = features.values().clone();
        int odd = IMAGES - 1; // of group 3, now half way to group 2
        for (int j = 0; j < WIDTH; j++) {
            between[odd * WIDTH + j] = j == 2 || j == 3 ? .5f : 0;
        }
        List<LabelOrder.Pick> picks = LabelOrder.of(
                        new Features(WIDTH, between, features.known()),
                        labels,
                        labelled(labels),
                        GROUPS,
                        none(),
                        4,
                        Progress.silent())
                .picks();
        assertEquals(odd, picks.get(0).image());
        assertEquals(5, picks.get(0).first() + picks.get(0).second(), "between classes 2 and 3");
        picks.subList(1, 4).forEach(p -> assertTrue(p.doubt() < picks.get(0).doubt(), picks.toString()));
    }

    @Test
    void twinsOfLabelledOrListedImages_areLeftOut_andCounted() {
        int[] labels = none();
        labels[0] = 0;
        int[] twins = none();
        twins[0] = twins[4] = 0;
        twins[1] = twins[5] = twins[9] = 1;
        LabelOrder order =
                LabelOrder.of(groups(.1), labels, labelled(labels), GROUPS, twins, IMAGES, Progress.silent());
        List<Integer> images =
                order.picks().stream().map(LabelOrder.Pick::image).toList();
        assertFalse(images.contains(4));
        assertEquals(1, images.stream().filter(i -> twins[i] == 1).count());
        assertEquals(3, order.twins());
        assertEquals(IMAGES - 1 - 3, images.size());
    }

    /** Image 0 is labelled; 1 and 2 are test images, whose embeddings are changed; the others are to be ordered. */
    @Test
    void testImages_changeNothing_butTheirCopiesDropOut() {
        int[] labels = none();
        labels[0] = 0;
        labels[3] = 3;
        Features one = groups(.1);
        float[] changed = one.values().clone();
        Arrays.fill(changed, WIDTH, 3 * WIDTH, 1);
        changed[WIDTH] = -7;
        Features other = new Features(WIDTH, changed, one.known());
        int[] twins = none();
        twins[1] = twins[5] = 0;
        int before = 4;
        LabelOrder order = LabelNext.order(one, before, labels, GROUPS, twins, IMAGES, Progress.silent());
        assertEquals(order, LabelNext.order(other, before, labels, GROUPS, twins, IMAGES, Progress.silent()));
        List<Integer> images =
                order.picks().stream().map(LabelOrder.Pick::image).toList();
        assertTrue(images.stream().allMatch(i -> i >= before && i != 5), images.toString());
        assertEquals(IMAGES - before - 1, images.size());
        assertEquals(1, order.twins());
        assertTrue(images.get(0) % GROUPS == 1 || images.get(0) % GROUPS == 2, "test images stand for nobody");
    }

    @Test
    void lawOfExactErrors_isFound_andSaysHowManyLabelsAnErrorTakes() {
        int[] sizes = {20, 40, 80, 160, 320};
        double[] errors =
                Arrays.stream(sizes).mapToDouble(n -> .05 + 2 / Math.sqrt(n)).toArray();
        LabelCurve.Law law = LabelCurve.law(sizes, errors);
        assertEquals(.05 + 2 / Math.sqrt(640), law.error(640), .004, "the floor is found on a grid");
        assertEquals(640, law.labels(.05 + 2 / Math.sqrt(640)), 40);
        assertEquals(Double.POSITIVE_INFINITY, law.labels(.01), "below the floor");
        assertEquals(
                Double.POSITIVE_INFINITY,
                LabelCurve.law(sizes, .3, .3, .3, .3, .3).labels(.2),
                "nothing is learned");
    }

    @Test
    void curveOfSeparableGroups_risesToOne() {
        int[] labels = IntStream.range(0, IMAGES).map(i -> i % GROUPS).toArray();
        int[] train = IntStream.range(0, 40).toArray();
        int[] held = IntStream.range(40, IMAGES).toArray();
        LabelCurve curve = LabelCurve.of(groups(.1), labels, GROUPS, train, held, 1);
        assertEquals(1, curve.accuracy()[curve.sizes().length - 1], 1e-9);
        assertTrue(LabelCurve.isPossible(40, GROUPS) && !LabelCurve.isPossible(20, GROUPS));
        LabelCurve.Between between = curve.accuracy(80);
        assertTrue(between.low() <= between.value() && between.value() <= between.high(), between.toString());
    }
}
