package io.residual.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.chart.BarChart;
import io.residual.chart.DotChart;
import io.residual.chart.DotChart.Dot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Methods compared, and single decisions as sums. */
final class DecisionFigures {
    /** Units that have a bar of their own. */
    private static final int SHOWN = 12;

    private DecisionFigures() {}

    /** Methods × data sets: test accuracy with its interval; dashed, the unadapted model. */
    static void accuracies(List<JsonNode> sets, List<Figures.Named> all) {
        DotChart chart = new DotChart("Test accuracy, 95 % interval (dashed: Base)", "test accuracy in %");
        boolean any = false;
        for (JsonNode set : sets) {
            List<Dot> dots = new ArrayList<>();
            double base = Double.NaN;
            for (JsonNode method : set.path("methods")) {
                double value = 100 * Figures.number(method.path("test_accuracy"));
                if (Double.isNaN(value)) {
                    continue;
                }
                JsonNode interval = method.path("test_interval_95");
                dots.add(new Dot(
                        method.path("label").asText(),
                        value,
                        100 * Figures.number(interval.path(0)),
                        100 * Figures.number(interval.path(1))));
                base = method.path("method").asText().equals("base") ? value : base;
            }
            if (!dots.isEmpty()) {
                any = true;
                chart.panel(new DotChart.Panel(set.path("dataset").asText(), base, dots));
            }
        }
        if (any) {
            all.add(new Figures.Named("test-accuracy", chart));
        }
    }

    /** One decision: the largest contributions, the rest, and the sum. */
    static void explanation(JsonNode document, List<Figures.Named> all) {
        List<String> classes = Figures.list(document.path("classes")).stream()
                .map(JsonNode::asText)
                .toList();
        int chosen = classes.indexOf(document.path("class").asText());
        int other = classes.indexOf(document.path("against").asText());
        if (chosen < 0 || other < 0) {
            return;
        }
        List<Share> shares = Figures.list(document.path("units")).stream()
                .map(u -> new Share(
                        u.path("unit").asText(),
                        contrast(u.path("after"), chosen, other),
                        contrast(u.path("before"), chosen, other)))
                .toList();
        Share sum = new Share(
                "sum",
                contrast(document.path("logits"), chosen, other),
                contrast(document.path("logits_before"), chosen, other));
        draw(document.path("image").asText(), classes.get(chosen), classes.get(other), shares, sum, all);
    }

    /** A decision on a report's page, whose classes are numbers and whose units have the page's order. */
    static void onPage(int place, JsonNode image, JsonNode page, List<Figures.Named> all) {
        List<String> names = Figures.list(page.path("data").path("classes")).stream()
                .map(JsonNode::asText)
                .toList();
        List<Integer> classes = Figures.list(image.path("classes")).stream()
                .map(JsonNode::asInt)
                .toList();
        int chosen = image.path("chosen").asInt(-1);
        int before = image.path("chosen_before").asInt(-1);
        int rival = before != chosen
                ? before
                : classes.stream()
                        .filter(c -> c != chosen)
                        .max(Comparator.comparingDouble((Integer c) ->
                                Figures.number(image.path("after").path(c))))
                        .orElse(-1);
        int a = classes.indexOf(chosen);
        int b = classes.indexOf(rival);
        if (a < 0 || b < 0 || Math.max(chosen, rival) >= names.size()) {
            return;
        }
        List<JsonNode> units = Figures.list(image.path("units"));
        List<Share> shares = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            JsonNode unit = units.get(i);
            shares.add(new Share(
                    page.path("units").path(i).path("unit").asText(),
                    contrast(unit.path(1), a, b),
                    contrast(unit.path(0), a, b)));
        }
        Share sum = new Share(
                "sum", contrast(image.path("after"), chosen, rival), contrast(image.path("before"), chosen, rival));
        String name = String.format(
                java.util.Locale.ROOT, "%02d-%s", place + 1, image.path("image").asText());
        draw(name, names.get(chosen), names.get(rival), shares, sum, all);
    }

    private record Share(String name, double after, double before) {
        double largest() {
            return Math.max(Math.abs(after), Math.abs(before));
        }
    }

    private static void draw(
            String image, String chosen, String other, List<Share> shares, Share sum, List<Figures.Named> all) {
        boolean adapted = sum.after != sum.before || shares.stream().anyMatch(s -> s.after != s.before);
        BarChart chart = new BarChart(
                "Why '" + chosen + "' and not '" + other + "'",
                "contribution to the difference of the two logits",
                "with the adapter",
                "without");
        List<Share> sorted = shares.stream()
                .sorted(Comparator.comparingDouble(Share::largest).reversed())
                .toList();
        List<Share> shown = new ArrayList<>(sorted.subList(0, Math.min(SHOWN, sorted.size())));
        // what is left of the sum: the other units, and what an adapter adds whatever the image shows
        shown.add(new Share(
                "all others",
                sum.after - shown.stream().mapToDouble(Share::after).sum(),
                sum.before - shown.stream().mapToDouble(Share::before).sum()));
        shown.add(sum);
        shown.forEach(s -> chart.bar(s.name, s.after, adapted ? s.before : Double.NaN));
        all.add(new Figures.Named("decision", image.replaceAll("\\.[A-Za-z]{1,5}$", ""), chart));
    }

    private static double contrast(JsonNode logits, int chosen, int other) {
        return Figures.number(logits.path(chosen)) - Figures.number(logits.path(other));
    }
}
