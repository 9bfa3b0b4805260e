package io.residual.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.bench.Result.Measure;
import io.residual.bench.Result.Ratio;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Everything that one run measured.
 *
 * @param created when
 * @param machine it ran on
 * @param python the other side's versions, or why there is none
 */
record Report(
        String created,
        String machine,
        int threads,
        String blas,
        String python,
        int repetitions,
        List<Result> results) {
    Report {
        results = List.copyOf(results);
    }

    String json() {
        ObjectNode root = Schema.BENCHMARK
                .document()
                .put("created", created)
                .put("machine", machine)
                .put("threads", threads)
                .put("blas", blas)
                .put("python", python)
                .put("repetitions", repetitions);
        ArrayNode all = root.putArray("results");
        results.forEach(result -> all.add(result.json()));
        return Json.file(root);
    }

    String markdown() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s; %s; %d threads; %s; %s; medians of %d repetitions (smallest to largest).%n%n",
                created,
                machine,
                threads,
                blas,
                python,
                repetitions));
        text.append("| work | ratio | measured | target | |\n|---|---|---:|---:|---|\n");
        for (Result result : results) {
            for (Ratio ratio : result.ratios()) {
                boolean aimed = !Double.isNaN(ratio.target());
                text.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %s | %s |%n",
                        result.work(),
                        ratio.name(),
                        spread(ratio.median(), ratio.values()),
                        aimed ? "≥ " + number(ratio.target()) : "",
                        aimed ? ratio.median() >= ratio.target() ? "met" : "**missed**" : ""));
            }
        }
        for (Result result : results) {
            text.append(String.format("%n**%s**: %s.%n%n", result.work(), result.what()));
            for (Measure measure : result.measures()) {
                text.append(String.format(
                        "- %s: %s %s%n", measure.name(), spread(measure.median(), measure.values()), measure.unit()));
            }
            result.notes().forEach(note -> text.append("- ").append(note).append(".\n"));
        }
        return text.toString();
    }

    private static String spread(double median, double... values) {
        double least = Arrays.stream(values).min().orElse(Double.NaN);
        double most = Arrays.stream(values).max().orElse(Double.NaN);
        return values.length < 2 ? number(median) : number(median) + " (" + number(least) + " to " + number(most) + ")";
    }

    /** Three digits that say something. */
    static String number(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= .1 ? "%.2f" : "%.2g", value);
    }
}
