package io.residual.probing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/**
 * Whether p-values of cases in which nothing is there are uniform between 0 and 1, by the largest distance of their empirical
 * distribution from it (Kolmogorov and Smirnov). Of n uniform numbers it exceeds 1.63/√n in one case of 100, and 1.52/√n on one
 * given side. A permutation test of R rounds gives multiples of 1/(R + 1), which adds as much. The seeds of the tests are fixed: their outcome
 * does not change from one run to the next.
 */
final class Uniform {
    private Uniform() {}

    static void require(double[] p, int rounds) {
        double step = 1.0 / (rounds + 1);
        double distance = Math.max(above(p), below(p));
        double bound = 1.63 / Math.sqrt(p.length) + step;
        assertTrue(distance < bound, "distance from uniform " + distance + ", expected below " + bound);
    }

    /** For statistics that come in steps: ties make p larger than uniform numbers are, and never smaller. */
    static void requireNotSmaller(double[] p, int rounds) {
        double bound = 1.52 / Math.sqrt(p.length) + 1.0 / (rounds + 1);
        assertTrue(above(p) < bound, "distance above uniform " + above(p) + ", expected below " + bound);
    }

    /** The most by which the share of numbers up to some x exceeds x. */
    private static double above(double... p) {
        double[] sorted = p.clone();
        Arrays.sort(sorted);
        double distance = 0;
        for (int i = 0; i < sorted.length; i++) {
            distance = Math.max(distance, (i + 1.0) / sorted.length - sorted[i]);
        }
        return distance;
    }

    /** The most by which some x exceeds the share of numbers below it. */
    private static double below(double... p) {
        double[] sorted = p.clone();
        Arrays.sort(sorted);
        double distance = 0;
        for (int i = 0; i < sorted.length; i++) {
            distance = Math.max(distance, sorted[i] - (double) i / sorted.length);
        }
        return distance;
    }
}
