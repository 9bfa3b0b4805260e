package io.residual.report;

import io.residual.adapt.Calibration;
import io.residual.base.Printable;
import io.residual.chart.TextTable;
import io.residual.predict.Contrast;
import io.residual.predict.Explanation;
import io.residual.predict.Explanation.ComponentShare;
import io.residual.predict.Explanation.UnitShare;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why one class and not another, as text and as an image. */
public final class ExplanationReport {
    private ExplanationReport() {}

    /**
     * The report as text: the decision, the largest contributions, the number of smaller ones, and the components.
     *
     * @param calibration gives the class its probability, and says whether it is above the rejection threshold; null for none
     */
    public static String text(Contrast contrast, @Nullable Calibration calibration) {
        Explanation explanation = contrast.explanation();
        StringBuilder out = new StringBuilder();
        List<UnitShare> units = contrast.units();
        List<ComponentShare> components = contrast.components();
        List<String> names = explanation.classes();
        boolean adapted = contrast.adapted();
        out.append(String.format(
                "%s: %s%s%s%n",
                Printable.line(explanation.image()),
                Printable.line(names.get(explanation.chosen())),
                calibration == null ? "" : sure(explanation, calibration),
                adapted ? "; without the adapter: " + Printable.line(names.get(explanation.chosenBefore())) : ""));
        out.append(String.format(
                Locale.ROOT,
                "logit of '%s' minus that of '%s': %+.3f%s; contributions add up to it, with an error of %.0e%n%n",
                Printable.line(contrast.chosen()),
                Printable.line(contrast.other()),
                contrast.of(explanation.after()),
                adapted
                        ? String.format(Locale.ROOT, " (without the adapter %+.3f)", contrast.of(explanation.before()))
                        : "",
                explanation.error()));
        TextTable table = new TextTable();
        table.row(
                adapted ? new String[] {"unit", "without", "with the adapter"} : new String[] {"unit", "contribution"});
        for (UnitShare unit : units) {
            List<String> row = new ArrayList<>(List.of(unit.unit().toString(), signed(contrast.of(unit.before()))));
            if (adapted) {
                row.add(signed(contrast.of(unit.after())));
            }
            table.row(row.toArray(String[]::new));
        }
        for (Explanation.Constant constant : explanation.constants()) {
            table.row(constant.name(), "", signed(contrast.of(constant.after())));
        }
        out.append(table);
        int rest = explanation.units().size() - units.size();
        if (rest > 0) {
            out.append(String.format(Locale.ROOT, "and %d units with smaller contributions%n", rest));
        }
        if (!components.isEmpty()) {
            out.append('\n');
            // a tower without texts, or --no-words, has nothing to say of directions
            boolean words =
                    components.stream().anyMatch(k -> !contrast.towards(k).isEmpty());
            TextTable parts = new TextTable();
            List<String> header = new ArrayList<>(List.of("component", "λ", "without", "with the adapter"));
            if (words) {
                header.add("towards");
            }
            parts.row(header.toArray(String[]::new));
            components.forEach(k -> {
                List<String> row = new ArrayList<>(List.of(
                        k.unit() + " #" + k.component(),
                        String.format(Locale.ROOT, "%.2f", k.lambda()),
                        signed(contrast.of(k.before())),
                        signed(contrast.of(k.after()))));
                if (words) {
                    row.add(String.join("; ", contrast.towards(k)));
                }
                parts.row(row.toArray(String[]::new));
            });
            out.append(parts);
        }
        return out.toString();
    }

    /** Such as " 59.8 % (unsure)", as residual predict has it. */
    private static String sure(Explanation explanation, Calibration calibration) {
        double[] p = calibration.probabilities(
                explanation.after(), 0, explanation.classes().size());
        double probability = p[explanation.chosen()];
        return String.format(
                Locale.ROOT, " %.1f %%%s", 100 * probability, probability < calibration.threshold() ? " (unsure)" : "");
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.3f", value);
    }
}
