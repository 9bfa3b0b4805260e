package io.residual.probing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * A permutation test: a statistic of the data as they are, beside what it is after the same data were dealt out anew.
 *
 * @param observed the statistic of the data as they are
 * @param chance its mean over the rounds
 * @param probability of at least {@code observed} by such dealing: (rounds that reach it + 1) / (rounds + 1), which under the
 *     null hypothesis is at most p with probability at most p (Phipson and Smyth 2010)
 */
record Permutation(double observed, double chance, double probability) {
    /**
     * The test.
     *
     * @param dealt deals the data out anew by the next random numbers, and gives the statistic
     */
    static Permutation test(double observed, int rounds, long seed, ToDoubleFunction<Random> dealt) {
        double sum = 0;
        int atLeast = 0;
        for (double value : draws(rounds, seed, dealt)) {
            sum += value;
            atLeast += value >= observed ? 1 : 0;
        }
        return new Permutation(observed, sum / rounds, (atLeast + 1.0) / (rounds + 1));
    }

    /** The value that so many of the rounds do not exceed: .95 for the level that dealing exceeds in one case of 20. */
    static double percentile(double share, int rounds, long seed, ToDoubleFunction<Random> dealt) {
        double[] draws = draws(rounds, seed, dealt);
        Arrays.sort(draws);
        return draws[(int) Math.ceil(share * rounds) - 1];
    }

    private static double[] draws(int rounds, long seed, ToDoubleFunction<Random> dealt) {
        Random random = new Random(seed);
        double[] draws = new double[rounds];
        for (int r = 0; r < rounds; r++) {
            draws[r] = dealt.applyAsDouble(random);
        }
        return draws;
    }

    /** The same values dealt out anew among those of one group. {@code groups} and {@code values} go side by side. */
    static <V> List<V> within(List<?> groups, List<V> values, Random random) {
        Map<Object, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            members.computeIfAbsent(groups.get(i), g -> new ArrayList<>()).add(i);
        }
        List<V> out = new ArrayList<>(values);
        for (List<Integer> here : members.values()) {
            List<V> dealt = new ArrayList<>(here.stream().map(values::get).toList());
            Collections.shuffle(dealt, random);
            for (int i = 0; i < here.size(); i++) {
                out.set(here.get(i), dealt.get(i));
            }
        }
        return out;
    }
}
