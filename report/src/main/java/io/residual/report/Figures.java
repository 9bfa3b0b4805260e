package io.residual.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.base.TextFiles;
import io.residual.chart.Chart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Every plot of the program, drawn from the documents that its commands write ({@code docs/formats.md}), so that a figure can be drawn
 * again in another size without computing anything again. What a document lacks is not drawn.
 */
public final class Figures {
    /** Bytes of a document or a page, at most. */
    private static final int LARGEST = 256 << 20;

    private static final String BLOCK = "<script type=\"application/json\" id=\"data\">";

    private Figures() {}

    /**
     * A plot.
     *
     * @param name letters, digits and hyphens, for a file
     */
    public record Named(String name, Chart chart) {
        Named(String prefix, String of, Chart chart) {
            this(of.isEmpty() ? prefix : prefix + "-" + stem(of), chart);
        }
    }

    /** A name as a part of a file's name; of a path, its last part. */
    public static String stem(String name) {
        String last = name.replaceAll("[/\\\\]+$", "").replaceAll("^.*[/\\\\]", "");
        String plain =
                last.replace("*", "-star").replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[-.]+|[-.]+$", "");
        return plain.isEmpty() ? "figure" : plain;
    }

    /**
     * Reads a document, or the one in a page that {@code residual report} wrote.
     *
     * @throws InputException if it is neither
     */
    public static JsonNode read(Path file) {
        String text = TextFiles.read(file, "a JSON document or a report", LARGEST);
        if (String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".html")) {
            int from = text.indexOf(BLOCK);
            int to = text.indexOf("</script>", from);
            if (from < 0 || to < 0) {
                throw InputException.at(
                        file, "a page without data", "a page that residual report wrote", "Check the path");
            }
            text = text.substring(from + BLOCK.length(), to);
        }
        try {
            return Json.parse(text, Json.Limits.OWN);
        } catch (JsonProcessingException e) {
            throw InputException.at(file, "invalid JSON", "a document that residual wrote with --json", "Check it", e);
        }
    }

    /** All plots of a document, those that matter most first; none of a document that nothing is drawn of. */
    public static List<Named> of(JsonNode document) {
        List<Named> all = new ArrayList<>();
        if (is(document, Schema.EVALUATION)) {
            DecisionFigures.accuracies(list(document.path("datasets")), all);
        } else if (is(document, Schema.FEW_SHOTS)) {
            document.path("datasets").forEach(set -> CurveFigures.fewShots(set, all));
        } else if (is(document, Schema.FORGETTING)) {
            CurveFigures.forgetting(document, all);
        } else if (is(document, Schema.HEADS)) {
            document.path("datasets").properties().forEach(e -> CurveFigures.heads(e.getKey(), e.getValue(), all));
        } else if (is(document, Schema.FINETUNING)) {
            CurveFigures.training(document, all);
        } else if (is(document, Schema.SIMILARITY)) {
            GridFigures.similarity(document, all);
        } else if (is(document, Schema.GEOMETRY)) {
            GridFigures.geometry(document, all);
        } else if (is(document, Schema.INTERVENTION)) {
            GridFigures.intervention(document, all);
        } else if (is(document, Schema.CAUSAL_TRACE)) {
            GridFigures.causal(document, all);
        } else if (is(document, Schema.EXPLANATION)) {
            DecisionFigures.explanation(document, all);
        } else if (is(document, Schema.REPORT)) {
            PageFigures.of(document, all);
        }
        return distinct(all);
    }

    /** The same plots under names of their own: two folders may be called alike. */
    private static List<Named> distinct(List<Named> all) {
        Set<String> taken = new HashSet<>();
        List<Named> named = new ArrayList<>();
        for (Named figure : all) {
            String free = figure.name();
            for (int i = 2; !taken.add(free.toLowerCase(Locale.ROOT)); i++) {
                free = figure.name() + "-" + i;
            }
            named.add(new Named(free, figure.chart()));
        }
        return named;
    }

    /** The documents that plots are drawn of. */
    public static List<Schema> drawn() {
        return List.of(
                Schema.REPORT,
                Schema.EVALUATION,
                Schema.FEW_SHOTS,
                Schema.FORGETTING,
                Schema.HEADS,
                Schema.FINETUNING,
                Schema.SIMILARITY,
                Schema.GEOMETRY,
                Schema.INTERVENTION,
                Schema.CAUSAL_TRACE,
                Schema.EXPLANATION);
    }

    /** Where a document's numbers come from, in a line. */
    public static String origin(JsonNode document) {
        String schema = document.path(Schema.KEY).asText("");
        JsonNode made = document.path("provenance");
        made = made.isArray() ? made.path(0) : made;
        String model = made.path("model").asText("");
        String data = made.path("data").asText("");
        return schema + (model.isEmpty() ? "" : ", model " + model) + (data.isEmpty() ? "" : ", data " + data);
    }

    private static boolean is(JsonNode document, Schema schema) {
        return document.path(Schema.KEY).asText().equals(schema.label());
    }

    static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    /** A number; NaN where there is none. */
    static double number(JsonNode node) {
        return node.isNumber() ? node.asDouble() : Double.NaN;
    }

    static double[] numbers(JsonNode array) {
        return list(array).stream().mapToDouble(Figures::number).toArray();
    }
}
