package io.residual.survey;

import io.residual.heads.HeadSelection;
import io.residual.probing.RoleProbing;
import io.residual.spectrum.UnitGeometry;
import io.residual.survey.LayerStudy.Layer;
import io.residual.survey.Survey.Result;
import io.residual.survey.Survey.SetResult;
import io.residual.survey.WeightStudy.Unit;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Figures that tables, charts and JSON of a survey share. Layers count from 0; the stream before the first is called "in". */
record SurveyFigures(Result result) {
    UnitShape shape() {
        return result.shape();
    }

    /** Names of the streams: before the first layer, and after each. */
    List<String> depths() {
        List<String> names = new ArrayList<>(List.of("in"));
        IntStream.range(0, shape().layers()).forEach(l -> names.add("L" + l));
        return names;
    }

    /** Mean over data sets, by stream. */
    double[] meanOf(Function<Layer, Accuracy> of) {
        return IntStream.rangeClosed(0, shape().layers())
                .mapToDouble(i -> result.sets().stream()
                        .mapToDouble(s -> of.apply(s.layers().get(i)).value())
                        .average()
                        .orElse(Double.NaN))
                .toArray();
    }

    /** The gain of a layer's units of a kind: √(Σ after / Σ before); NaN where none is adapted. */
    static double gain(List<Unit> units, UnitId.Kind kind, int layer) {
        double before = 0;
        double after = 0;
        for (Unit unit : units) {
            if (unit.unit().kind() == kind && unit.unit().layer() == layer) {
                before += unit.before();
                after += unit.after();
            }
        }
        return before > 0 ? Math.sqrt(after / before) : Double.NaN;
    }

    /** The same over all data sets: the geometric mean. */
    double gain(String method, UnitId.Kind kind, int layer) {
        double[] logs = result.sets().stream()
                .map(s -> s.weights().getOrDefault(method, List.of()))
                .mapToDouble(u -> Math.log(gain(u, kind, layer)))
                .filter(v -> !Double.isNaN(v))
                .toArray();
        return logs.length == 0
                ? Double.NaN
                : Math.exp(Arrays.stream(logs).average().orElse(0));
    }

    /** A layer's share of the summed variance of adapted units, before and after, mean over data sets. */
    double share(String method, int layer, boolean after) {
        return result.sets().stream()
                .map(s -> s.weights().getOrDefault(method, List.of()))
                .filter(units -> !units.isEmpty())
                .mapToDouble(units -> {
                    ToDoubleFunction<Unit> variance = after ? Unit::after : Unit::before;
                    double all = units.stream().mapToDouble(variance).sum();
                    double own = units.stream()
                            .filter(u -> u.unit().layer() == layer)
                            .mapToDouble(variance)
                            .sum();
                    return own / all;
                })
                .average()
                .orElse(Double.NaN);
    }

    /** Correlation of the logarithms of units' gains between two data sets' adapters; NaN for too few. */
    static double correlation(List<Unit> a, List<Unit> b) {
        List<double[]> pairs = new ArrayList<>();
        for (Unit unit : a) {
            for (Unit other : b) {
                double x = Math.log(unit.gain());
                double y = Math.log(other.gain());
                if (unit.unit().equals(other.unit()) && Double.isFinite(x) && Double.isFinite(y)) {
                    pairs.add(new double[] {x, y});
                }
            }
        }
        double mx = pairs.stream().mapToDouble(p -> p[0]).average().orElse(Double.NaN);
        double my = pairs.stream().mapToDouble(p -> p[1]).average().orElse(Double.NaN);
        double xy = pairs.stream().mapToDouble(p -> (p[0] - mx) * (p[1] - my)).sum();
        double xx = pairs.stream().mapToDouble(p -> (p[0] - mx) * (p[0] - mx)).sum();
        double yy = pairs.stream().mapToDouble(p -> (p[1] - my) * (p[1] - my)).sum();
        return pairs.size() < 3 ? Double.NaN : xy / Math.sqrt(xx * yy);
    }

    /** Of every pair of data sets. */
    double[][] correlations(String method) {
        int n = result.sets().size();
        double[][] all = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                all[i][j] = correlation(
                        result.sets().get(i).weights().getOrDefault(method, List.of()),
                        result.sets().get(j).weights().getOrDefault(method, List.of()));
            }
        }
        return all;
    }

    /** Methods that weigh components. */
    List<String> weighted() {
        return result.sets().stream()
                .flatMap(s -> s.weights().keySet().stream())
                .distinct()
                .toList();
    }

    /** A figure of a layer's units of a kind: mean over data sets. */
    double mean(UnitId.Kind kind, int layer, ToDoubleFunction<UnitGeometry> figure) {
        return mean(result.sets().stream().map(SetResult::geometry).toList(), kind, layer, figure);
    }

    /** The same over these data sets. */
    static double mean(
            List<List<UnitGeometry>> all, UnitId.Kind kind, int layer, ToDoubleFunction<UnitGeometry> figure) {
        return all.stream()
                .mapToDouble(g -> RoleProbing.mean(g, kind, layer, figure))
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    /** Selections of heads by data set. */
    Map<String, HeadSelection.Result> selections() {
        Map<String, HeadSelection.Result> all = new LinkedHashMap<>();
        result.sets().forEach(s -> all.put(s.label(), s.heads()));
        return all;
    }
}
