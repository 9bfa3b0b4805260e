package io.residual.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.chart.TextTable;
import io.residual.provenance.Provenance;
import io.residual.spectrum.UnitGeometry;
import io.residual.units.UnitId;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The geometry of every unit and its averages by layer, as a table for people and as JSON for programs. */
public final class GeometryReport {
    private GeometryReport() {}

    /**
     * One line per layer for the heads' means, then one for each MLP, then one for the embedding.
     *
     * @param everyHead whether each head also has a line of its own
     */
    public static String text(List<UnitGeometry> units, boolean everyHead) {
        TextTable table = new TextTable()
                .row(
                        "units",
                        "to 90 %",
                        "to 99 %",
                        "TwoNN",
                        "99 % / TwoNN",
                        "participation",
                        "first share",
                        "variance");
        int layers = units.stream().mapToInt(u -> u.unit().layer()).max().orElse(0) + 1;
        for (int l = 0; l < layers; l++) {
            int layer = l;
            List<UnitGeometry> heads = units.stream()
                    .filter(u -> u.unit().kind() == UnitId.Kind.HEAD && u.unit().layer() == layer)
                    .toList();
            List<UnitGeometry> varying =
                    heads.stream().filter(u -> u.rank() > 0).toList();
            int constant = heads.size() - varying.size();
            row(
                    table,
                    "L" + l + " heads (mean of " + varying.size()
                            + (constant > 0 ? ", " + constant + " constant)" : ")"),
                    varying);
        }
        if (everyHead) {
            units.stream()
                    .filter(u -> u.unit().kind() == UnitId.Kind.HEAD)
                    .forEach(u -> row(table, u.unit() + (u.rank() == 0 ? " (constant)" : ""), List.of(u)));
        }
        units.stream()
                .filter(u -> u.unit().kind() != UnitId.Kind.HEAD)
                .sorted((a, b) -> a.unit().kind() == b.unit().kind()
                        ? Integer.compare(a.unit().layer(), b.unit().layer())
                        : b.unit().kind().compareTo(a.unit().kind()))
                .forEach(u -> row(table, u.unit().toString(), List.of(u)));
        return table.toString();
    }

    private static void row(TextTable table, String name, List<UnitGeometry> units) {
        table.row(
                name,
                mean(units, UnitGeometry::kept90, "%.1f"),
                mean(units, UnitGeometry::kept99, "%.1f"),
                mean(units, UnitGeometry::twoNn, "%.1f"),
                mean(units, UnitGeometry::curvature, "%.2f"),
                mean(units, UnitGeometry::participationRatio, "%.1f"),
                mean(units, UnitGeometry::firstShare, "%.2f"),
                mean(units, UnitGeometry::variance, "%.3g"));
    }

    private static String mean(List<UnitGeometry> units, ToDoubleFunction<UnitGeometry> figure, String format) {
        double mean = mean(units, figure);
        return Double.isNaN(mean) ? "–" : String.format(Locale.ROOT, format, mean);
    }

    /** Over the units where the figure could be measured. */
    private static double mean(List<UnitGeometry> units, ToDoubleFunction<UnitGeometry> figure) {
        return units.stream()
                .mapToDouble(figure)
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    /** Every unit; figures that could not be measured are null. */
    public static String json(List<UnitGeometry> units, List<double[]> eigenvalues, Provenance provenance) {
        ObjectNode root = Schema.GEOMETRY.document();
        ArrayNode all = root.putArray("units");
        IntStream.range(0, units.size()).forEach(i -> {
            UnitGeometry u = units.get(i);
            ObjectNode node = all.addObject();
            node.put("unit", u.unit().toString())
                    .put("kind", u.unit().kind().name().toLowerCase(Locale.ROOT))
                    .put("layer", u.unit().layer())
                    .put("head", u.unit().head())
                    .put("rank", u.rank())
                    .put("variance", u.variance())
                    .put("kept_90", u.kept90())
                    .put("kept_99", u.kept99())
                    .put("participation_ratio", u.participationRatio())
                    .put("first_share", u.firstShare());
            node.put("two_nn", u.twoNn());
            node.put("kept_99_over_two_nn", u.curvature());
            ArrayNode values = node.putArray("eigenvalues");
            ArrayNode cumulative = node.putArray("cumulative");
            double sum = 0;
            for (double value : eigenvalues.get(i)) {
                sum += value;
                values.add(value);
                cumulative.add(sum / u.variance());
            }
        });
        layers(root.putArray("layers"), units);
        root.set("provenance", provenance.json());
        return Json.pretty(root);
    }

    /** Means over each layer's heads that vary. */
    private static void layers(ArrayNode layers, List<UnitGeometry> units) {
        int count = units.stream().mapToInt(u -> u.unit().layer()).max().orElse(0) + 1;
        for (int l = 0; l < count; l++) {
            int layer = l;
            List<UnitGeometry> heads = units.stream()
                    .filter(u -> u.unit().kind() == UnitId.Kind.HEAD && u.unit().layer() == layer && u.rank() > 0)
                    .toList();
            ObjectNode node = layers.addObject().put("layer", l).put("varying_heads", heads.size());
            node.put("variance", mean(heads, UnitGeometry::variance));
            node.put("kept_90", mean(heads, UnitGeometry::kept90));
            node.put("kept_99", mean(heads, UnitGeometry::kept99));
            node.put("participation_ratio", mean(heads, UnitGeometry::participationRatio));
            node.put("first_share", mean(heads, UnitGeometry::firstShare));
            node.put("two_nn", mean(heads, UnitGeometry::twoNn));
            node.put("kept_99_over_two_nn", mean(heads, UnitGeometry::curvature));
        }
    }
}
