package io.residual.probing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residual.base.RandomOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class PermutationTest {
    /** Gives 0, 1, 2 … in turn. */
    private static ToDoubleFunction<Random> counting() {
        int[] next = new int[1];
        return random -> next[0]++;
    }

    /** Of 0 … 9 three reach 7: p = (3 + 1) / (10 + 1). */
    @Test
    void probability_countsRoundsThatReachTheObserved() {
        Permutation test = Permutation.test(7, 10, 1, counting());
        assertEquals(4 / 11.0, test.probability(), 1e-12);
        assertEquals(4.5, test.chance(), 1e-12);
        assertEquals(1 / 11.0, Permutation.test(10, 10, 1, counting()).probability(), 1e-12);
        assertEquals(1, Permutation.test(0, 10, 1, counting()).probability(), 1e-12);
    }

    /** Of 0 … 199 the 190th value, counted from 1, is what five in a hundred exceed. */
    @Test
    void percentile_isExceededByTheRest() {
        assertEquals(189, Permutation.percentile(.95, 200, 1, counting()));
        assertEquals(199, Permutation.percentile(1, 200, 1, counting()));
    }

    @Test
    void within_keepsWhatAGroupHas() {
        List<String> groups = List.of("a", "b", "a", "b", "a", "c");
        List<Integer> values = List.of(1, 2, 3, 4, 5, 6);
        Random random = new Random(1);
        for (int r = 0; r < 50; r++) {
            List<Integer> dealt = Permutation.within(groups, values, random);
            assertEquals(List.of(1, 3, 5), sorted(dealt.get(0), dealt.get(2), dealt.get(4)));
            assertEquals(List.of(2, 4), sorted(dealt.get(1), dealt.get(3)));
            assertEquals(6, dealt.get(5));
        }
    }

    private static List<Integer> sorted(int... values) {
        return Arrays.stream(values).sorted().boxed().toList();
    }

    /** Each of the six orders of three: 1,000 of 6,000, with a deviation of √(6000 · 1/6 · 5/6) = 29. */
    @Test
    void within_dealsEveryOrderAlikeOften() {
        Map<List<Integer>, Integer> counts =
                new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        Random random = new Random(1);
        for (int r = 0; r < 6000; r++) {
            counts.merge(Permutation.within(List.of(0, 0, 0), List.of(1, 2, 3), random), 1, Integer::sum);
        }
        assertEquals(6, counts.size());
        counts.forEach((order, count) -> assertEquals(1000, count, 4 * 29, order.toString()));
    }

    @Test
    void within_ofTooFewGroups_isRefused() {
        assertThrows(
                IndexOutOfBoundsException.class, () -> Permutation.within(List.of(0), List.of(1, 2), new Random(1)));
    }

    /** Where levels mean nothing, the p-value of ε² is uniform; where they mean something, it is small. */
    @Test
    void probability_whereThereIsNothing_isUniform() {
        int rounds = 99;
        double[] p = new double[300];
        double[] planted = new double[20];
        Random random = new Random(7);
        for (int trial = 0; trial < p.length; trial++) {
            int[] levels = random.ints(40, 0, 4).toArray();
            double[] values = random.doubles(40).toArray();
            p[trial] = probability(values, levels, rounds, trial);
            if (trial < planted.length) {
                for (int i = 0; i < values.length; i++) {
                    values[i] += levels[i];
                }
                planted[trial] = probability(values, levels, rounds, trial);
            }
        }
        Uniform.require(p, rounds);
        assertEquals(.01, Arrays.stream(planted).max().orElse(1), 1e-12);
    }

    private static double probability(double[] values, int[] levels, int rounds, long seed) {
        return Permutation.test(Association.epsilonSquared(values, levels, 4), rounds, seed, random -> {
                    int[] order = RandomOrder.of(levels.length, random);
                    return Association.epsilonSquared(
                            values, Arrays.stream(order).map(i -> levels[i]).toArray(), 4);
                })
                .probability();
    }
}
