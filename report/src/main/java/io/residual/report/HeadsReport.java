package io.residual.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Schema;
import io.residual.chart.TextTable;
import io.residual.heads.Ablation.Fill;
import io.residual.heads.HeadSelection;
import io.residual.heads.HeadSelection.Curve;
import io.residual.heads.HeadSelection.Layers;
import io.residual.heads.HeadSelection.Point;
import io.residual.heads.HeadSelection.Score;
import io.residual.heads.Overlap;
import io.residual.units.UnitId;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Accuracies with few heads: tables, JSON, curves. */
public final class HeadsReport {
    private HeadsReport() {}

    /** One data set's tables: by number of heads, and by layer. */
    public static String text(HeadSelection.Result result, int heads) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "Test accuracy in %%, whole model %s; all %d heads alone, the rest ablated to zero %s, to the mean"
                        + " %s%n",
                interval(result.full()),
                heads,
                percent(result.headsOnly(Fill.ZERO)),
                percent(result.headsOnly(Fill.MEAN))));
        List<String> header = new ArrayList<>(List.of("heads kept"));
        result.curves().get(0).points().forEach(p -> header.add(String.valueOf(p.kept())));
        header.add("selected on validation");
        TextTable table = new TextTable().row(header.toArray(new String[0]));
        for (Curve curve : result.curves()) {
            List<String> row = new ArrayList<>(
                    List.of(curve.score().label() + ", rest " + (curve.fill() == Fill.ZERO ? "zero" : "mean")));
            curve.points().forEach(p -> row.add(value(p)));
            row.add(curve.best().kept() + (curve.best().kept() == 1 ? " head: " : " heads: ") + value(curve.best()));
            table.row(row.toArray(new String[0]));
        }
        text.append(table).append('\n');
        List<String> layerHeader = new ArrayList<>(List.of("ablated, replaced by mean"));
        int layers = result.layers().get(0).test().size();
        for (int l = 0; l < layers; l++) {
            layerHeader.add("L" + l);
        }
        TextTable byLayer = new TextTable().row(layerHeader.toArray(new String[0]));
        for (Layers each : result.layers()) {
            if (each.fill() == Fill.MEAN) {
                List<String> row =
                        new ArrayList<>(List.of(each.removed() + (each.cumulative() ? " up to the layer" : "")));
                each.test().forEach(a -> row.add(percent(a)));
                byLayer.row(row.toArray(new String[0]));
            }
        }
        return text.append(byLayer).toString();
    }

    private static String value(Point point) {
        String mean = String.format(Locale.ROOT, "%.1f", 100 * point.testMean());
        return point.test().size() == 1
                ? mean
                : mean + String.format(Locale.ROOT, " ± %.1f", 100 * point.testDeviation());
    }

    private static String percent(Accuracy accuracy) {
        return String.format(Locale.ROOT, "%.1f", 100 * accuracy.value());
    }

    private static String interval(Accuracy a) {
        return String.format(Locale.ROOT, "%.1f (%.1f – %.1f)", 100 * a.value(), 100 * a.low(), 100 * a.high());
    }

    /** The overlap of the heads that data sets select, against chance. */
    public static String overlap(Map<String, HeadSelection.Result> results, int heads) {
        List<String> names = List.copyOf(results.keySet());
        StringBuilder text = new StringBuilder();
        List<Integer> sizes = sizes(results);
        List<String> header = new ArrayList<>(List.of("Jaccard, mean over pairs"));
        sizes.forEach(k -> header.add(k + (k == 1 ? " head" : " heads")));
        TextTable table = new TextTable().row(header.toArray(new String[0]));
        for (Score score : List.of(Score.SUPERVISED, Score.UNSUPERVISED, Score.TASK)) {
            List<String> row = new ArrayList<>(List.of(score.label()));
            for (int k : sizes) {
                double sum = 0;
                int pairs = 0;
                for (int i = 0; i < names.size(); i++) {
                    for (int j = i + 1; j < names.size(); j++) {
                        sum += jaccard(results, score, k, names.get(i), names.get(j));
                        pairs++;
                    }
                }
                row.add(String.format(Locale.ROOT, "%.2f", sum / pairs));
            }
            table.row(row.toArray(new String[0]));
        }
        List<String> chance = new ArrayList<>(List.of("by chance"));
        sizes.forEach(k -> chance.add(String.format(Locale.ROOT, "%.2f", Overlap.byChance(k, heads))));
        return text.append(table.row(chance.toArray(new String[0]))).toString();
    }

    private static List<Integer> sizes(Map<String, HeadSelection.Result> results) {
        return results.values().iterator().next().curves().get(0).points().stream()
                .map(Point::kept)
                .toList();
    }

    private static double jaccard(Map<String, HeadSelection.Result> results, Score score, int k, String a, String b) {
        return Overlap.jaccard(first(results, a, score, k), first(results, b, score, k));
    }

    private static List<UnitId> first(Map<String, HeadSelection.Result> results, String name, Score score, int k) {
        HeadSelection.Result result = results.get(name);
        List<List<UnitId>> rankings = result == null ? null : result.rankings().get(score);
        return rankings == null ? List.of() : rankings.get(0).subList(0, k);
    }

    /** Everything that was measured, and the overlaps of every pair of data sets. */
    public static ObjectNode json(Map<String, HeadSelection.Result> results, int heads) {
        ObjectNode root = Schema.HEADS.document();
        ObjectNode sets = root.putObject("datasets");
        results.forEach((name, result) -> dataset(sets.putObject(name), result));
        ArrayNode overlaps = root.putArray("overlap");
        List<String> names = List.copyOf(results.keySet());
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                for (Score score : List.of(Score.SUPERVISED, Score.UNSUPERVISED, Score.TASK)) {
                    for (int k : sizes(results)) {
                        overlaps.addObject()
                                .put("a", names.get(i))
                                .put("b", names.get(j))
                                .put("score", score.label())
                                .put("kept", k)
                                .put("jaccard", jaccard(results, score, k, names.get(i), names.get(j)))
                                .put("by_chance", Overlap.byChance(k, heads));
                    }
                }
            }
        }
        return root;
    }

    private static void dataset(ObjectNode node, HeadSelection.Result result) {
        accuracy(node.putObject("full"), result.full());
        result.headsOnly().forEach((fill, a) -> accuracy(node.putObject("heads_only_" + lower(fill)), a));
        ArrayNode curves = node.putArray("curves");
        for (Curve curve : result.curves()) {
            ObjectNode one = curves.addObject()
                    .put("score", curve.score().label())
                    .put("rest", lower(curve.fill()))
                    .put("chosen_on_validation", curve.best().kept());
            ArrayNode points = one.putArray("points");
            for (Point p : curve.points()) {
                ObjectNode point = points.addObject()
                        .put("kept", p.kept())
                        .put("validation", p.validationMean())
                        .put("test", p.testMean())
                        .put("test_deviation", p.testDeviation());
                if (p.test().size() == 1) {
                    point.putArray("test_interval_95")
                            .add(p.test().get(0).low())
                            .add(p.test().get(0).high());
                }
            }
        }
        ArrayNode layers = node.putArray("layers");
        for (Layers each : result.layers()) {
            ArrayNode values = layers.addObject()
                    .put("removed", each.removed())
                    .put("cumulative", each.cumulative())
                    .put("rest", lower(each.fill()))
                    .putArray("test");
            each.test().forEach(a -> values.add(a.value()));
        }
        ObjectNode rankings = node.putObject("rankings");
        result.rankings().forEach((score, orders) -> {
            if (score != Score.RANDOM) {
                ArrayNode order = rankings.putArray(score.label());
                orders.get(0).forEach(u -> order.add(u.toString()));
            }
        });
    }

    private static String lower(Fill fill) {
        return fill.name().toLowerCase(Locale.ROOT);
    }

    private static void accuracy(ObjectNode node, Accuracy a) {
        node.put("accuracy", a.value()).put("right", a.right()).put("of", a.of());
        node.putArray("interval_95").add(a.low()).add(a.high());
    }
}
