package io.residual.survey;

import io.residual.chart.Chart;
import io.residual.chart.HeatMap;
import io.residual.chart.LineChart;
import io.residual.heads.HeadSelection.Score;
import io.residual.probing.RoleProbing;
import io.residual.spectrum.UnitGeometry;
import io.residual.survey.LayerStudy.Layer;
import io.residual.survey.Survey.Result;
import io.residual.survey.Survey.SetResult;
import io.residual.units.UnitId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** A survey as SVG. */
final class SurveyCharts {
    private final Result result;
    private final SurveyFigures figures;

    SurveyCharts(SurveyFigures figures) {
        this.figures = figures;
        this.result = figures.result();
    }

    /** Charts by file name. */
    Map<String, Chart> charts() {
        Map<String, Chart> charts = new LinkedHashMap<>();
        double[] depth = IntStream.rangeClosed(0, figures.shape().layers())
                .asDoubleStream()
                .toArray();
        LineChart each = new LineChart("Linear probe after each layer, test accuracy in %", "layer", 100)
                .yLabel("test accuracy in %")
                .ticks(figures.depths());
        result.sets()
                .forEach(s -> each.line(
                        s.label(),
                        depth,
                        s.layers().stream()
                                .mapToDouble(l -> 100 * l.probe().value())
                                .toArray()));
        charts.put("probe-by-layer", each);
        charts.put(
                "class-token-by-layer",
                new LineChart("The class token after each layer, mean test accuracy in %", "layer", 100)
                        .yLabel("test accuracy in %")
                        .ticks(figures.depths())
                        .line("linear probe", depth, hundred(figures.meanOf(Layer::probe)))
                        .line("class means of the layer", depth, hundred(figures.meanOf(Layer::means)))
                        .line("of unit length", depth, hundred(figures.meanOf(Layer::unit)))
                        .line("and centred", depth, hundred(figures.meanOf(Layer::centred)))
                        .line("class means of the last", depth, hundred(figures.meanOf(Layer::lens))));
        double[] layers =
                IntStream.range(0, figures.shape().layers()).asDoubleStream().toArray();
        List<String> names = figures.depths().subList(1, figures.depths().size());
        charts.put("dimensions", dimensions(layers, names));
        charts.put("roles", similarity(layers, names));
        for (String method : figures.weighted()) {
            String file = method.replaceAll("\\*", "-star")
                    .replaceAll("[^A-Za-z0-9-]+", "-")
                    .replaceAll("-$", "");
            charts.put("gain-" + file + "", gainChart(method, layers, names));
            charts.put("gains-alike-" + file + "", alikeChart(method));
        }
        charts.put("heads-kept", keptChart());
        return charts;
    }

    private static double[] hundred(double... shares) {
        return Arrays.stream(shares).map(s -> 100 * s).toArray();
    }

    private double[] byLayer(UnitId.Kind kind, ToDoubleFunction<UnitGeometry> figure) {
        return IntStream.range(0, figures.shape().layers())
                .mapToDouble(l -> figures.mean(kind, l, figure))
                .toArray();
    }

    private Chart dimensions(double[] layers, List<String> names) {
        double[] mlps = byLayer(UnitId.Kind.MLP, UnitGeometry::kept99);
        double top = Math.ceil(Arrays.stream(mlps).max().orElse(1) / 20) * 20;
        return new LineChart("Dimension by layer, mean over data sets", "layer", top)
                .yLabel("components, dimension")
                .ticks(names)
                .line("heads, to 99 %", layers, byLayer(UnitId.Kind.HEAD, UnitGeometry::kept99))
                .line("MLPs, to 99 %", layers, mlps)
                .line("heads, TwoNN", layers, byLayer(UnitId.Kind.HEAD, UnitGeometry::twoNn))
                .line("MLPs, TwoNN", layers, byLayer(UnitId.Kind.MLP, UnitGeometry::twoNn));
    }

    private Chart similarity(double[] layers, List<String> names) {
        LineChart chart = new LineChart("Spectral similarity of heads between data sets", "layer", 1)
                .yLabel("spectral similarity")
                .ticks(names);
        RoleProbing.Result some = result.roles().some();
        RoleProbing.Result control = result.roles().control();
        RoleProbing.Result shown = some == null ? result.roles().all() : some;
        chart.line("a head and itself", layers, shown.same()).line("a head and another", layers, shown.other());
        if (control != null) {
            chart.line("control: itself", layers, control.same()).line("control: another", layers, control.other());
        }
        return chart;
    }

    private Chart gainChart(String method, double[] layers, List<String> names) {
        double[] heads = IntStream.range(0, figures.shape().layers())
                .mapToDouble(l -> figures.gain(method, UnitId.Kind.HEAD, l))
                .toArray();
        double[] mlps = IntStream.range(0, figures.shape().layers())
                .mapToDouble(l -> figures.gain(method, UnitId.Kind.MLP, l))
                .toArray();
        double top = Math.ceil(
                Arrays.stream(heads).filter(v -> !Double.isNaN(v)).max().orElse(1));
        boolean both = !Double.isNaN(mlps[0]);
        top = both ? Math.max(top, Math.ceil(Arrays.stream(mlps).max().orElse(1))) : top;
        LineChart chart = new LineChart("Gain by layer, geometric mean over data sets: " + method, "layer", top)
                .yLabel("gain (1: unchanged)")
                .ticks(names)
                .line("heads", layers, heads);
        return (both ? chart.line("MLPs", layers, mlps) : chart);
    }

    private Chart alikeChart(String method) {
        List<String> labels = result.sets().stream().map(SetResult::label).toList();
        double[][] values = figures.correlations(method);
        for (double[] line : values) {
            for (int i = 0; i < line.length; i++) {
                line[i] = Math.max(0, line[i]); // the scale has no negative side
            }
        }
        return HeatMap.ofShares(
                "Correlation of units' gains (below 0 as 0): " + method, "correlation", labels, labels, values);
    }

    /** Heads × data sets: the place of a head in the ranking by its own accuracy, 1 for the first. */
    private Chart keptChart() {
        List<UnitId> heads = figures.shape().headIds();
        List<String> labels = result.sets().stream().map(SetResult::label).toList();
        double[][] values = new double[heads.size()][labels.size()];
        for (int s = 0; s < labels.size(); s++) {
            List<UnitId> ranking = result.sets()
                    .get(s)
                    .heads()
                    .rankings()
                    .getOrDefault(Score.SUPERVISED, List.of(List.of()))
                    .get(0);
            for (int h = 0; h < heads.size(); h++) {
                values[h][s] = 1 - (double) ranking.indexOf(heads.get(h)) / (heads.size() - 1);
            }
        }
        return HeatMap.ofShares(
                "Rank of a head by its own accuracy on validation",
                "rank (1: the first, 0: the last)",
                heads.stream().map(UnitId::toString).toList(),
                labels,
                values);
    }
}
