package io.residual.probing;

import io.residual.units.UnitId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether components of one head encode the same factor.
 *
 * @param heads how many have two components or more beyond chance
 * @param agreement share of a head's encoded variance that its main factor takes, averaged over heads
 * @param chance the same after dealing out the factors of a layer's components at random, each keeping its amount
 * @param probability of at least {@code agreement} by such dealing
 */
public record Specialisation(int heads, double agreement, double chance, double probability) {
    private static final int ROUNDS = 1000;

    /**
     * Of the heads among some components.
     *
     * @param chance the ε² above which a component encodes a factor
     */
    static Specialisation of(List<Component> components, double chance, long seed) {
        return of(components, chance, seed, ROUNDS);
    }

    static Specialisation of(List<Component> components, double chance, long seed, int rounds) {
        List<Component> encoded = components.stream()
                .filter(c -> c.unit().kind() == UnitId.Kind.HEAD && c.bestStrength() > chance)
                .toList();
        List<Factor> factors = encoded.stream().map(Component::best).toList();
        int heads = (int) byHead(encoded, factors).values().stream()
                .filter(h -> h.components > 1)
                .count();
        if (heads == 0) {
            return new Specialisation(0, 0, 0, 1);
        }
        List<Integer> layers = encoded.stream().map(c -> c.unit().layer()).toList();
        Permutation test = Permutation.test(
                agreement(encoded, factors),
                rounds,
                seed,
                random -> agreement(encoded, Permutation.within(layers, factors, random)));
        return new Specialisation(heads, test.observed(), test.chance(), test.probability());
    }

    /** What a head encodes: of how many components, and how much of each factor. */
    private static final class Head {
        private final double[] amounts = new double[Factor.values().length];
        private int components;
    }

    private static Map<UnitId, Head> byHead(List<Component> encoded, List<Factor> factors) {
        Map<UnitId, Head> heads = new LinkedHashMap<>();
        for (int i = 0; i < encoded.size(); i++) {
            Component c = encoded.get(i);
            Head head = heads.computeIfAbsent(c.unit(), u -> new Head());
            head.amounts[factors.get(i).ordinal()] += c.share() * c.bestStrength();
            head.components++;
        }
        return heads;
    }

    /** The main factor's share of what a head encodes, averaged over heads with two components or more. */
    private static double agreement(List<Component> encoded, List<Factor> factors) {
        double sum = 0;
        int heads = 0;
        for (Head head : byHead(encoded, factors).values()) {
            if (head.components > 1) {
                sum += Arrays.stream(head.amounts).max().orElse(0)
                        / Arrays.stream(head.amounts).sum();
                heads++;
            }
        }
        return sum / heads;
    }
}
