package io.residual.predict;

import io.residual.units.UnitId;
import java.util.List;

/**
 * An image's logits as exact sums, for the unadapted model and with an adapter. For a given length, a logit is linear
 * in the embedding, and the embedding is a sum of units. So every unit, and every component of an adapted unit,
 * contributes a definite amount to each logit (Gandelsman et al. 2024, section 3, for units; components and weights are
 * this project's).
 *
 * @param image its name
 * @param classes C names
 * @param before the model's own logits [C]
 * @param after the adapter's logits [C], before any temperature
 * @param units every unit's share
 * @param components every adapted component's share; their unit's share holds it already
 * @param constants what the adapter adds whatever the image shows
 * @param error largest |sum of shares − logit| over classes, before and after
 */
public record Explanation(
        String image,
        List<String> classes,
        double[] before,
        double[] after,
        List<UnitShare> units,
        List<ComponentShare> components,
        List<Constant> constants,
        double error) {
    public Explanation {
        classes = List.copyOf(classes);
        units = List.copyOf(units);
        components = List.copyOf(components);
        constants = List.copyOf(constants);
    }

    /**
     * The contribution of a unit to each logit.
     *
     * @param before [C] in the unadapted model
     * @param after [C] with the adapter
     */
    public record UnitShare(UnitId unit, double[] before, double[] after) {}

    /**
     * The contribution of a component of an adapted unit to each logit.
     *
     * @param component its index, the one of largest variance first
     * @param coefficient coordinate of the image along it, relative to the mean
     * @param lambda its learned weight
     * @param before [C], with weight 1, in the unadapted model
     * @param after [C]
     */
    public record ComponentShare(
            UnitId unit, int component, double coefficient, double lambda, double[] before, double[] after) {}

    /**
     * A contribution to each logit that does not depend on the image.
     *
     * @param name its name
     * @param after [C]
     */
    public record Constant(String name, double[] after) {}

    /** The class with the largest logit, with the adapter. */
    public int chosen() {
        return largest(after);
    }

    /** The class with the largest logit, in the unadapted model. */
    public int chosenBefore() {
        return largest(before);
    }

    private static int largest(double[] logits) {
        int best = 0;
        for (int c = 1; c < logits.length; c++) {
            best = logits[c] > logits[best] ? c : best;
        }
        return best;
    }
}
