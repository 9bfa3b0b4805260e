package io.residual.audit;

import io.residual.spectrum.Features;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The accuracy of ridge regression on embeddings with few labels, continued: the error is taken to fall as a + b n^−c to a floor a (Cortes
 * et al. 1994). Every interval comes from resampling both the draws and the images that are predicted.
 *
 * @param sizes numbers of labelled images that were drawn, ascending
 * @param accuracy mean over draws of each
 * @param evaluated how many images were predicted
 * @param laws those of the resampled curves, that of the curve itself first
 */
public record LabelCurve(int[] sizes, double[] accuracy, int evaluated, List<Law> laws) {
    /** Draws of each size. */
    private static final int DRAWS = 10;

    private static final int RESAMPLED = 400;
    private static final int FLOORS = 25;
    private static final int LEAST = 10;

    /** Further than this many times the labels there are, nothing is said. */
    public static final double FARTHEST = 32;

    /** An error a + b n^−c. */
    public record Law(double a, double b, double c) {
        /** The error with n labels. */
        public double error(double n) {
            return a + b * Math.pow(n, -c);
        }

        /** How many labels an error takes; infinite where it is below the floor. */
        public double labels(double error) {
            return c <= 0 || error <= a ? Double.POSITIVE_INFINITY : Math.pow(b / (error - a), 1 / c);
        }
    }

    /** A number with its 95 % interval. */
    public record Between(double value, double low, double high) {}

    /**
     * Measures the curve.
     *
     * @param labelled images to learn from
     * @param heldOut images to predict
     */
    static LabelCurve of(Features features, int[] labels, int classes, int[] labelled, int[] heldOut, long seed) {
        int[] sizes = sizes(labelled.length, classes);
        SplittableRandom random = new SplittableRandom(seed);
        boolean[][][] right = new boolean[sizes.length][DRAWS][];
        for (int s = 0; s < sizes.length; s++) {
            for (int d = 0; d < DRAWS; d++) {
                right[s][d] = right(features, labels, classes, drawn(labelled, sizes[s], random), heldOut);
            }
        }
        double[] accuracy = new double[sizes.length];
        for (int s = 0; s < sizes.length; s++) {
            accuracy[s] = mean(
                    right[s],
                    IntStream.range(0, heldOut.length).toArray(),
                    IntStream.range(0, DRAWS).toArray());
        }
        List<Law> laws = new ArrayList<>();
        laws.add(law(sizes, errors(accuracy)));
        for (int r = 0; r < RESAMPLED; r++) {
            int[] images = again(heldOut.length, random);
            double[] errors = new double[sizes.length];
            for (int s = 0; s < sizes.length; s++) {
                errors[s] = 1 - mean(right[s], images, again(DRAWS, random));
            }
            laws.add(law(sizes, errors));
        }
        return new LabelCurve(sizes, accuracy, heldOut.length, List.copyOf(laws));
    }

    /** Halves of what there is, down to two images of each class or {@link #LEAST}. */
    private static int[] sizes(int all, int classes) {
        List<Integer> sizes = new ArrayList<>();
        for (double size = all; size >= Math.max(LEAST, 2 * classes) && sizes.size() < 6; size /= 2) {
            sizes.add(0, (int) size);
        }
        return sizes.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Whether there are labels enough for a curve. */
    static boolean isPossible(int all, int classes) {
        return sizes(all, classes).length >= 3;
    }

    static int[] drawn(int[] of, int count, SplittableRandom random) {
        int[] mixed = of.clone();
        for (int i = 0; i < count; i++) {
            int j = i + random.nextInt(mixed.length - i);
            int kept = mixed[i];
            mixed[i] = mixed[j];
            mixed[j] = kept;
        }
        int[] out = Arrays.copyOf(mixed, count);
        Arrays.sort(out);
        return out;
    }

    private static int[] again(int n, SplittableRandom random) {
        return IntStream.range(0, n).map(i -> random.nextInt(n)).toArray();
    }

    /** Which held-out images a fit on some labels is right on. */
    static boolean[] right(Features features, int[] labels, int classes, int[] labelled, int[] heldOut) {
        int[] alone = new int[labels.length];
        Arrays.fill(alone, -1);
        double[] scores =
                OutOfSample.of(features, labelled, labels, alone, classes).scores(features, heldOut);
        boolean[] right = new boolean[heldOut.length];
        for (int i = 0; i < right.length; i++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                best = scores[i * classes + c] > scores[i * classes + best] ? c : best;
            }
            right[i] = best == labels[heldOut[i]];
        }
        return right;
    }

    private static double mean(boolean[][] right, int[] images, int[] draws) {
        int sum = 0;
        for (int d : draws) {
            for (int i : images) {
                sum += right[d][i] ? 1 : 0;
            }
        }
        return (double) sum / images.length / draws.length;
    }

    private static double[] errors(double... accuracy) {
        return Arrays.stream(accuracy).map(a -> 1 - a).toArray();
    }

    /** The law nearest to some errors: for each floor a line in logarithms, and of these the one of the least squared error. */
    static Law law(int[] sizes, double... errors) {
        double least = Arrays.stream(errors).min().orElse(0);
        Law best = new Law(least, 0, 1);
        double smallest = Double.POSITIVE_INFINITY;
        for (int f = 0; f < FLOORS; f++) {
            double floor = least * f / FLOORS;
            double n = 0;
            double x = 0;
            double y = 0;
            double xx = 0;
            double xy = 0;
            for (int s = 0; s < sizes.length; s++) {
                double left = errors[s] - floor;
                if (left > 0) {
                    double log = Math.log(sizes[s]);
                    n++;
                    x += log;
                    y += Math.log(left);
                    xx += log * log;
                    xy += log * Math.log(left);
                }
            }
            double slope = n < 2 ? 0 : (n * xy - x * y) / (n * xx - x * x);
            if (slope >= 0) {
                continue;
            }
            Law law = new Law(floor, Math.exp((y - slope * x) / n), -slope);
            double square = 0;
            for (int s = 0; s < sizes.length; s++) {
                square += Math.pow(law.error(sizes[s]) - errors[s], 2);
            }
            if (square < smallest) {
                smallest = square;
                best = law;
            }
        }
        return best;
    }

    /** The largest number of labels that was measured. */
    public int most() {
        return sizes[sizes.length - 1];
    }

    /** How many labels a wanted accuracy takes; infinite beyond {@link #FARTHEST} times what was measured. */
    public Between labels(double wanted) {
        return between(laws.stream().mapToDouble(l -> l.labels(1 - wanted)).toArray(), most() * FARTHEST);
    }

    /** The accuracy with a number of labels. */
    public Between accuracy(double labels) {
        return between(laws.stream().mapToDouble(l -> 1 - l.error(labels)).toArray(), Double.POSITIVE_INFINITY);
    }

    private static Between between(double[] values, double farthest) {
        double[] sorted = Arrays.copyOfRange(values, 1, values.length);
        Arrays.sort(sorted);
        double[] three = {
            values[0], sorted[(int) (.025 * (sorted.length - 1))], sorted[(int) Math.ceil(.975 * (sorted.length - 1))]
        };
        for (int i = 0; i < 3; i++) {
            three[i] = three[i] > farthest ? Double.POSITIVE_INFINITY : three[i];
        }
        return new Between(three[0], three[1], three[2]);
    }
}
