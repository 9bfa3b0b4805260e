package io.residual.probing;

import io.residual.units.UnitId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A principal component of a unit, and how much of it each attribute explains.
 *
 * @param share of its unit's variance
 * @param strength ε² of each factor, in the order of {@link Factor}
 */
public record Component(UnitId unit, int index, double share, double[] strength) {
    /** ε² of each factor for a component's coordinates. {@code levels}: of each factor, one an image. */
    static double[] strengths(double[] values, int[][] levels) {
        double[] strengths = new double[levels.length];
        for (Factor factor : Factor.values()) {
            strengths[factor.ordinal()] = Association.epsilonSquared(values, levels[factor.ordinal()], factor.levels());
        }
        return strengths;
    }

    /** The factor that explains most. */
    public Factor best() {
        return Factor.values()[largest(strength)];
    }

    /** How much it explains. */
    public double bestStrength() {
        return strength[best().ordinal()];
    }

    /** The factor that explains most of a unit's variance; null if nothing lies beyond chance. */
    static @Nullable Factor main(List<Component> components, UnitId unit, double chance) {
        boolean any = components.stream().anyMatch(c -> c.unit.equals(unit) && c.bestStrength() > chance);
        return any ? Factor.values()[largest(amounts(components, unit))] : null;
    }

    /** What each factor explains of a unit's variance, over its components. */
    public static double[] amounts(List<Component> components, UnitId unit) {
        double[] amounts = new double[Factor.values().length];
        for (Component c : components) {
            if (c.unit.equals(unit)) {
                for (int f = 0; f < amounts.length; f++) {
                    amounts[f] += c.share * Math.max(0, c.strength[f]);
                }
            }
        }
        return amounts;
    }

    private static int largest(double... values) {
        int best = 0;
        for (int f = 1; f < values.length; f++) {
            best = values[f] > values[best] ? f : best;
        }
        return best;
    }
}
