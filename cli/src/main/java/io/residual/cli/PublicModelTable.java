package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Progress;
import io.residual.catalogue.PublicModel;
import io.residual.catalogue.TowerSpeed;
import io.residual.catalogue.TowerSpeed.Cost;
import io.residual.chart.TextTable;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The table of public models, as text or into a document. */
final class PublicModelTable {
    private PublicModelTable() {}

    /** All of them. {@code out} is null where only the document is wanted. */
    static void all(ObjectNode root, @Nullable PrintWriter out) {
        ArrayNode known = root.putArray("public");
        TextTable table = new TextTable()
                .row(
                        "public model",
                        "pixels",
                        "M parameters",
                        "GFLOP",
                        "trained on",
                        "ImageNet %",
                        "38 sets %",
                        "licence",
                        "kit");
        for (PublicModel m : PublicModel.all()) {
            known.add(m.json());
            table.row(
                    m.name(),
                    String.valueOf(m.imageSize()),
                    number("%.0f", m.millions()),
                    number("%.1f", m.gflops()),
                    m.data(),
                    imagenet(m),
                    percent(m.average()),
                    m.licence().isEmpty() ? "-" : m.licence(),
                    m.kit());
        }
        sources(root, out, table);
        if (out != null) {
            out.println("What fits this machine: residual models --budget MILLISECONDS");
        }
    }

    /** Those that cost at most so many milliseconds an image here, the most accurate first. */
    static void fitting(double budget, Progress progress, ObjectNode root, @Nullable PrintWriter out) {
        List<PublicModel> models = PublicModel.all();
        progress.start("measuring", models.size());
        List<Cost> costs = TowerSpeed.of(models, budget);
        progress.finish();
        root.put("budget", budget);
        ArrayNode known = root.putArray("public");
        TextTable table =
                new TextTable().row("fits", "ms", "GFLOP", "ImageNet %", "38 sets %", "trained on", "licence");
        List<Cost> sorted = costs.stream().sorted(byAccuracy()).toList();
        int fitting = 0;
        String best = null;
        for (Cost cost : sorted) {
            PublicModel m = cost.model();
            Double ms = cost.milliseconds();
            known.add(m.json().put("milliseconds", ms).put("fits", ms != null && ms <= budget));
            if (ms != null && ms <= budget) {
                fitting++;
                best = best == null && m.average() != null ? m.name() : best;
                table.row(
                        m.name(),
                        number(ms < 10 ? "%.1f" : "%.0f", ms),
                        number("%.1f", m.gflops()),
                        imagenet(m),
                        percent(m.average()),
                        m.data(),
                        m.licence().isEmpty() ? "-" : m.licence());
            }
        }
        root.put("best", best);
        if (out != null && fitting == 0) {
            out.printf(
                    Locale.ROOT,
                    "No public model fits %s ms an image here; the fastest, %s, takes %.0f ms.%n",
                    budget,
                    costs.get(0).model().name(),
                    costs.get(0).milliseconds());
            return;
        }
        sources(root, out, table);
        if (out != null) {
            out.printf(
                    Locale.ROOT,
                    "%d of %d fit %s ms an image here (image tower alone, random weights, batches).%n",
                    fitting,
                    models.size(),
                    budget);
            if (best != null) {
                out.println("Highest mean accuracy on 38 data sets among them: " + best
                        + ". Your own images may rank them otherwise: residual evaluate --model NAME --data FOLDER");
            }
        }
    }

    /** By the mean of 38 data sets where it is published, then by ImageNet; k-NN accuracies last, since they compare with no other. */
    private static Comparator<Cost> byAccuracy() {
        Comparator<Cost> kind = Comparator.comparingInt(
                c -> c.model().average() != null ? 0 : c.model().measure().equals("zero-shot") ? 1 : 2);
        return kind.thenComparingDouble(c -> {
            Double shown = c.model().average() != null
                    ? c.model().average()
                    : c.model().imagenet();
            return shown == null ? 0 : -shown;
        });
    }

    private static void sources(ObjectNode root, @Nullable PrintWriter out, TextTable table) {
        ObjectNode sources = root.putObject("sources");
        PublicModel.sources()
                .forEach((key, source) ->
                        sources.putObject(key).put("address", source.address()).put("what", source.what()));
        if (out == null) {
            return;
        }
        out.print(table.toString());
        out.println("Accuracies as published, kNN for models without texts; '-' where none was found. Sources:");
        PublicModel.sources().forEach((key, source) -> out.println("  " + source.address() + ": " + source.what()));
    }

    private static String imagenet(PublicModel m) {
        return percent(m.imagenet()) + (m.measure().equals("k-NN") ? " kNN" : "");
    }

    private static String percent(@Nullable Double value) {
        return value == null ? "-" : number("%.1f", value);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
