package io.residual.sweep;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Calibration;
import io.residual.base.AtomicFiles;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.experiment.FewShots;
import io.residual.experiment.Recommendation.Mean;
import io.residual.provenance.Provenance;
import io.residual.sweep.SweepRunner.Wanted;
import io.residual.sweep.SweepStore.Row;
import io.residual.zeroshot.Accuracy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** A sweep's results as tables, all from the same rows: Markdown, CSV, LaTeX, JSON. */
public final class SweepTables {
    private final Sweep sweep;
    private final List<Row> runs;
    private final List<Row> forgetting;
    private final List<Row> traces;

    /**
     * The tables of a sweep.
     *
     * @param wanted requested results; rows made under other names are shown under these names
     */
    public SweepTables(Sweep sweep, SweepStore store, List<Wanted> wanted) {
        this.sweep = sweep;
        Map<String, Row> rows = new HashMap<>();
        store.rows("SELECT * FROM runs").forEach(r -> rows.put(r.text("key"), r));
        this.runs = wanted.stream()
                .filter(w -> rows.containsKey(w.key()))
                .map(w -> named(Objects.requireNonNull(rows.get(w.key())), w))
                .toList();
        Map<String, Wanted> byKey = new HashMap<>();
        wanted.forEach(w -> byKey.put(w.key(), w));
        this.forgetting = store.rows("SELECT key, task, accuracy FROM forgetting ORDER BY key, task").stream()
                .filter(r -> byKey.containsKey(r.text("key")))
                .map(r -> named(r, Objects.requireNonNull(byKey.get(r.text("key")))))
                .toList();
        this.traces = traces(sweep, store);
    }

    private static List<Row> traces(Sweep sweep, SweepStore store) {
        Set<String> labels = sweep.data().stream().map(Sweep.Data::label).collect(Collectors.toSet());
        return store.rows("SELECT * FROM traces ORDER BY model, dataset, split").stream()
                .filter(r -> sweep.models().contains(r.text("model")) && labels.contains(r.text("dataset")))
                .toList();
    }

    private static Row named(Row row, Wanted wanted) {
        Map<String, Object> values = new LinkedHashMap<>(row.values());
        values.put("model", wanted.model());
        values.put("dataset", wanted.dataset());
        values.put("variant", wanted.fit().variant().name());
        return new Row(values);
    }

    /**
     * Writes {@code table.md}, {@code runs.csv}, {@code traces.csv}, {@code table.tex} and {@code runs.json} into a folder.
     */
    public void write(Path folder) {
        AtomicFiles.writeString(folder.resolve("table.md"), markdown());
        AtomicFiles.writeString(folder.resolve("table.tex"), latex());
        AtomicFiles.writeString(folder.resolve("runs.csv"), csv());
        AtomicFiles.writeString(folder.resolve("traces.csv"), traceLines());
        AtomicFiles.writeString(folder.resolve("runs.json"), json() + "\n");
    }

    /** One table of test accuracies a model (and number of images), the means over data sets, then what was forgotten. */
    public String markdown() {
        StringBuilder text = new StringBuilder();
        for (int shots : shots()) {
            String with = shots == 0 ? "" : ", " + shots + " images per class";
            text.append("Mean over ")
                    .append(sweep.data().size())
                    .append(" data sets")
                    .append(with)
                    .append(", in %:\n\n");
            means(text, shots);
            for (String model : sweep.models()) {
                text.append("\nTest accuracy, `")
                        .append(Printable.line(model))
                        .append("`")
                        .append(with)
                        .append(", in % ± half of its 95 % interval (")
                        .append(
                                shots == 0 || sweep.draws() < 2
                                        ? "Wilson's, over test images"
                                        : "Student's t, over draws")
                        .append("):\n\n");
                grid(text, model, shots);
            }
            text.append('\n');
        }
        if (sweep.forgetting()) {
            text.append(
                    "Catastrophic forgetting: mean test accuracy on the data sets that an adapter was not fitted on, and"
                            + " image-to-text retrieval (R@1 among 500 images), in % (– where not all were measured):\n\n");
            forgotten(text);
        }
        return text.toString();
    }

    private List<Integer> shots() {
        return sweep.shots().stream().map(s -> s == FewShots.ALL ? 0 : s).toList();
    }

    private List<Row> some(String model, String data, String variant, int shots) {
        return runs.stream()
                .filter(r -> (model.isEmpty() || r.text("model").equals(model))
                        && (data.isEmpty() || r.text("dataset").equals(data))
                        && r.text("variant").equals(variant)
                        && r.whole("shots") == shots
                        && r.has("tested_at"))
                .toList();
    }

    private static double accuracy(Row row) {
        return row.number("test_right") / row.number("test_images");
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    private static Accuracy test(Row row) {
        return new Accuracy(row.whole("test_right"), row.whole("test_images"));
    }

    /** A mean with half of its interval: over draws, or over test images where there is one draw. */
    private static String cell(List<Row> rows) {
        Mean mean = Mean.of(rows.stream().mapToDouble(SweepTables::accuracy).toArray());
        double half = mean.hasInterval()
                ? mean.half()
                : rows.size() == 1
                        ? (test(rows.get(0)).high() - test(rows.get(0)).low()) / 2
                        : Double.NaN;
        return percent(mean.value()) + (Double.isNaN(half) ? "" : String.format(Locale.ROOT, " ± %.1f", 100 * half));
    }

    /** Of the class of which the least share is right; NaN for rows that say nothing of classes. */
    private static double worst(Row row) {
        return row.number("worst_right") / row.number("worst_images");
    }

    private static double average(List<Row> rows, java.util.function.ToDoubleFunction<Row> of) {
        return rows.stream().mapToDouble(of).average().orElse(Double.NaN);
    }

    private void means(StringBuilder text, int shots) {
        List<String> header = new ArrayList<>(List.of("method"));
        sweep.models().forEach(m -> header.add("`" + m + "`"));
        header.addAll(List.of(
                "all, test",
                "all, validation",
                "worst class",
                "ECE",
                "ECE calibrated",
                "parameters",
                "seconds per fit"));
        header(text, header);
        for (Sweep.Variant variant : sweep.variants()) {
            List<String> cells = new ArrayList<>(List.of(variant.name()));
            for (String model : sweep.models()) {
                cells.add(percent(average(some(model, "", variant.name(), shots), SweepTables::accuracy)));
            }
            List<Row> all = some("", "", variant.name(), shots);
            cells.add(percent(average(all, SweepTables::accuracy)));
            cells.add(percent(average(all, r -> r.number("validation_accuracy"))));
            cells.add(percent(average(all, SweepTables::worst)));
            cells.add(percent(average(all, r -> r.number("error_before"))));
            cells.add(percent(average(all, r -> r.number("error_after"))));
            cells.add(
                    all.isEmpty()
                            ? "–"
                            : String.format(Locale.ROOT, "%,.0f", average(all, r -> r.number("parameters"))));
            cells.add(
                    all.isEmpty()
                            ? "–"
                            : String.format(Locale.ROOT, "%.1f", average(all, r -> r.number("fit_seconds"))));
            row(text, cells);
        }
    }

    private void grid(StringBuilder text, String model, int shots) {
        List<String> header = new ArrayList<>(List.of("data"));
        sweep.variants().forEach(v -> header.add(v.name()));
        header(text, header);
        for (Sweep.Data data : sweep.data()) {
            List<String> cells = new ArrayList<>(List.of(data.label()));
            sweep.variants().forEach(v -> cells.add(cell(some(model, data.label(), v.name(), shots))));
            row(text, cells);
        }
    }

    private void forgotten(StringBuilder text) {
        List<String> header = new ArrayList<>(List.of("method"));
        sweep.models().forEach(m -> header.addAll(List.of("`" + m + "`, others", "captions")));
        List<String> labels = sweep.data().stream().map(Sweep.Data::label).toList();
        header(text, header);
        for (Sweep.Variant variant : sweep.variants()) {
            List<String> cells = new ArrayList<>(List.of(variant.name()));
            boolean any = false;
            for (String model : sweep.models()) {
                List<Row> its = forgetting.stream()
                        .filter(r -> r.text("model").equals(model)
                                && r.text("variant").equals(variant.name()))
                        .toList();
                any |= !its.isEmpty();
                List<Row> others = its.stream()
                        .filter(r -> labels.contains(r.text("task"))
                                && labels.contains(r.text("dataset"))
                                && !r.text("task").equals(r.text("dataset")))
                        .toList();
                boolean complete = others.size() == labels.size() * (labels.size() - 1);
                cells.add(complete ? percent(average(others, r -> r.number("accuracy"))) : "–");
                cells.add(percent(average(
                        its.stream()
                                .filter(r -> r.text("task").equals("captions found first"))
                                .toList(),
                        r -> r.number("accuracy"))));
            }
            if (any) {
                row(text, cells);
            }
        }
    }

    /** The first column flush left, the others flush right. */
    private static void header(StringBuilder text, List<String> names) {
        row(text, names);
        text.append("| ---").append(" | ---:".repeat(names.size() - 1)).append(" |\n");
    }

    private static void row(StringBuilder text, List<String> cells) {
        List<String> shown =
                cells.stream().map(c -> Printable.line(c).replace("|", "\\|")).toList();
        text.append("| ").append(String.join(" | ", shown)).append(" |\n");
    }

    /** The tables as LaTeX. */
    public String latex() {
        StringBuilder text =
                new StringBuilder("% residual reproduce: " + sweep.name().replaceAll("\\s+", " ") + "\n");
        for (int shots : shots()) {
            for (String model : sweep.models()) {
                text.append("\\begin{tabular}{l")
                        .append("r".repeat(sweep.variants().size()))
                        .append("}\n\\hline\n");
                text.append(escape(model));
                sweep.variants().forEach(v -> text.append(" & ").append(escape(v.name())));
                text.append(" \\\\\n\\hline\n");
                for (Sweep.Data data : sweep.data()) {
                    text.append(escape(data.label()));
                    sweep.variants().forEach(v -> text.append(" & ")
                            .append(cell(some(model, data.label(), v.name(), shots))
                                    .replace("±", "$\\pm$")
                                    .replace("–", "--")));
                    text.append(" \\\\\n");
                }
                text.append("\\hline\n\\end{tabular}\n\n");
            }
        }
        return text.toString();
    }

    private static String escape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(
                    switch (c) {
                        case '\\' -> "\\textbackslash{}";
                        case '^' -> "\\textasciicircum{}";
                        case '~' -> "\\textasciitilde{}";
                        case '&', '%', '$', '#', '_', '{', '}' -> "\\" + c;
                        default -> String.valueOf(c);
                    });
        }
        return out.toString();
    }

    /** One line a run, every column but the long ones. */
    public String csv() {
        Set<String> left = Set.of("curve", "calibration", "provenance", "class_right", "class_images");
        StringBuilder text = new StringBuilder();
        for (Row run : runs) {
            if (text.isEmpty()) {
                text.append(String.join(
                                ",",
                                run.values().keySet().stream()
                                        .filter(c -> !left.contains(c))
                                        .toList()))
                        .append(",test_accuracy,test_low,test_high\n");
            }
            List<String> cells = new ArrayList<>();
            run.values().forEach((column, value) -> {
                if (!left.contains(column)) {
                    cells.add(value == null ? "" : quoted(String.valueOf(value)));
                }
            });
            boolean tested = run.has("tested_at");
            cells.add(tested ? String.valueOf(accuracy(run)) : "");
            cells.add(tested ? String.format(Locale.ROOT, "%.4f", test(run).low()) : "");
            cells.add(tested ? String.format(Locale.ROOT, "%.4f", test(run).high()) : "");
            text.append(String.join(",", cells)).append('\n');
        }
        return text.toString();
    }

    /** One line a traced split: how many images, how long, the hash of the images, the error of the decomposition. */
    private String traceLines() {
        StringBuilder text =
                new StringBuilder("model,dataset,split,images,skipped,seconds,data_hash,decomposition_error\n");
        for (Row row : traces) {
            text.append(row.values().values().stream()
                            .map(v -> v == null ? "" : quoted(String.valueOf(v)))
                            .collect(Collectors.joining(",")))
                    .append('\n');
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return text.matches("[^\",\\r\\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }

    /** A column of JSON, which earlier versions may have written. */
    private static JsonObject stored(Row run, String column) {
        return JsonObject.parse(
                run.text(column),
                "results.duckdb, " + column + " of run " + run.text("key"),
                "Delete the row, and reproduce again");
    }

    /** All runs as JSON. */
    public String json() {
        ObjectNode root = Schema.SWEEP.document().put("sweep", sweep.name());
        ArrayNode all = root.putArray("runs");
        for (Row run : runs) {
            Map<String, Object> plain = new LinkedHashMap<>(run.values());
            ObjectNode node = (ObjectNode) Json.of(plain);
            node.put("curve", run.text("curve").replaceFirst("^epoch,pull,", "epoch,penalty,"));
            node.set("calibration", Calibration.of(stored(run, "calibration")).json());
            node.set("provenance", Provenance.of(stored(run, "provenance")).json());
            if (run.has("tested_at")) {
                node.put("test_accuracy", accuracy(run));
            }
            all.add(node);
        }
        ArrayNode traced = root.putArray("traces");
        traces.forEach(r -> traced.add(Json.of(r.values())));
        ArrayNode forgot = root.putArray("forgetting");
        forgetting.forEach(r -> forgot.add(Json.of(r.values())));
        return Json.pretty(root);
    }
}
