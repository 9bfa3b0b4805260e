package io.residual.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.Method;
import io.residual.chart.LineChart;
import io.residual.experiment.Recommendation.Mean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Curves over a number of images, of heads or of epochs. */
final class CurveFigures {
    private CurveFigures() {}

    /** Mean test accuracy by images per class, with its 95 % interval over draws. */
    static void fewShots(JsonNode set, List<Figures.Named> all) {
        Set<String> counts = new LinkedHashSet<>();
        Map<String, Map<String, List<Double>>> byMethod = new LinkedHashMap<>();
        for (JsonNode fit : set.path("fits")) {
            String count = fit.path("shots").asText();
            counts.add(count);
            byMethod.computeIfAbsent(fit.path("method").asText(), m -> new LinkedHashMap<>())
                    .computeIfAbsent(count, c -> new ArrayList<>())
                    .add(Figures.number(fit.path("test_accuracy")));
        }
        if (byMethod.isEmpty()) {
            return;
        }
        String name = set.path("dataset").asText();
        List<String> places = List.copyOf(counts);
        LineChart chart = new LineChart(
                        "Test accuracy on " + name + " (95 % interval over draws)", "labelled images per class", 100)
                .yLabel("test accuracy in %")
                .nearData()
                .ticks(places);
        byMethod.forEach((method, its) -> {
            double[][] line = empty(4, places.size());
            for (int i = 0; i < places.size(); i++) {
                List<Double> draws = its.getOrDefault(places.get(i), List.of());
                Mean mean =
                        Mean.of(draws.stream().mapToDouble(Double::doubleValue).toArray());
                line[0][i] = i;
                line[1][i] = 100 * mean.value();
                if (mean.hasInterval()) {
                    line[2][i] = 100 * (mean.value() - mean.half());
                    line[3][i] = 100 * (mean.value() + mean.half());
                }
            }
            chart.line(label(method), line[0], line[1], line[2], line[3]);
        });
        all.add(new Figures.Named("learning-curve", name, chart));
    }

    /** A method's name as tables have it; an unknown one as it is. */
    static String label(String id) {
        return Arrays.stream(Method.values())
                .filter(m -> m.id().equals(id))
                .map(Method::label)
                .findFirst()
                .orElse(id);
    }

    /** Accuracy on the own task and on others over the interpolation. */
    static void forgetting(JsonNode document, List<Figures.Named> all) {
        List<JsonNode> lines = Figures.list(document.path("lines"));
        if (lines.isEmpty()) {
            return;
        }
        String own = document.path("own").asText();
        double[] x = lines.stream()
                .mapToDouble(l -> Figures.number(l.path("interpolation")))
                .toArray();
        LineChart chart = new LineChart(
                        "Catastrophic forgetting: " + own, "interpolation (0: unadapted, 1: adapted)", 100)
                .yLabel("accuracy, recall in %")
                .line(own, x, hundred(lines, l -> l.path("accuracy").path(own)))
                .line("mean of other tasks", x, hundred(lines, l -> l.path("mean_of_others")));
        if (lines.get(0).path("retrieval").isObject()) {
            chart.line("image-to-text R@1", x, hundred(lines, l -> l.path("retrieval")
                    .path("text_of_image_1")));
            chart.line("text-to-image R@1", x, hundred(lines, l -> l.path("retrieval")
                    .path("image_of_text_1")));
        }
        all.add(new Figures.Named("forgetting", own, chart));
    }

    private static double[] hundred(List<JsonNode> lines, java.util.function.Function<JsonNode, JsonNode> of) {
        return lines.stream()
                .mapToDouble(l -> 100 * Figures.number(of.apply(l)))
                .toArray();
    }

    /** Test accuracy by the number of heads kept, for each way to replace the rest. */
    static void heads(String name, JsonNode set, List<Figures.Named> all) {
        for (String rest : List.of("mean", "zero")) {
            LineChart chart = new LineChart(
                            "Few heads of " + name + ", the rest replaced by "
                                    + (rest.equals("mean") ? "their mean" : "zero"),
                            "heads kept",
                            100)
                    .yLabel("test accuracy in %");
            double last = 0;
            boolean any = false;
            for (JsonNode curve : set.path("curves")) {
                if (!curve.path("rest").asText().equals(rest)) {
                    continue;
                }
                any = true;
                List<JsonNode> points = Figures.list(curve.path("points"));
                double[][] line = empty(4, points.size());
                for (int i = 0; i < points.size(); i++) {
                    JsonNode point = points.get(i);
                    line[0][i] = Figures.number(point.path("kept"));
                    line[1][i] = 100 * Figures.number(point.path("test"));
                    JsonNode interval = point.path("test_interval_95");
                    double deviation = Figures.number(point.path("test_deviation"));
                    if (interval.size() == 2) {
                        line[2][i] = 100 * Figures.number(interval.path(0));
                        line[3][i] = 100 * Figures.number(interval.path(1));
                    } else if (deviation > 0) { // of random orders: one deviation about their mean
                        line[2][i] = Math.max(0, line[1][i] - 100 * deviation);
                        line[3][i] = line[1][i] + 100 * deviation;
                    }
                    last = Math.max(last, line[0][i]);
                }
                chart.line(curve.path("score").asText(), line[0], line[1], line[2], line[3]);
            }
            double whole = 100 * Figures.number(set.path("full").path("accuracy"));
            if (any) {
                chart.line("whole model", new double[] {0, last}, new double[] {whole, whole});
                all.add(new Figures.Named("heads-" + rest, name, chart));
            }
        }
    }

    /** The validation accuracy of a fit over its epochs or penalty strengths; none of a fit without a curve. */
    static void fit(String name, JsonNode curve, List<Figures.Named> all) {
        List<JsonNode> steps = Figures.list(curve);
        if (steps.size() < 2 || !steps.get(0).path("validation_accuracy").isNumber()) {
            return;
        }
        double[] x = new double[steps.size()];
        Arrays.setAll(x, i -> i + 1);
        all.add(new Figures.Named(
                "fit",
                name,
                new LineChart("Fit of " + name, "epoch, or penalty strength from the strongest", 100)
                        .yLabel("validation accuracy in %")
                        .nearData()
                        .line("validation", x, hundred(steps, c -> c.path("validation_accuracy")))));
    }

    /** A fit's curve over its epochs. */
    static void training(JsonNode document, List<Figures.Named> all) {
        List<JsonNode> curve = Figures.list(document.path("curve"));
        if (curve.isEmpty()) {
            return;
        }
        double[] epochs =
                curve.stream().mapToDouble(c -> Figures.number(c.path("epoch"))).toArray();
        LineChart accuracy = new LineChart("Full fine-tuning", "epoch", 100)
                .yLabel("validation accuracy in %")
                .line("validation", epochs, hundred(curve, c -> c.path("validation_accuracy")));
        double top = curve.stream()
                .mapToDouble(c -> Math.max(number(c, "train_loss"), number(c, "validation_loss")))
                .max()
                .orElse(1);
        LineChart loss = new LineChart("Full fine-tuning", "epoch", top > 0 ? top : 1)
                .yLabel("cross-entropy in nats")
                .line(
                        "training",
                        epochs,
                        curve.stream().mapToDouble(c -> number(c, "train_loss")).toArray())
                .line(
                        "validation",
                        epochs,
                        curve.stream()
                                .mapToDouble(c -> number(c, "validation_loss"))
                                .toArray());
        all.add(new Figures.Named("fine-tuning-accuracy", accuracy));
        all.add(new Figures.Named("fine-tuning-loss", loss));
    }

    private static double number(JsonNode node, String key) {
        return Figures.number(node.path(key));
    }

    static double[][] empty(int rows, int columns) {
        double[][] values = new double[rows][columns];
        for (double[] row : values) {
            Arrays.fill(row, Double.NaN);
        }
        return values;
    }
}
