package io.residual.probing;

/**
 * The share of a number's variance over all images that a factor explains: ε² (Kelley 1935), which is η² corrected for
 * the share that as many levels explain by chance, so that its expectation is 0 where there is no association. Where a
 * factor does not apply to every image, what it explains among the others is related to the variance over all, so that
 * factors can be compared with one another.
 */
final class Association {
    private Association() {}

    /**
     * The statistic.
     *
     * @param values n numbers
     * @param levels level of each value, -1 for values that are left out
     * @param count number of levels
     * @return at most 1; possibly negative by chance; 0 if there is no variance
     */
    static double epsilonSquared(double[] values, int[] levels, int count) {
        double[] sums = new double[count];
        int[] sizes = new int[count];
        double total = 0;
        double squares = 0;
        double everything = 0;
        double everySquare = 0;
        int n = 0;
        for (int i = 0; i < values.length; i++) {
            everything += values[i];
            everySquare += values[i] * values[i];
            if (levels[i] >= 0) {
                sums[levels[i]] += values[i];
                sizes[levels[i]]++;
                total += values[i];
                squares += values[i] * values[i];
                n++;
            }
        }
        double between = 0;
        int groups = 0;
        for (int g = 0; g < count; g++) {
            if (sizes[g] > 0) {
                between += sums[g] * sums[g] / sizes[g];
                groups++;
            }
        }
        double mean = n == 0 ? 0 : total * total / n;
        double all = squares - mean;
        double whole = everySquare - everything * everything / Math.max(1, values.length);
        if (groups < 2 || n <= groups || all <= 0 || whole <= 0) {
            return 0;
        }
        between -= mean;
        double within = (all - between) / (n - groups);
        return (between - (groups - 1) * within) / whole;
    }

    /** The level whose mean lies furthest out in a direction (+1 or -1). */
    static int extremeLevel(double[] values, int[] levels, int count, double sign) {
        double[] sums = new double[count];
        int[] sizes = new int[count];
        for (int i = 0; i < values.length; i++) {
            if (levels[i] >= 0) {
                sums[levels[i]] += values[i];
                sizes[levels[i]]++;
            }
        }
        int best = -1;
        for (int g = 0; g < count; g++) {
            if (sizes[g] > 0 && (best < 0 || sign * sums[g] / sizes[g] > sign * sums[best] / sizes[best])) {
                best = g;
            }
        }
        return best;
    }
}
