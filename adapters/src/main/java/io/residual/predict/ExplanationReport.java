package io.residual.predict;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.chart.BarChart;
import io.residual.chart.TextTable;
import io.residual.description.NearestTexts;
import io.residual.predict.Explanation.ComponentShare;
import io.residual.predict.Explanation.UnitShare;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An {@link Explanation} of one class against another as text, JSON and SVG. */
public final class ExplanationReport {
    private static final int SHOWN = 10;
    private static final int WORDS = 2;

    private final Explanation explanation;
    private final Adapter adapter;
    private final @Nullable NearestTexts words;
    private final int chosen;
    private final int other;
    private final int top;

    private ExplanationReport(
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
    public static ExplanationReport of(Explanation explanation, Adapter adapter, @Nullable NearestTexts words) {
        int chosen = explanation.chosen();
        return new ExplanationReport(explanation, adapter, words, chosen, next(explanation, chosen), SHOWN);
    }

    /**
     * A copy about other classes.
     *
     * @param about the class to explain; null for the predicted class
     * @param against the class to compare it with; null for the one with the next largest logit
     */
    public ExplanationReport about(@Nullable Integer about, @Nullable Integer against) {
        int first = about == null ? explanation.chosen() : about;
        int second = against == null ? next(explanation, first) : against;
        if (first == second) {
            throw InputException.at(
                    "the class to compare with",
                    explanation.classes().get(first),
                    "another class than the explained one",
                    "Name another");
        }
        return new ExplanationReport(explanation, adapter, words, first, second, top);
    }

    /** A copy that shows the given number of units and components. */
    public ExplanationReport top(int count) {
        return new ExplanationReport(explanation, adapter, words, chosen, other, Math.max(0, count));
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

    private double of(double[] logits) {
        return logits[chosen] - logits[other];
    }

    private List<UnitShare> units() {
        return explanation.units().stream()
                .sorted(Comparator.comparingDouble(u -> -Math.max(Math.abs(of(u.after())), Math.abs(of(u.before())))))
                .limit(top)
                .toList();
    }

    private List<ComponentShare> components() {
        return explanation.components().stream()
                .sorted(Comparator.comparingDouble(k -> -Math.abs(of(k.after()))))
                .limit(top)
                .toList();
    }

    /** The texts farthest along a component's direction, towards where the image lies. */
    private List<String> towards(ComponentShare share) {
        if (words == null) {
            return List.of();
        }
        ComponentDesign design = (ComponentDesign) ((Adapter.Spectral) adapter).design();
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

    /** The report as text. */
    public String text() {
        StringBuilder out = new StringBuilder();
        List<UnitShare> units = units();
        List<ComponentShare> components = components();
        List<String> names = explanation.classes();
        boolean adapted = adapter.method() != Method.BASE;
        out.append(String.format(
                "%s: %s%s%n",
                Printable.line(explanation.image()),
                Printable.line(names.get(explanation.chosen())),
                adapted ? "; without the adapter: " + Printable.line(names.get(explanation.chosenBefore())) : ""));
        out.append(String.format(
                Locale.ROOT,
                "logit of '%s' minus that of '%s': %+.3f%s; contributions add up to it, with an error of %.0e%n%n",
                Printable.line(names.get(chosen)),
                Printable.line(names.get(other)),
                of(explanation.after()),
                adapted ? String.format(Locale.ROOT, " (without the adapter %+.3f)", of(explanation.before())) : "",
                explanation.error()));
        TextTable table = new TextTable();
        table.row(
                adapted ? new String[] {"unit", "without", "with the adapter"} : new String[] {"unit", "contribution"});
        for (UnitShare unit : units) {
            List<String> row = new ArrayList<>(List.of(unit.unit().toString(), signed(of(unit.before()))));
            if (adapted) {
                row.add(signed(of(unit.after())));
            }
            table.row(row.toArray(String[]::new));
        }
        for (Explanation.Constant constant : explanation.constants()) {
            table.row(constant.name(), "", signed(of(constant.after())));
        }
        out.append(table);
        int rest = explanation.units().size() - units.size();
        if (rest > 0) {
            out.append(String.format(Locale.ROOT, "and %d units with smaller contributions%n", rest));
        }
        if (!components.isEmpty()) {
            out.append('\n');
            TextTable parts = new TextTable().row("component", "λ", "without", "with the adapter", "towards");
            components.forEach(k -> parts.row(
                    k.unit() + " #" + k.component(),
                    String.format(Locale.ROOT, "%.2f", k.lambda()),
                    signed(of(k.before())),
                    signed(of(k.after())),
                    String.join("; ", towards(k))));
            out.append(parts);
        }
        return out.toString();
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.3f", value);
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

    /** The report as SVG: the largest contributions, the rest, and the sum. */
    public String svg() {
        BarChart chart = new BarChart(
                "Why '" + explanation.classes().get(chosen) + "' and not '"
                        + explanation.classes().get(other) + "'",
                "contribution to the logits' difference",
                "with the adapter",
                "without");
        List<UnitShare> units = units();
        for (UnitShare unit : units) {
            chart.bar(unit.unit().toString(), of(unit.after()), of(unit.before()));
        }
        double[] rest = new double[2];
        List<UnitId> shown = units.stream().map(UnitShare::unit).toList();
        explanation.units().stream().filter(u -> !shown.contains(u.unit())).forEach(u -> {
            rest[0] += of(u.after());
            rest[1] += of(u.before());
        });
        explanation.constants().forEach(k -> rest[0] += of(k.after()));
        chart.bar("all others", rest[0], rest[1]);
        chart.bar("sum", of(explanation.after()), of(explanation.before()));
        return chart.svg();
    }
}
