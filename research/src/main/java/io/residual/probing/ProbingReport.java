package io.residual.probing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.chart.Chart;
import io.residual.chart.HeatMap;
import io.residual.chart.LineChart;
import io.residual.heads.Ablation.Fill;
import io.residual.heads.HeadSelection;
import io.residual.heads.HeadSelection.Curve;
import io.residual.heads.HeadSelection.Score;
import io.residual.spectrum.UnitGeometry;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The findings of a study as text, JSON and images.
 *
 * @param geometry for each task that of every unit
 * @param selections for each task what few heads reach
 */
public record ProbingReport(
        UnitShape shape,
        AttributeProbing.Result attributes,
        Map<String, List<UnitGeometry>> geometry,
        RoleProbing.Result roles,
        Map<String, HeadSelection.Result> selections) {
    /** The report as text. */
    public String text() {
        StringBuilder text = new StringBuilder();
        List<Component> all = attributes.components();
        long beyond =
                all.stream().filter(c -> c.bestStrength() > attributes.chance()).count();
        line(
                text,
                "%d images, %d components (to 90 %% of each unit's variance); ε² beyond chance above %.4f: %d",
                attributes.images(),
                all.size(),
                attributes.chance(),
                beyond);
        line(text, "%nfactor                heads: components  median ε²   MLPs: components  median ε²");
        for (Factor factor : Factor.values()) {
            double[] heads = strengths(factor, UnitId.Kind.HEAD);
            double[] mlps = strengths(factor, UnitId.Kind.MLP);
            line(
                    text,
                    "%-22s %17d %10s %18d %10s",
                    factor.label(),
                    heads.length,
                    median(heads),
                    mlps.length,
                    median(mlps));
        }
        Specialisation s = attributes.specialisation();
        line(
                text,
                "%nSpecialisation: the main attribute accounts for %.1f %% of the explained variance of a head (%d"
                        + " heads), %.1f %% if components are permuted within layers (p = %.4f)",
                100 * s.agreement(),
                s.heads(),
                100 * s.chance(),
                s.probability());
        for (WordScore w : attributes.words()) {
            line(
                    text,
                    "%s: first text correct %d of %d (permuted within layers %.1f, p = %.4f; a random sentence"
                            + " %.1f), one of three %d; level right %d of %d (chance %.1f)",
                    w.method(),
                    w.first(),
                    w.asked(),
                    w.chance(),
                    w.probability(),
                    w.sentence(),
                    w.among(),
                    w.levelRight(),
                    w.levelAsked(),
                    w.levelChance());
        }
        line(text, "%nlayer  heads: to 99 %%  TwoNN   MLPs: to 99 %%  TwoNN   same head  another head");
        for (int l = 0; l < shape.layers(); l++) {
            line(
                    text,
                    "L%d %16.1f %6.1f %15.1f %6.1f %11.3f %13.3f",
                    l,
                    mean(UnitId.Kind.HEAD, l, UnitGeometry::kept99),
                    mean(UnitId.Kind.HEAD, l, UnitGeometry::twoNn),
                    mean(UnitId.Kind.MLP, l, UnitGeometry::kept99),
                    mean(UnitId.Kind.MLP, l, UnitGeometry::twoNn),
                    roles.same()[l],
                    roles.other()[l]);
        }
        line(
                text,
                "A head is most similar to itself on another data set in %.1f %% of cases (chance %.1f %%)",
                100 * roles.recognised(),
                100.0 / shape.heads());
        for (Fill fill : Fill.values()) {
            line(
                    text,
                    "%ntask, rest %-7s whole model  heads alone   S, chosen    U, chosen  U|T, chosen",
                    fill == Fill.ZERO ? "zero" : "mean");
            selections.forEach((name, r) -> line(
                    text,
                    "%-18s %10.1f %12.1f %s %s %s",
                    name,
                    100 * r.full().value(),
                    100 * r.headsOnly(fill).value(),
                    chosen(r, Score.SUPERVISED, fill),
                    chosen(r, Score.UNSUPERVISED, fill),
                    chosen(r, Score.TASK, fill)));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String chosen(HeadSelection.Result result, Score score, Fill fill) {
        Curve curve = curve(result, score, fill);
        return String.format(
                Locale.ROOT,
                "%6.1f (%2d)",
                100 * curve.best().testMean(),
                curve.best().kept());
    }

    private static Curve curve(HeadSelection.Result result, Score score, Fill fill) {
        return result.curves().stream()
                .filter(c -> c.score() == score && c.fill() == fill)
                .findFirst()
                .orElseThrow();
    }

    /** Strengths of a factor in the components where it is the main one, beyond chance. */
    private double[] strengths(Factor factor, UnitId.Kind kind) {
        return attributes.components().stream()
                .filter(c -> c.unit().kind() == kind && c.best() == factor && c.bestStrength() > attributes.chance())
                .mapToDouble(Component::bestStrength)
                .sorted()
                .toArray();
    }

    private static String median(double... sorted) {
        int n = sorted.length;
        return n == 0 ? "–" : String.format(Locale.ROOT, "%.2f", (sorted[(n - 1) / 2] + sorted[n / 2]) / 2);
    }

    /** A layer's mean over tasks. */
    private double mean(UnitId.Kind kind, int layer, ToDoubleFunction<UnitGeometry> figure) {
        return geometry.values().stream()
                .mapToDouble(g -> RoleProbing.mean(g, kind, layer, figure))
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    /** The report as JSON. */
    public ObjectNode json() {
        ObjectNode root = Schema.PROBING.document();
        ObjectNode probed = root.putObject("attributes").put("images", attributes.images());
        ArrayNode components = probed.putArray("components");
        for (Component c : attributes.components()) {
            ObjectNode node = components
                    .addObject()
                    .put("unit", c.unit().toString())
                    .put("component", c.index())
                    .put("share", c.share())
                    .put("best", c.best().label());
            ObjectNode strength = node.putObject("epsilon_squared");
            for (Factor factor : Factor.values()) {
                strength.put(factor.label(), c.strength()[factor.ordinal()]);
            }
        }
        probed.put("chance", attributes.chance());
        Specialisation special = attributes.specialisation();
        probed.putObject("specialisation")
                .put("heads", special.heads())
                .put("agreement", special.agreement())
                .put("chance", special.chance())
                .put("probability", special.probability());
        ArrayNode words = probed.putArray("words");
        attributes.words().forEach(w -> words.addObject()
                .put("method", w.method())
                .put("asked", w.asked())
                .put("first", w.first())
                .put("among", w.among())
                .put("chance", w.chance())
                .put("sentence", w.sentence())
                .put("probability", w.probability())
                .put("level_asked", w.levelAsked())
                .put("level_right", w.levelRight())
                .put("level_chance", w.levelChance()));
        probed.set("provenance", attributes.provenance().json());
        ObjectNode alike = root.putObject("roles");
        alike.set("same", Json.of(roles.same()));
        alike.set("other", Json.of(roles.other()));
        alike.put("recognised", roles.recognised());
        ObjectNode dimensions = root.putObject("dimensions");
        geometry.forEach((task, units) -> {
            ArrayNode list = dimensions.putArray(task);
            units.forEach(u -> {
                ObjectNode node = list.addObject()
                        .put("unit", u.unit().toString())
                        .put("kept_90", u.kept90())
                        .put("kept_99", u.kept99())
                        .put("participation_ratio", u.participationRatio())
                        .put("first_share", u.firstShare());
                node.put("two_nn", u.twoNn());
            });
        });
        return root;
    }

    /** Figures by file name, without its ending. */
    public Map<String, Chart> charts() {
        Map<String, Chart> charts = new LinkedHashMap<>();
        charts.put("what-heads-encode", encoded());
        double[] layers = IntStream.range(0, shape.layers()).asDoubleStream().toArray();
        double largest = Math.max(
                Arrays.stream(byLayer(UnitId.Kind.HEAD, UnitGeometry::kept99))
                        .max()
                        .orElse(1),
                Arrays.stream(byLayer(UnitId.Kind.MLP, UnitGeometry::kept99))
                        .max()
                        .orElse(1));
        double top = Math.ceil(largest / 10) * 10;
        charts.put(
                "dimensions",
                new LineChart("Dimension by layer, mean over tasks", "layer", top)
                        .yLabel("components, dimension")
                        .line("heads, to 99 %", layers, byLayer(UnitId.Kind.HEAD, UnitGeometry::kept99))
                        .line("MLPs, to 99 %", layers, byLayer(UnitId.Kind.MLP, UnitGeometry::kept99))
                        .line("heads, TwoNN", layers, byLayer(UnitId.Kind.HEAD, UnitGeometry::twoNn))
                        .line("MLPs, TwoNN", layers, byLayer(UnitId.Kind.MLP, UnitGeometry::twoNn)));
        charts.put(
                "roles",
                new LineChart("Spectral similarity between data sets", "layer", 1)
                        .yLabel("spectral similarity")
                        .line("a head and itself", layers, roles.same())
                        .line("a head and another", layers, roles.other()));
        charts.put("few-heads-zero", fewHeads(Fill.ZERO));
        charts.put("few-heads-mean", fewHeads(Fill.MEAN));
        return charts;
    }

    private double[] byLayer(UnitId.Kind kind, ToDoubleFunction<UnitGeometry> figure) {
        return IntStream.range(0, shape.layers())
                .mapToDouble(l -> mean(kind, l, figure))
                .toArray();
    }

    /** Units × factors: the share of a unit's variance that each factor explains. */
    private Chart encoded() {
        List<String> rows = new ArrayList<>();
        List<double[]> values = new ArrayList<>();
        for (UnitId unit : shape.ids()) {
            if (unit.kind() != UnitId.Kind.EMBEDDING) {
                rows.add(unit.toString());
                values.add(Component.amounts(attributes.components(), unit));
            }
        }
        List<String> columns = Arrays.stream(Factor.values()).map(Factor::label).toList();
        return HeatMap.ofShares(
                "Share of a unit's variance that an attribute explains",
                "share of variance",
                rows,
                columns,
                values.toArray(new double[0][]));
    }

    /** Accuracy relative to the whole model's, averaged over tasks. */
    private Chart fewHeads(Fill fill) {
        String rest = fill == Fill.ZERO ? "zero" : "mean";
        LineChart chart = new LineChart("Accuracy with few heads, rest " + rest, "heads kept", 120)
                .yLabel("in % of the whole model's");
        double last = 0;
        for (Score score : Score.values()) {
            List<Curve> curves =
                    selections.values().stream().map(r -> curve(r, score, fill)).toList();
            double[] x = curves.get(0).points().stream()
                    .mapToDouble(HeadSelection.Point::kept)
                    .toArray();
            double[] y = new double[x.length];
            int i = 0;
            for (HeadSelection.Result result : selections.values()) {
                for (int k = 0; k < x.length; k++) {
                    y[k] += 100
                            * curves.get(i).points().get(k).testMean()
                            / result.full().value()
                            / selections.size();
                }
                i++;
            }
            chart.line(score.label(), x, y);
            last = x[x.length - 1];
        }
        return chart.line("whole model", new double[] {0, last}, new double[] {100, 100});
    }
}
