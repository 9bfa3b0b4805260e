package io.residual;

import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The logits of one image as exact sums: for each class, the parts add up to its logit, up to {@code error}. Immutable.
 *
 * <pre>{@code
 * Explanation explanation = classifier.explain(image);
 * Explanation.Part most = explanation.between(one, other).get(0);
 * }</pre>
 *
 * @param classes C names
 * @param before the model's own logits, C of them
 * @param after the adapter's logits, C of them, before temperature scaling
 * @param parts the contribution of every unit, and constants that do not depend on the image
 * @param error largest difference between a sum and its logit
 */
public record Explanation(
        List<String> classes, List<Double> before, List<Double> after, List<Part> parts, double error) {
    /** Copies the lists. */
    public Explanation {
        classes = List.copyOf(classes);
        before = List.copyOf(before);
        after = List.copyOf(after);
        parts = List.copyOf(parts);
    }

    /**
     * The contribution of one unit to each logit.
     *
     * @param name the unit's, such as {@code L5.H3}, or a constant's
     * @param before C numbers, in the unadapted model
     * @param after C numbers, with the adapter
     */
    public record Part(String name, List<Double> before, List<Double> after) {
        /** Copies the lists. */
        public Part {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }
    }

    /**
     * The class with the largest logit, with the adapter.
     *
     * @return its name
     */
    public String label() {
        int best = 0;
        for (int c = 1; c < after.size(); c++) {
            best = after.get(c) > after.get(best) ? c : best;
        }
        return classes.get(best);
    }

    /**
     * The parts by their contribution to the difference of two logits (that of {@code one} minus that of {@code other})
     * with the adapter, the largest first.
     *
     * @param one a class name
     * @param other a class name
     * @return all parts
     * @throws IllegalArgumentException if a name is not one of the classes
     */
    public List<Part> between(String one, String other) {
        int a = index(one);
        int b = index(other);
        return parts.stream()
                .sorted(Comparator.comparingDouble((Part p) -> p.after.get(b) - p.after.get(a)))
                .toList();
    }

    private int index(String name) {
        int index = classes.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no class '" + name + "' among " + classes);
        }
        return index;
    }

    static Explanation of(io.residual.predict.Explanation e) {
        List<Part> parts = new ArrayList<>();
        e.units().forEach(u -> parts.add(new Part(name(u.unit()), list(u.before()), list(u.after()))));
        e.constants().forEach(c -> parts.add(new Part(c.name(), list(new double[c.after().length]), list(c.after()))));
        return new Explanation(e.classes(), list(e.before()), list(e.after()), parts, e.error());
    }

    private static String name(UnitId unit) {
        return unit.toString();
    }

    private static List<Double> list(double... values) {
        List<Double> all = new ArrayList<>();
        for (double value : values) {
            all.add(value);
        }
        return all;
    }
}
