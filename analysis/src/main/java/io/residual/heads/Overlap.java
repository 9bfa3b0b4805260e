package io.residual.heads;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** The overlap of two selections of heads. */
public final class Overlap {
    private Overlap() {}

    /** |A ∩ B| / |A ∪ B| (Jaccard 1901); NaN for two empty sets. */
    public static <T> double jaccard(Collection<T> a, Collection<T> b) {
        Set<T> both = new HashSet<>(a);
        both.retainAll(new HashSet<>(b));
        Set<T> either = new HashSet<>(a);
        either.addAll(b);
        return either.isEmpty() ? Double.NaN : (double) both.size() / either.size();
    }

    /**
     * The expected {@link #jaccard} index of two random sets of {@code k} out of {@code n}; their intersection is
     * hypergeometric.
     */
    public static double byChance(int k, int n) {
        if (k < 1 || k > n) {
            throw new IllegalArgumentException(k + " of " + n);
        }
        double expected = 0;
        for (int common = Math.max(0, 2 * k - n); common <= k; common++) {
            double log = logChoose(k, common) + logChoose(n - k, k - common) - logChoose(n, k);
            expected += Math.exp(log) * common / (2 * k - common);
        }
        return expected;
    }

    private static double logChoose(int n, int k) {
        double log = 0;
        for (int i = 1; i <= k; i++) {
            log += Math.log(n - k + (double) i) - Math.log(i);
        }
        return log;
    }
}
