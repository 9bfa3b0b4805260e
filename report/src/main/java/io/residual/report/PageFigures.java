package io.residual.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.chart.HeatMap;
import io.residual.chart.HeatMap.Panel;
import io.residual.chart.LineChart;
import io.residual.chart.ReliabilityChart;
import io.residual.chart.ReliabilityChart.Bin;
import io.residual.chart.SpectrumChart;
import io.residual.report.GridFigures.Grid;
import io.residual.zeroshot.Accuracy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The plots of a report's pages. */
final class PageFigures {
    /** Units whose spectrum is drawn: those that matter most. */
    private static final int SPECTRA = 12;

    private PageFigures() {}

    static void of(JsonNode page, List<Figures.Named> all) {
        DecisionFigures.accuracies(Figures.list(page.path("results")), all);
        page.path("shots").forEach(set -> CurveFigures.fewShots(set, all));
        page.path("forgetting").forEach(r -> CurveFigures.forgetting(r, all));
        heads(page, all);
        spectra(page, all);
        page.path("adapters").forEach(a -> adapter(a.path("label").asText(), a, page, all));
        training(page, all);
        scores("unadapted model", page.path("base"), page, all);
        List<JsonNode> images = Figures.list(page.path("images"));
        for (int i = 0; i < images.size(); i++) {
            DecisionFigures.onPage(i, images.get(i), page, all);
        }
        similarity(page, all);
    }

    private static void heads(JsonNode page, List<Figures.Named> all) {
        List<JsonNode> units = Figures.list(page.path("units"));
        Grid grid = GridFigures.grid(units);
        if (grid.layers() == 0 || page.path("pending").asBoolean()) {
            return;
        }
        record Measure(String key, String title, String unit, double times) {}
        for (Measure m : List.of(
                new Measure("alone", "Accuracy of each head alone", "validation accuracy in %", 100),
                new Measure("moved", "What the adapter changes", "mean of (λ − 1)², weighted by variance", 1),
                new Measure("dimension", "Components that hold 99 % of a unit's variance", "components", 1),
                new Measure("two_nn", "Intrinsic dimension of each unit (TwoNN)", "dimension", 1),
                new Measure("first_share", "Share of a unit's first component", "variance in %", 100),
                new Measure("correlation", "Correlation of each head with the output", "correlation", 1))) {
            if (units.stream().noneMatch(u -> u.path(m.key()).isNumber())) {
                continue;
            }
            double[][] values = grid.place(units, u -> m.times() * Figures.number(u.path(m.key())));
            boolean signed =
                    Arrays.stream(values).flatMapToDouble(Arrays::stream).anyMatch(v -> v < 0);
            all.add(new Figures.Named(
                    "units",
                    m.key().replace('_', '-'),
                    signed
                            ? HeatMap.ofSigned(
                                    m.title(), m.unit(), grid.rows(), grid.columns(), List.of(new Panel("", values)))
                            : HeatMap.ofAmounts(m.title(), m.unit(), grid.rows(), grid.columns(), values)));
        }
        double[][] told = grid.place(
                units, u -> u.path("without_told").asBoolean() ? 100 * Figures.number(u.path("without")) : Double.NaN);
        all.add(new Figures.Named(
                "units-ablated",
                HeatMap.ofSigned(
                        "Change of accuracy when a unit is replaced by its mean (grey: cannot be told from zero, 5 %"
                                + " level)",
                        "points of validation accuracy", grid.rows(), grid.columns(), List.of(new Panel("", told)))));
    }

    /** Of the units whose ablation costs most, or that the adapter changes most. */
    private static void spectra(JsonNode page, List<Figures.Named> all) {
        Figures.list(page.path("units")).stream()
                .filter(u -> !u.path("shares").isEmpty())
                .sorted(Comparator.comparingDouble(PageFigures::weight).reversed())
                .limit(SPECTRA)
                .forEach(u -> all.add(new Figures.Named(
                        "spectrum",
                        u.path("unit").asText(),
                        new SpectrumChart(
                                "Spectrum of " + u.path("unit").asText()
                                        + (u.path("lambda").isArray() ? " and its weights" : ""),
                                numbers(u),
                                boxed(u.path("shares")),
                                boxed(u.path("lambda"))))));
    }

    private static double weight(JsonNode unit) {
        return unit.path("moved").isNumber()
                ? unit.path("moved").asDouble()
                : unit.path("without_told").asBoolean()
                        ? Math.abs(unit.path("without").asDouble())
                        : 0;
    }

    /** The components' numbers in the unit's own order, as the page has them. */
    private static List<Integer> numbers(JsonNode unit) {
        return IntStream.range(0, unit.path("shares").size())
                .mapToObj(k -> unit.path("order").path(k).asInt(k))
                .toList();
    }

    private static List<Double> boxed(JsonNode array) {
        return Arrays.stream(Figures.numbers(array)).boxed().toList();
    }

    /** The curves of fits that have epochs or steps are part of the methods' results. */
    private static void training(JsonNode page, List<Figures.Named> all) {
        page.path("results").forEach(set -> set.path("methods").forEach(method -> {
            CurveFigures.fit(
                    set.path("dataset").asText() + "-" + method.path("label").asText(), method.path("curve"), all);
        }));
    }

    private static void adapter(String name, JsonNode adapter, JsonNode page, List<Figures.Named> all) {
        scores(name, adapter.path("scores"), page, all);
        List<JsonNode> places = Figures.list(adapter.path("interpolation"));
        if (!places.isEmpty()) {
            all.add(new Figures.Named(
                    "interpolation",
                    name,
                    new LineChart(
                                    "Between the unadapted model and " + name,
                                    "interpolation (0: unadapted, 1: adapted)",
                                    100)
                            .yLabel("validation accuracy in %")
                            .nearData()
                            .line(
                                    name,
                                    places.stream()
                                            .mapToDouble(p -> Figures.number(p.path(0)))
                                            .toArray(),
                                    places.stream()
                                            .mapToDouble(p -> 100 * Figures.number(p.path(1)))
                                            .toArray())));
        }
    }

    private static void scores(String name, JsonNode scores, JsonNode page, List<Figures.Named> all) {
        List<Bin> bins = Figures.list(scores.path("reliability")).stream()
                .map(b -> bin(
                        Figures.number(b.path(0)),
                        Figures.number(b.path(1)),
                        b.path(2).asInt()))
                .toList();
        if (!bins.isEmpty()) {
            all.add(new Figures.Named(
                    "reliability", name, new ReliabilityChart("Reliability on validation: " + name, bins)));
        }
        List<JsonNode> coverage = Figures.list(scores.path("coverage"));
        if (!coverage.isEmpty()) {
            all.add(new Figures.Named(
                    "coverage",
                    name,
                    new LineChart(
                                    "Accuracy of the surest images: " + name,
                                    "coverage: share of images that are answered, in %",
                                    100)
                            .yLabel("validation accuracy in %")
                            .nearData()
                            .line(
                                    name,
                                    coverage.stream()
                                            .mapToDouble(p -> 100 * Figures.number(p.path(0)))
                                            .toArray(),
                                    coverage.stream()
                                            .mapToDouble(p -> 100 * Figures.number(p.path(1)))
                                            .toArray())));
        }
        List<JsonNode> matrix = Figures.list(scores.path("confusion"));
        if (!matrix.isEmpty()) {
            List<String> classes = Figures.list(page.path("data").path("classes")).stream()
                    .map(JsonNode::asText)
                    .toList();
            double[][] counts = matrix.stream().map(Figures::numbers).toArray(double[][]::new);
            if (classes.size() == counts.length && Arrays.stream(counts).allMatch(r -> r.length == counts.length)) {
                all.add(new Figures.Named(
                        "confusion",
                        name,
                        HeatMap.ofAmounts(
                                        "Confusion matrix on validation: " + name,
                                        "images; rows: true class, columns: predicted class",
                                        classes,
                                        classes,
                                        counts)
                                .numbered(0)));
            }
        }
    }

    private static Bin bin(double confidence, double accuracy, int images) {
        Accuracy of = new Accuracy((int) Math.round(accuracy * images), images);
        return new Bin(confidence, accuracy, of.low(), of.high(), images);
    }

    private static void similarity(JsonNode page, List<Figures.Named> all) {
        JsonNode similarity = page.path("similarity");
        List<String> names = Figures.list(similarity.path("names")).stream()
                .map(JsonNode::asText)
                .toList();
        List<String> heads = Figures.list(page.path("units")).stream()
                .filter(u -> u.path("kind").asText().equals("head"))
                .map(u -> u.path("unit").asText())
                .toList();
        double[][] values = Figures.list(similarity.path("heads")).stream()
                .map(Figures::numbers)
                .toArray(double[][]::new);
        if (names.size() < 2 || values.length != heads.size()) {
            return;
        }
        boolean whole = IntStream.range(0, values.length).allMatch(i -> values[i].length == names.size() - 1);
        if (whole) {
            all.add(new Figures.Named(
                    "similarity",
                    HeatMap.ofShares(
                            "Spectral similarity of heads to " + names.get(0),
                            "spectral similarity (0: unrelated, 1: equal)",
                            heads,
                            names.subList(1, names.size()),
                            values)));
        }
    }
}
