package io.residual.predict;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.description.NearestTexts;
import io.residual.predict.Explanation.ComponentShare;
import io.residual.predict.Explanation.UnitShare;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why one class and not another: an {@link Explanation} read for two classes, the units and components that matter most first. Immutable.
 */
public final class Contrast {
    private static final int SHOWN = 10;
    private static final int WORDS = 2;

    private final Explanation explanation;
    private final Adapter adapter;
    private final @Nullable NearestTexts words;
    private final int chosen;
    private final int other;
    private final int top;

    private Contrast(
            Explanation explanation, Adapter adapter, @Nullable NearestTexts words, int chosen, int other, int top) {
        this.explanation = explanation;
        this.adapter = adapter;
        this.words = words;
        this.chosen = chosen;
        this.other = other;
        this.top = top;
    }

    /**
     * The class that was chosen against the one with the next largest logit.
     *
     * @param adapter the explanation's
     * @param words to name components with, or null
     * @throws InputException if there is one class only
     */
    public static Contrast of(Explanation explanation, Adapter adapter, @Nullable NearestTexts words) {
        int chosen = explanation.chosen();
        return new Contrast(explanation, adapter, words, chosen, next(explanation, chosen), SHOWN);
    }

    /**
     * A copy about other classes.
     *
     * @param about the class to explain; null for the predicted class
     * @param against the class to compare it with; null for the one with the next largest logit
     */
    public Contrast about(@Nullable Integer about, @Nullable Integer against) {
        int first = about == null ? explanation.chosen() : about;
        int second = against == null ? next(explanation, first) : against;
        if (first == second) {
            throw InputException.at(
                    "the class to compare with",
                    explanation.classes().get(first),
                    "another class than the explained one",
                    "Name another");
        }
        return new Contrast(explanation, adapter, words, first, second, top);
    }

    /** The same with so many units and components shown. */
    public Contrast top(int count) {
        return new Contrast(explanation, adapter, words, chosen, other, Math.max(0, count));
    }

    /** What is read. */
    public Explanation explanation() {
        return explanation;
    }

    /** Whether an adapter was at work, or the unadapted model. */
    public boolean adapted() {
        return adapter.method() != Method.BASE;
    }

    /** The name of the class that is explained. */
    public String chosen() {
        return explanation.classes().get(chosen);
    }

    /** The name of the class that it is compared with. */
    public String other() {
        return explanation.classes().get(other);
    }

    /** The index of the class that is explained. */
    public int chosenIndex() {
        return chosen;
    }

    /** The index of the class that it is compared with. */
    public int otherIndex() {
        return other;
    }

    private static int next(Explanation explanation, int chosen) {
        int next = -1;
        for (int c = 0; c < explanation.classes().size(); c++) {
            boolean better = next < 0 || explanation.after()[c] > explanation.after()[next];
            next = c != chosen && better ? c : next;
        }
        if (next < 0) {
            throw InputException.at("the classes", "one", "two or more", "Give at least two classes");
        }
        return next;
    }

    /** By how much a logit of the one class exceeds that of the other. {@code logits}: [C], or what a unit adds to them. */
    public double of(double[] logits) {
        return logits[chosen] - logits[other];
    }

    /** The units that matter most, in either model, the largest first. */
    public List<UnitShare> units() {
        return explanation.units().stream()
                .sorted(Comparator.comparingDouble(u -> -Math.max(Math.abs(of(u.after())), Math.abs(of(u.before())))))
                .limit(top)
                .toList();
    }

    /** The components that matter most, the largest first. */
    public List<ComponentShare> components() {
        return explanation.components().stream()
                .sorted(Comparator.comparingDouble(k -> -Math.abs(of(k.after()))))
                .limit(top)
                .toList();
    }

    /** The texts farthest along a component's direction, towards where the image lies; none without words. */
    public List<String> towards(ComponentShare share) {
        if (words == null) {
            return List.of();
        }
        ComponentDesign design = (ComponentDesign)
                Objects.requireNonNull(adapter.spectral(), "components").design();
        ComponentDesign.Part part = design.parts().stream()
                .filter(p -> p.unit().equals(share.unit()))
                .findFirst()
                .orElseThrow();
        int d = part.mean().length;
        double sign = Math.signum(share.coefficient());
        double[] direction = new double[d];
        for (int j = 0; j < d; j++) {
            direction[j] = sign * part.components()[share.component() * d + j];
        }
        return words.along(direction, WORDS);
    }

    /**
     * The report as JSON: the contributions of every unit and of the largest components.
     *
     * @param calibration the adapter's, or null
     */
    public ObjectNode json(@Nullable Calibration calibration) {
        ObjectNode root = Schema.EXPLANATION
                .document()
                .put("image", explanation.image())
                .put("class", explanation.classes().get(chosen))
                .put("against", explanation.classes().get(other))
                .put("error", explanation.error());
        root.set("classes", Json.of(explanation.classes()));
        root.set("logits_before", Json.of(explanation.before()));
        root.set("logits", Json.of(explanation.after()));
        if (calibration != null) {
            root.set("calibration", calibration.json());
        }
        ArrayNode units = root.putArray("units");
        explanation.units().forEach(u -> {
            ObjectNode node = units.addObject().put("unit", u.unit().toString());
            node.set("before", Json.of(u.before()));
            node.set("after", Json.of(u.after()));
        });
        ArrayNode constants = root.putArray("constants");
        explanation
                .constants()
                .forEach(k -> constants.addObject().put("name", k.name()).set("after", Json.of(k.after())));
        ArrayNode parts = root.putArray("components");
        components().forEach(k -> {
            ObjectNode node = parts.addObject()
                    .put("unit", k.unit().toString())
                    .put("component", k.component())
                    .put("lambda", k.lambda())
                    .put("coefficient", k.coefficient());
            node.set("before", Json.of(k.before()));
            node.set("after", Json.of(k.after()));
            node.set("towards", Json.of(towards(k)));
        });
        return root;
    }
}
