package io.residual.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.chart.TextTable;
import io.residual.experiment.Forgetting.Line;
import io.residual.experiment.Retrieval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Catastrophic forgetting: accuracy on the own task and on others by interpolation coefficient. */
public final class ForgettingReport {
    private ForgettingReport() {}

    /**
     * One row per interpolation coefficient.
     *
     * @param own the task that the adapter was fitted on
     */
    public static String text(String own, List<Line> lines) {
        List<String> header = new ArrayList<>(List.of("interpolation", own + " (own)", "mean of other tasks"));
        lines.get(0).accuracy().keySet().stream().filter(n -> !n.equals(own)).forEach(header::add);
        boolean captions = lines.get(0).retrieval() != null;
        if (captions) {
            header.addAll(List.of("image-to-text R@1", "R@5", "text-to-image R@1", "R@5"));
        }
        TextTable table = new TextTable().row(header.toArray(new String[0]));
        for (Line line : lines) {
            List<String> row = new ArrayList<>();
            row.add(String.format(Locale.ROOT, "%.2f", line.interpolation()));
            line.accuracy().entrySet().stream()
                    .filter(e -> e.getKey().equals(own))
                    .forEach(e -> row.add(percent(e.getValue().value())));
            row.add(percent(line.others(own)));
            line.accuracy().entrySet().stream()
                    .filter(e -> !e.getKey().equals(own))
                    .forEach(e -> row.add(percent(e.getValue().value())));
            Retrieval retrieval = line.retrieval();
            if (retrieval != null) {
                row.addAll(List.of(
                        percent(retrieval.textOfImage1()),
                        percent(retrieval.textOfImage5()),
                        percent(retrieval.imageOfText1()),
                        percent(retrieval.imageOfText5())));
            }
            table.row(row.toArray(new String[0]));
        }
        return table.toString();
    }

    /** The results as JSON. */
    public static ArrayNode json(String own, List<Line> lines) {
        ArrayNode all = Json.array();
        for (Line line : lines) {
            ObjectNode node = all.addObject().put("interpolation", line.interpolation());
            ObjectNode accuracy = node.putObject("accuracy");
            line.accuracy().forEach((name, a) -> accuracy.put(name, a.value()));
            node.put("mean_of_others", line.others(own));
            if (line.retrieval() != null) {
                node.set("retrieval", line.retrieval().json());
            }
        }
        return all;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f", 100 * share);
    }
}
