package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Progress;
import io.residual.catalogue.PublicModel;
import io.residual.catalogue.TowerSpeed;
import io.residual.catalogue.TowerSpeed.Cost;
import io.residual.chart.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The table of public models, as text of 80 or more columns and into a document. */
final class PublicModelTable {
    private final ObjectNode root;
    private final @Nullable PrintWriter out;
    private final boolean wide;

    /**
     * A table.
     *
     * @param out null where only the document is wanted
     * @param wide whether the text has every column, and the sources
     */
    PublicModelTable(ObjectNode root, @Nullable PrintWriter out, boolean wide) {
        this.root = root;
        this.out = out;
        this.wide = wide;
    }

    /** All of them. */
    void all() {
        ArrayNode known = root.putArray("public");
        TextTable table = table("public model", "M");
        for (PublicModel m : PublicModel.all()) {
            known.add(m.json());
            row(table, m, number("%.0f", m.millions()));
        }
        print(table, "M: millions of parameters of the image tower. GFLOP: 10⁹ operations an image.");
        if (out != null) {
            out.println("What fits this machine: residual models --budget MILLISECONDS");
        }
    }

    /** Those that cost at most so many milliseconds an image here, the most accurate first. */
    void fitting(double budget, Progress progress) {
        List<PublicModel> models = PublicModel.all();
        progress.start("measuring", models.size());
        List<Cost> costs = TowerSpeed.of(models, budget);
        progress.finish();
        root.put("budget", budget);
        ArrayNode known = root.putArray("public");
        TextTable table = table("fits", "ms");
        int fitting = 0;
        String best = null;
        for (Cost cost : costs.stream().sorted(byAccuracy()).toList()) {
            PublicModel m = cost.model();
            Double ms = cost.milliseconds();
            known.add(m.json().put("milliseconds", ms).put("fits", ms != null && ms <= budget));
            if (ms != null && ms <= budget) {
                fitting++;
                best = best == null && m.average() != null ? m.name() : best;
                row(table, m, number(ms < 10 ? "%.1f" : "%.0f", ms));
            }
        }
        root.put("best", best);
        if (out != null && fitting == 0) {
            sources();
            out.printf(
                    Locale.ROOT,
                    "No public model fits %s ms an image here; the fastest, %s, takes %.1f ms.%n",
                    plain(budget),
                    costs.get(0).model().name(),
                    costs.get(0).milliseconds());
            return;
        }
        print(table, "ms: an image here, by the image tower alone, random weights, in batches.");
        if (out != null) {
            out.printf(Locale.ROOT, "%d of %d fit %s ms an image here.%n", fitting, models.size(), plain(budget));
            if (best != null) {
                out.println("Highest mean accuracy on 38 data sets among them:");
                out.println("  " + best);
                out.println("Your own images may rank them otherwise:");
                out.println("  residual evaluate --model NAME --data FOLDER");
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

    private TextTable table(String name, String own) {
        List<String> header = new ArrayList<>(List.of(name, own, "GFLOP", "ImageNet", "38 sets"));
        if (wide) {
            header.addAll(List.of("pixels", "trained on", "licence", "kit"));
        }
        return new TextTable().row(header.toArray(String[]::new));
    }

    private void row(TextTable table, PublicModel m, String own) {
        List<String> row =
                new ArrayList<>(List.of(m.name(), own, number("%.1f", m.gflops()), imagenet(m), percent(m.average())));
        if (wide) {
            row.addAll(List.of(
                    String.valueOf(m.imageSize()), m.data(), m.licence().isEmpty() ? "unknown" : m.licence(), m.kit()));
        }
        table.row(row.toArray(String[]::new));
    }

    private void sources() {
        ObjectNode sources = root.putObject("sources");
        PublicModel.sources()
                .forEach((key, source) ->
                        sources.putObject(key).put("address", source.address()).put("what", source.what()));
    }

    private void print(TextTable table, String columns) {
        sources();
        if (out == null) {
            return;
        }
        out.print(table.toString());
        out.println(columns);
        out.println("ImageNet, 38 sets: published accuracies in percent, kNN for models without");
        out.println("texts; '-' where none was found.");
        if (wide) {
            out.println("Sources:");
            PublicModel.sources().forEach((key, source) -> out.println("  " + source.address() + ": " + source.what()));
        } else {
            out.println("Training data, licences, sources of the accuracies: residual models --wide");
        }
    }

    private static String imagenet(PublicModel m) {
        // As wide with the word as without, so that the numbers stand one under the other.
        return String.format(
                Locale.ROOT, "%4s%4s", percent(m.imagenet()), m.measure().equals("k-NN") ? " kNN" : "");
    }

    private static String percent(@Nullable Double value) {
        return value == null ? "-" : number("%.1f", value);
    }

    /** A number without a decimal point where it has no need of one. */
    private static String plain(double value) {
        return value == Math.rint(value) ? number("%.0f", value) : String.valueOf(value);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
