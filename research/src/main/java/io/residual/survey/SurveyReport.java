package io.residual.survey;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.chart.HeatMap;
import io.residual.chart.LineChart;
import io.residual.heads.Ablation.Fill;
import io.residual.heads.HeadSelection;
import io.residual.heads.HeadSelection.Curve;
import io.residual.heads.HeadSelection.Score;
import io.residual.probing.RoleProbing;
import io.residual.report.HeadsReport;
import io.residual.spectrum.UnitGeometry;
import io.residual.survey.LayerStudy.Layer;
import io.residual.survey.Survey.Result;
import io.residual.survey.Survey.SetResult;
import io.residual.survey.Survey.Shift;
import io.residual.survey.WeightStudy.Unit;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A survey as Markdown tables, JSON and SVG. Layers count from 0; the stream before the first is called "in". */
public final class SurveyReport {
    private final Result result;
    private final UnitShape shape;

    /** The report of a survey. */
    public SurveyReport(Result result) {
        this.result = result;
        this.shape = result.shape();
    }

    /** Every table. */
    public String markdown() {
        StringBuilder text = new StringBuilder();
        layers(text, "Linear probe on the class token after each layer, test accuracy in %", Layer::probe);
        layers(text, "Nearest class mean, means of the same layer, test accuracy in %", Layer::means);
        layers(text, "Nearest class mean, means of the same layer of unit length, test accuracy in %", Layer::unit);
        layers(text, "The same about the mean of all training images, test accuracy in %", Layer::centred);
        layers(text, "Nearest class mean, means of the last layer (a lens), test accuracy in %", Layer::lens);
        undone(text);
        gains(text);
        shares(text);
        alike(text);
        geometry(text);
        roles(text);
        heads(text);
        layersRemoved(text);
        shifts(text);
        crossed(text);
        return text.toString();
    }

    private static void title(StringBuilder text, String title) {
        text.append(text.isEmpty() ? "" : "\n").append("## ").append(title).append("\n\n");
    }

    private static void row(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static void header(StringBuilder text, List<String> cells) {
        row(text, cells);
        text.append("| ---").append(" | ---:".repeat(cells.size() - 1)).append(" |\n");
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }

    private List<String> depths() {
        List<String> names = new ArrayList<>(List.of("in"));
        IntStream.range(0, shape.layers()).forEach(l -> names.add("L" + l));
        return names;
    }

    private void layers(StringBuilder text, String title, Function<Layer, Accuracy> of) {
        title(text, title);
        List<String> head = new ArrayList<>(List.of("data"));
        head.addAll(depths());
        header(text, head);
        for (SetResult set : result.sets()) {
            List<String> cells = new ArrayList<>(List.of(set.label()));
            set.layers().forEach(l -> cells.add(percent(of.apply(l).value())));
            row(text, cells);
        }
        List<String> mean = new ArrayList<>(List.of("**mean**"));
        for (double value : meanOf(of)) {
            mean.add(percent(value));
        }
        row(text, mean);
    }

    private double[] meanOf(Function<Layer, Accuracy> of) {
        return IntStream.rangeClosed(0, shape.layers())
                .mapToDouble(i -> result.sets().stream()
                        .mapToDouble(s -> of.apply(s.layers().get(i)).value())
                        .average()
                        .orElse(Double.NaN))
                .toArray();
    }

    private static Layer best(SetResult set, Function<Layer, Accuracy> of) {
        Layer best = set.layers().get(0);
        for (Layer layer : set.layers()) {
            best = of.apply(layer).value() > of.apply(best).value() ? layer : best;
        }
        return best;
    }

    private static String at(Layer layer) {
        return layer.layer() < 0 ? "in" : "L" + layer.layer();
    }

    /** What the last layers lose, beside what methods reach. */
    private void undone(StringBuilder text) {
        title(text, "The last layer, the best layer, and what methods reach, test accuracy in %");
        List<String> methods = new ArrayList<>(result.sets().get(0).methods().keySet());
        List<String> head = new ArrayList<>(List.of(
                "data",
                "means, last",
                "means, best layer*",
                "unit means, last",
                "centred, last",
                "probe, last",
                "probe, best layer*"));
        head.addAll(methods);
        header(text, head);
        for (SetResult set : result.sets()) {
            Layer last = set.layers().get(set.layers().size() - 1);
            Layer means = best(set, Layer::means);
            Layer probe = best(set, Layer::probe);
            List<String> cells = new ArrayList<>(List.of(
                    set.label(),
                    percent(last.means().value()),
                    percent(means.means().value()) + " (" + at(means) + ")",
                    percent(last.unit().value()),
                    percent(last.centred().value()),
                    percent(last.probe().value()),
                    percent(probe.probe().value()) + " (" + at(probe) + ")"));
            for (String method : methods) {
                Accuracy a = set.methods().get(method);
                cells.add(a == null ? "–" : percent(a.value()));
            }
            row(text, cells);
        }
        text.append(
                "\n\\* The best layer is read off the test split: it says what there is to find, not what a user would get.\n");
    }

    private List<String> weighted() {
        return result.sets().stream()
                .flatMap(s -> s.weights().keySet().stream())
                .distinct()
                .toList();
    }

    /** The gain of a layer's units of a kind: √(Σ after / Σ before); NaN where none is adapted. */
    private static double gain(List<Unit> units, UnitId.Kind kind, int layer) {
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
    private double gain(String method, UnitId.Kind kind, int layer) {
        double[] logs = result.sets().stream()
                .map(s -> s.weights().getOrDefault(method, List.of()))
                .mapToDouble(u -> Math.log(gain(u, kind, layer)))
                .filter(v -> !Double.isNaN(v))
                .toArray();
        return logs.length == 0
                ? Double.NaN
                : Math.exp(Arrays.stream(logs).average().orElse(0));
    }

    private void gains(StringBuilder text) {
        for (String method : weighted()) {
            title(text, "What " + method + " does to each layer: deviations from the mean, times");
            List<String> head = new ArrayList<>(List.of("data"));
            depths().stream().skip(1).forEach(head::add);
            header(text, head);
            for (UnitId.Kind kind : List.of(UnitId.Kind.HEAD, UnitId.Kind.MLP)) {
                String name = kind == UnitId.Kind.HEAD ? "heads" : "MLPs";
                for (SetResult set : result.sets()) {
                    List<Unit> units = set.weights().getOrDefault(method, List.of());
                    List<String> cells = new ArrayList<>(List.of(set.label() + ", " + name));
                    IntStream.range(0, shape.layers()).forEach(l -> cells.add(number("%.2f", gain(units, kind, l))));
                    if (units.stream().anyMatch(u -> u.unit().kind() == kind)) {
                        row(text, cells);
                    }
                }
                if (!Double.isNaN(gain(method, kind, shape.layers() - 1))) {
                    List<String> mean = new ArrayList<>(List.of("**geometric mean, " + name + "**"));
                    IntStream.range(0, shape.layers()).forEach(l -> mean.add(number("%.2f", gain(method, kind, l))));
                    row(text, mean);
                }
            }
        }
    }

    /** A layer's share of the summed variance of adapted units, before and after, mean over data sets. */
    private double share(String method, int layer, boolean after) {
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

    private void shares(StringBuilder text) {
        title(text, "Each layer's share of the summed variance of the adapted units, in %, mean over data sets");
        List<String> head = new ArrayList<>(List.of("method"));
        depths().stream().skip(1).forEach(head::add);
        header(text, head);
        for (String method : weighted()) {
            for (boolean after : new boolean[] {false, true}) {
                List<String> cells = new ArrayList<>(List.of(method + (after ? ", after" : ", before")));
                IntStream.range(0, shape.layers()).forEach(l -> cells.add(percent(share(method, l, after))));
                row(text, cells);
            }
        }
    }

    /** Correlation of the logarithms of units' gains between two data sets' adapters; NaN for too few. */
    private static double correlation(List<Unit> a, List<Unit> b) {
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

    private double[][] correlations(String method) {
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

    private void alike(StringBuilder text) {
        for (String method : weighted()) {
            title(text, "Do data sets amplify the same units? Correlation of the units' log gains, " + method);
            List<String> head = new ArrayList<>(List.of("data"));
            result.sets().forEach(s -> head.add(s.label()));
            header(text, head);
            double[][] all = correlations(method);
            for (int i = 0; i < all.length; i++) {
                List<String> cells =
                        new ArrayList<>(List.of(result.sets().get(i).label()));
                for (double value : all[i]) {
                    cells.add(number("%.2f", value));
                }
                row(text, cells);
            }
        }
    }

    private double mean(UnitId.Kind kind, int layer, ToDoubleFunction<UnitGeometry> figure) {
        return mean(result.sets().stream().map(SetResult::geometry).toList(), kind, layer, figure);
    }

    private static double mean(
            List<List<UnitGeometry>> all, UnitId.Kind kind, int layer, ToDoubleFunction<UnitGeometry> figure) {
        return all.stream()
                .mapToDouble(g -> RoleProbing.mean(g, kind, layer, figure))
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    private void geometry(StringBuilder text) {
        title(text, "Dimensions by layer, mean over data sets (test images)");
        List<String> head = new ArrayList<>(List.of(
                "layer",
                "heads, to 99 %",
                "heads, participation ratio",
                "heads, TwoNN",
                "heads, first component %",
                "MLPs, to 99 %",
                "MLPs, participation ratio",
                "MLPs, TwoNN",
                "MLPs, first component %"));
        boolean control = !result.roles().controlGeometry().isEmpty();
        if (control) {
            head.addAll(List.of("control: heads, to 99 %", "control: MLPs, to 99 %"));
        }
        header(text, head);
        for (int l = 0; l < shape.layers(); l++) {
            List<String> cells = new ArrayList<>(List.of("L" + l));
            for (UnitId.Kind kind : List.of(UnitId.Kind.HEAD, UnitId.Kind.MLP)) {
                cells.add(number("%.1f", mean(kind, l, UnitGeometry::kept99)));
                cells.add(number("%.1f", mean(kind, l, UnitGeometry::participationRatio)));
                cells.add(number("%.1f", mean(kind, l, UnitGeometry::twoNn)));
                cells.add(percent(mean(kind, l, UnitGeometry::firstShare)));
            }
            if (control) {
                List<List<UnitGeometry>> untrained = result.roles().controlGeometry();
                cells.add(number("%.1f", mean(untrained, UnitId.Kind.HEAD, l, UnitGeometry::kept99)));
                cells.add(number("%.1f", mean(untrained, UnitId.Kind.MLP, l, UnitGeometry::kept99)));
            }
            row(text, cells);
        }
    }

    private void roles(StringBuilder text) {
        Survey.Roles roles = result.roles();
        title(text, "Spectral similarity of heads between data sets, mean over pairs");
        List<String> head = new ArrayList<>(List.of("layer", "itself", "another head"));
        RoleProbing.Result some = roles.some();
        RoleProbing.Result control = roles.control();
        if (some != null && control != null) {
            String few = result.controlImages() + " images";
            head.addAll(List.of(
                    "itself, " + few, "another, " + few, "control: itself, " + few, "control: another, " + few));
        }
        header(text, head);
        for (int l = 0; l < shape.layers(); l++) {
            List<String> cells = new ArrayList<>(List.of("L" + l));
            for (RoleProbing.Result each : Arrays.asList(roles.all(), some, control)) {
                if (each != null) {
                    cells.add(number("%.3f", each.same()[l]));
                    cells.add(number("%.3f", each.other()[l]));
                }
            }
            row(text, cells);
        }
        text.append(String.format(
                Locale.ROOT,
                "%nMost alike to itself among the heads of its layer: %s %% of cases%s (chance %.1f %%)%n",
                percent(roles.all().recognised()),
                some == null || control == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "; on %d images %s %%; the control %s %%",
                                result.controlImages(),
                                percent(some.recognised()),
                                percent(control.recognised())),
                100.0 / shape.heads()));
    }

    private static Curve curve(HeadSelection.Result heads, Score score, Fill fill) {
        return heads.curves().stream()
                .filter(c -> c.score() == score && c.fill() == fill)
                .findFirst()
                .orElseThrow();
    }

    private void heads(StringBuilder text) {
        for (Fill fill : Fill.values()) {
            title(
                    text,
                    "Few heads, the rest " + (fill == Fill.ZERO ? "zero" : "mean")
                            + ", test accuracy in % (heads kept, chosen on validation)");
            header(text, List.of("data", "whole model", "all heads", "S", "U", "U\\|T", "R, a quarter of the heads"));
            for (SetResult set : result.sets()) {
                List<String> cells = new ArrayList<>(List.of(
                        set.label(),
                        percent(set.heads().full().value()),
                        percent(set.heads().headsOnly(fill).value())));
                for (Score score : List.of(Score.SUPERVISED, Score.UNSUPERVISED, Score.TASK)) {
                    HeadSelection.Point best = curve(set.heads(), score, fill).best();
                    cells.add(percent(best.testMean()) + " (" + best.kept() + ")");
                }
                List<HeadSelection.Point> random =
                        curve(set.heads(), Score.RANDOM, fill).points();
                int quarter = HeadSelection.SHARES.size() - HeadSelection.SHARES.indexOf(.25);
                cells.add(percent(random.get(random.size() - quarter).testMean()));
                row(text, cells);
            }
        }
        Map<String, HeadSelection.Result> all = selections();
        text.append("\n```\n")
                .append(HeadsReport.overlap(all, shape.allHeads()))
                .append("```\n");
    }

    private Map<String, HeadSelection.Result> selections() {
        Map<String, HeadSelection.Result> all = new LinkedHashMap<>();
        result.sets().forEach(s -> all.put(s.label(), s.heads()));
        return all;
    }

    private void layersRemoved(StringBuilder text) {
        title(
                text,
                "Test accuracy in % without a layer's units (their means in their place), class means of the whole model");
        List<String> head = new ArrayList<>(List.of("data"));
        depths().stream().skip(1).forEach(head::add);
        header(text, head);
        for (SetResult set : result.sets()) {
            for (HeadSelection.Layers layers : set.heads().layers()) {
                if (layers.fill() == Fill.MEAN && !layers.cumulative()) {
                    List<String> cells = new ArrayList<>(List.of(set.label() + ", " + layers.removed()));
                    layers.test().forEach(a -> cells.add(percent(a.value())));
                    row(text, cells);
                }
            }
        }
    }

    private void shifts(StringBuilder text) {
        if (result.shifts().isEmpty()) {
            return;
        }
        title(text, "Fitted on one data set, tested on another with the same classes, test accuracy in %");
        header(text, List.of("from → to", "method", "accuracy", "95 % interval", "the other set's own fit"));
        for (Shift s : result.shifts()) {
            Accuracy own = s.own();
            row(
                    text,
                    List.of(
                            s.from() + " → " + s.to(),
                            s.method(),
                            percent(s.accuracy().value()),
                            percent(s.accuracy().low()) + " – "
                                    + percent(s.accuracy().high()),
                            own == null ? "–" : percent(own.value())));
        }
    }

    private void crossed(StringBuilder text) {
        if (result.crossed().isEmpty()) {
            return;
        }
        title(text, "Two labellings of the same images, on images that no fit saw, answers in %");
        header(text, List.of("fitted for", "method", "images", "its own label", "95 % interval", "the other label"));
        for (Survey.Crossed c : result.crossed()) {
            row(
                    text,
                    List.of(
                            c.fitted(),
                            c.method(),
                            String.valueOf(c.own().of()),
                            percent(c.own().value()),
                            percent(c.own().low()) + " – " + percent(c.own().high()),
                            percent(c.others().value())));
        }
    }

    /** Everything for programs. */
    public ObjectNode json() {
        ObjectNode root =
                Schema.SURVEY.document().put("model", result.model()).put("control_images", result.controlImages());
        ArrayNode sets = root.putArray("datasets");
        for (SetResult set : result.sets()) {
            ObjectNode node = sets.addObject()
                    .put("label", set.label())
                    .put("classes", set.classes())
                    .put("test_images", set.test());
            ArrayNode layers = node.putArray("layers");
            for (Layer l : set.layers()) {
                layers.addObject()
                        .put("layer", l.layer())
                        .put("lens", l.lens().value())
                        .put("means", l.means().value())
                        .put("unit", l.unit().value())
                        .put("centred", l.centred().value())
                        .put("probe", l.probe().value());
            }
            ArrayNode units = node.putArray("units");
            for (UnitGeometry u : set.geometry()) {
                ObjectNode one = units.addObject()
                        .put("unit", u.unit().toString())
                        .put("variance", u.variance())
                        .put("kept_90", u.kept90())
                        .put("kept_99", u.kept99())
                        .put("participation_ratio", u.participationRatio())
                        .put("first_share", u.firstShare());
                one.set("two_nn", Json.of(u.twoNn()));
            }
            ObjectNode weights = node.putObject("weights");
            set.weights().forEach((method, list) -> {
                ArrayNode all = weights.putArray(method);
                for (Unit u : list) {
                    ObjectNode one = all.addObject()
                            .put("unit", u.unit().toString())
                            .put("components", u.components())
                            .put("before", u.before())
                            .put("after", u.after())
                            .put("negative", u.negative())
                            .put("largest", u.largest());
                    one.set("gain", Json.of(u.gain()));
                }
            });
            ObjectNode methods = node.putObject("methods");
            set.methods().forEach((name, a) -> methods.put(name, a.value()));
        }
        ObjectNode roles = root.putObject("roles");
        put(roles, "all", result.roles().all());
        put(roles, "some", result.roles().some());
        put(roles, "control", result.roles().control());
        ArrayNode shifts = root.putArray("shifts");
        for (Shift s : result.shifts()) {
            ObjectNode one = shifts.addObject()
                    .put("from", s.from())
                    .put("to", s.to())
                    .put("method", s.method())
                    .put("right", s.accuracy().right())
                    .put("of", s.accuracy().of());
            Accuracy own = s.own();
            if (own != null) {
                one.put("own_right", own.right());
            }
        }
        ArrayNode crossed = root.putArray("crossed");
        for (Survey.Crossed c : result.crossed()) {
            crossed.addObject()
                    .put("fitted", c.fitted())
                    .put("other", c.other())
                    .put("method", c.method())
                    .put("images", c.own().of())
                    .put("own_right", c.own().right())
                    .put("other_right", c.others().right());
        }
        root.set("heads", HeadsReport.json(selections(), shape.allHeads()));
        return root;
    }

    private static void put(ObjectNode node, String name, RoleProbing.@Nullable Result roles) {
        if (roles != null) {
            ObjectNode one = node.putObject(name).put("recognised", roles.recognised());
            ArrayNode same = one.putArray("same");
            Arrays.stream(roles.same()).forEach(same::add);
            ArrayNode other = one.putArray("other");
            Arrays.stream(roles.other()).forEach(other::add);
        }
    }

    /** Charts by file name. */
    public Map<String, String> charts() {
        Map<String, String> charts = new LinkedHashMap<>();
        double[] depth =
                IntStream.rangeClosed(0, shape.layers()).asDoubleStream().toArray();
        LineChart each =
                new LineChart("Linear probe after each layer, test accuracy in %", "layer", 100).ticks(depths());
        result.sets()
                .forEach(s -> each.line(
                        s.label(),
                        depth,
                        s.layers().stream()
                                .mapToDouble(l -> 100 * l.probe().value())
                                .toArray()));
        charts.put("probe-by-layer.svg", each.svg());
        charts.put(
                "class-token-by-layer.svg",
                new LineChart("The class token after each layer, mean test accuracy in %", "layer", 100)
                        .ticks(depths())
                        .line("linear probe", depth, hundred(meanOf(Layer::probe)))
                        .line("class means of the layer", depth, hundred(meanOf(Layer::means)))
                        .line("of unit length", depth, hundred(meanOf(Layer::unit)))
                        .line("and centred", depth, hundred(meanOf(Layer::centred)))
                        .line("class means of the last", depth, hundred(meanOf(Layer::lens)))
                        .svg());
        double[] layers = IntStream.range(0, shape.layers()).asDoubleStream().toArray();
        List<String> names = depths().subList(1, depths().size());
        charts.put("dimensions.svg", dimensions(layers, names));
        charts.put("roles.svg", similarity(layers, names));
        for (String method : weighted()) {
            String file = method.replaceAll("\\*", "-star")
                    .replaceAll("[^A-Za-z0-9-]+", "-")
                    .replaceAll("-$", "");
            charts.put("gain-" + file + ".svg", gainChart(method, layers, names));
            charts.put("gains-alike-" + file + ".svg", alikeChart(method));
        }
        charts.put("heads-kept.svg", keptChart());
        return charts;
    }

    private static double[] hundred(double... shares) {
        return Arrays.stream(shares).map(s -> 100 * s).toArray();
    }

    private double[] byLayer(UnitId.Kind kind, ToDoubleFunction<UnitGeometry> figure) {
        return IntStream.range(0, shape.layers())
                .mapToDouble(l -> mean(kind, l, figure))
                .toArray();
    }

    private String dimensions(double[] layers, List<String> names) {
        double[] mlps = byLayer(UnitId.Kind.MLP, UnitGeometry::kept99);
        double top = Math.ceil(Arrays.stream(mlps).max().orElse(1) / 20) * 20;
        return new LineChart("Dimension by layer, mean over data sets", "layer", top)
                .ticks(names)
                .line("heads, to 99 %", layers, byLayer(UnitId.Kind.HEAD, UnitGeometry::kept99))
                .line("MLPs, to 99 %", layers, mlps)
                .line("heads, TwoNN", layers, byLayer(UnitId.Kind.HEAD, UnitGeometry::twoNn))
                .line("MLPs, TwoNN", layers, byLayer(UnitId.Kind.MLP, UnitGeometry::twoNn))
                .svg();
    }

    private String similarity(double[] layers, List<String> names) {
        LineChart chart = new LineChart("Spectral similarity of heads between data sets", "layer", 1).ticks(names);
        RoleProbing.Result some = result.roles().some();
        RoleProbing.Result control = result.roles().control();
        RoleProbing.Result shown = some == null ? result.roles().all() : some;
        chart.line("a head and itself", layers, shown.same()).line("a head and another", layers, shown.other());
        if (control != null) {
            chart.line("control: itself", layers, control.same()).line("control: another", layers, control.other());
        }
        return chart.svg();
    }

    private String gainChart(String method, double[] layers, List<String> names) {
        double[] heads = IntStream.range(0, shape.layers())
                .mapToDouble(l -> gain(method, UnitId.Kind.HEAD, l))
                .toArray();
        double[] mlps = IntStream.range(0, shape.layers())
                .mapToDouble(l -> gain(method, UnitId.Kind.MLP, l))
                .toArray();
        double top = Math.ceil(
                Arrays.stream(heads).filter(v -> !Double.isNaN(v)).max().orElse(1));
        boolean both = !Double.isNaN(mlps[0]);
        top = both ? Math.max(top, Math.ceil(Arrays.stream(mlps).max().orElse(1))) : top;
        LineChart chart = new LineChart("Gain by layer, geometric mean over data sets: " + method, "layer", top)
                .ticks(names)
                .line("heads", layers, heads);
        return (both ? chart.line("MLPs", layers, mlps) : chart).svg();
    }

    private String alikeChart(String method) {
        List<String> labels = result.sets().stream().map(SetResult::label).toList();
        double[][] values = correlations(method);
        for (double[] line : values) {
            for (int i = 0; i < line.length; i++) {
                line[i] = Math.max(0, line[i]); // the scale has no negative side
            }
        }
        return HeatMap.svg("Correlation of units' gains (below 0 as 0): " + method, labels, labels, values);
    }

    /** Heads × data sets: the place of a head in the ranking by its own accuracy, 1 for the first. */
    private String keptChart() {
        List<UnitId> heads = shape.headIds();
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
        return HeatMap.svg(
                "Rank of a head by its own accuracy on validation (1: the first)",
                heads.stream().map(UnitId::toString).toList(),
                labels,
                values);
    }
}
