package io.residual.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.chart.HeatMap;
import io.residual.chart.HeatMap.Panel;
import io.residual.chart.LineChart;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Layers × heads, and heads × data sets. */
final class GridFigures {
    private static final Pattern UNIT = Pattern.compile("L(\\d{1,4})\\.(?:H(\\d{1,4})|MLP)");

    private GridFigures() {}

    /** Units in their places: rows are layers, columns heads, and the MLP last. Other units have no place. */
    record Grid(int layers, int heads, boolean mlps) {
        static Grid of(List<String> units) {
            int layers = 0;
            int heads = 0;
            boolean mlps = false;
            for (String unit : units) {
                Matcher m = UNIT.matcher(unit);
                if (m.matches()) {
                    layers = Math.max(layers, 1 + Integer.parseInt(m.group(1)));
                    mlps |= m.group(2) == null;
                    heads = m.group(2) == null ? heads : Math.max(heads, 1 + Integer.parseInt(m.group(2)));
                }
            }
            return new Grid(layers, heads, mlps);
        }

        List<String> rows() {
            return IntStream.range(0, layers).mapToObj(l -> "L" + l).toList();
        }

        List<String> columns() {
            List<String> names = new ArrayList<>();
            IntStream.range(0, heads).forEach(h -> names.add("H" + h));
            if (mlps) {
                names.add("MLP");
            }
            return names;
        }

        double[][] place(List<JsonNode> units, ToDoubleFunction<JsonNode> value) {
            double[][] values = CurveFigures.empty(layers, heads + (mlps ? 1 : 0));
            for (JsonNode unit : units) {
                Matcher m = UNIT.matcher(unit.path("unit").asText());
                if (m.matches()) {
                    int column = m.group(2) == null ? heads : Integer.parseInt(m.group(2));
                    values[Integer.parseInt(m.group(1))][column] = value.applyAsDouble(unit);
                }
            }
            return values;
        }
    }

    static Grid grid(List<JsonNode> units) {
        return Grid.of(units.stream().map(u -> u.path("unit").asText()).toList());
    }

    /** Each head against the first data set, and the mean over heads of all pairs. */
    static void similarity(JsonNode document, List<Figures.Named> all) {
        List<String> names = Figures.list(document.path("traces")).stream()
                .map(JsonNode::asText)
                .toList();
        if (names.size() < 2) {
            return;
        }
        Set<String> heads = new LinkedHashSet<>();
        for (JsonNode pair : document.path("pairs")) {
            Iterator<String> own = pair.path("heads").fieldNames();
            own.forEachRemaining(heads::add);
        }
        List<String> rows = List.copyOf(heads);
        double[][] values = CurveFigures.empty(rows.size(), names.size() - 1);
        double[][] means = CurveFigures.empty(names.size(), names.size());
        for (JsonNode pair : document.path("pairs")) {
            int a = names.indexOf(pair.path("a").asText());
            int b = names.indexOf(pair.path("b").asText());
            if (a < 0 || b < 0) {
                continue;
            }
            means[a][b] = Figures.number(pair.path("mean"));
            means[b][a] = means[a][b];
            if (a == 0 && b > 0) {
                for (int h = 0; h < rows.size(); h++) {
                    values[h][b - 1] = Figures.number(pair.path("heads").path(rows.get(h)));
                }
            }
        }
        for (int i = 0; i < means.length; i++) {
            means[i][i] = 1;
        }
        String unit = "spectral similarity (0: unrelated, 1: equal)";
        all.add(new Figures.Named(
                "similarity",
                HeatMap.ofShares(
                        "Spectral similarity of heads to " + names.get(0),
                        unit,
                        rows,
                        names.subList(1, names.size()),
                        values)));
        if (names.size() > 2) {
            all.add(new Figures.Named(
                    "similarity-means",
                    HeatMap.ofShares("Spectral similarity, mean over heads", unit, names, names, means)
                            .numbered(2)));
        }
    }

    /** Dimensions by unit and by layer, and the cumulative variance of the units with most variance. */
    static void geometry(JsonNode document, List<Figures.Named> all) {
        List<JsonNode> units = Figures.list(document.path("units"));
        Grid grid = grid(units);
        if (grid.layers == 0) {
            return;
        }
        record Measure(String key, String title, String unit) {}
        for (Measure measure : List.of(
                new Measure("kept_99", "Components that hold 99 % of a unit's variance", "components"),
                new Measure("two_nn", "Intrinsic dimension of each unit (TwoNN)", "dimension"),
                new Measure("participation_ratio", "Participation ratio of each unit's spectrum", "components"))) {
            all.add(new Figures.Named(
                    "dimensions",
                    measure.key().replace('_', '-'),
                    HeatMap.ofAmounts(
                            measure.title(),
                            measure.unit(),
                            grid.rows(),
                            grid.columns(),
                            grid.place(units, u -> Figures.number(u.path(measure.key()))))));
        }
        List<JsonNode> layers = Figures.list(document.path("layers"));
        double[] x = layers.stream()
                .mapToDouble(l -> Figures.number(l.path("layer")))
                .toArray();
        double top = 1;
        for (String key : List.of("kept_90", "kept_99", "two_nn", "participation_ratio")) {
            for (JsonNode layer : layers) {
                double value = Figures.number(layer.path(key));
                top = Double.isNaN(value) ? top : Math.max(top, value);
            }
        }
        LineChart chart = new LineChart("Dimension of heads by layer, mean over heads", "layer", top)
                .yLabel("components, dimension");
        line(chart, "to 90 % of variance", x, layers, "kept_90");
        line(chart, "to 99 % of variance", x, layers, "kept_99");
        line(chart, "TwoNN", x, layers, "two_nn");
        line(chart, "participation ratio", x, layers, "participation_ratio");
        all.add(new Figures.Named("dimensions-by-layer", chart));
    }

    private static void line(LineChart chart, String name, double[] x, List<JsonNode> layers, String key) {
        chart.line(
                name,
                x,
                layers.stream().mapToDouble(l -> Figures.number(l.path(key))).toArray());
    }

    /** The change of the right class's logit: in all, directly, and through later layers. */
    static void intervention(JsonNode document, List<Figures.Named> all) {
        double plain = Figures.number(document.path("plain").path("label_logit"));
        effects(
                "Effect of replacing each unit by " + document.path("with").asText("another value")
                        + (document.has("data") ? ": " + document.path("data").asText() : ""),
                "change of the right class's logit less the others' mean",
                document,
                u -> Figures.number(u.path("total").path("label_logit")) - plain,
                u -> Figures.number(u.path("direct").path("label_logit")) - plain,
                all);
    }

    /** The share of the logits' difference that each unit of the first image brings back. */
    static void causal(JsonNode document, List<Figures.Named> all) {
        effects(
                "Units that bring back '" + document.path("class").asText() + "' against '"
                        + document.path("against").asText() + "'",
                "share of the logits' difference brought back",
                document,
                u -> Figures.number(u.path("restored_total")),
                u -> Figures.number(u.path("restored_direct")),
                all);
    }

    private static void effects(
            String title,
            String unit,
            JsonNode document,
            ToDoubleFunction<JsonNode> total,
            ToDoubleFunction<JsonNode> direct,
            List<Figures.Named> all) {
        List<JsonNode> units = Figures.list(document.path("units"));
        Grid grid = grid(units);
        if (grid.layers == 0) {
            return;
        }
        List<Panel> panels = List.of(
                new Panel("total effect", grid.place(units, total)),
                new Panel("direct effect", grid.place(units, direct)),
                new Panel(
                        "through later layers",
                        grid.place(units, u -> total.applyAsDouble(u) - direct.applyAsDouble(u))));
        all.add(new Figures.Named("effects", HeatMap.ofSigned(title, unit, grid.rows(), grid.columns(), panels)));
    }
}
