package io.residual.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Sampling that keeps every class's share. */
final class Stratified {
    private Stratified() {}

    /**
     * {@code count} of the positions 0 … labels.length − 1. Each class gives its exact share rounded down; what is left
     * goes to the largest remainders.
     */
    static int[] sample(int[] labels, int count, SplittableRandom random) {
        TreeMap<Integer, List<Integer>> byClass = new TreeMap<>();
        for (int i = 0; i < labels.length; i++) {
            byClass.computeIfAbsent(labels[i], k -> new ArrayList<>()).add(i);
        }
        List<List<Integer>> classes = new ArrayList<>(byClass.values());
        int[] quota = new int[classes.size()];
        double[] remainder = new double[classes.size()];
        int given = 0;
        for (int c = 0; c < quota.length; c++) {
            double exact = (double) count * classes.get(c).size() / labels.length;
            quota[c] = (int) exact;
            remainder[c] = exact - quota[c];
            given += quota[c];
        }
        List<Integer> order = IntStream.range(0, quota.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -remainder[c]).thenComparing(c -> c))
                .toList();
        for (int i = 0; given < count; i++, given++) {
            quota[order.get(i)]++;
        }
        List<Integer> chosen = new ArrayList<>();
        for (int c = 0; c < quota.length; c++) {
            List<Integer> pool = classes.get(c);
            for (int i = 0; i < quota[c]; i++) {
                int j = i + random.nextInt(pool.size() - i);
                int picked = pool.get(j);
                pool.set(j, pool.get(i));
                pool.set(i, picked);
                chosen.add(picked);
            }
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }
}
