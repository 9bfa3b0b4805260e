package io.residual.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.chart.TextTable;
import io.residual.provenance.Provenance;
import io.residual.spectrum.SpectralComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Similarities of heads between data sets or models, as tables, JSON and an image. */
public final class CompareReport {
    private CompareReport() {}

    /** For two traces a line a layer; for more, every pair's mean, then heads × data sets against the first. */
    public static String text(SpectralComparison comparison) {
        StringBuilder text = new StringBuilder();
        List<String> names = comparison.names();
        int count = names.size();
        if (count > 2) {
            TextTable means = new TextTable().row(header("mean over heads", names, 0));
            for (int i = 0; i < count; i++) {
                List<String> row = new ArrayList<>(List.of(names.get(i)));
                for (int j = 0; j < count; j++) {
                    row.add(number(comparison.mean(i, j)));
                }
                means.row(row.toArray(new String[0]));
            }
            text.append(means).append('\n');
        }
        TextTable heads = new TextTable().row(header("to " + names.get(0), names, 1));
        for (int l = 0; l < comparison.shape().layers(); l++) {
            List<String> row = new ArrayList<>(List.of("L" + l + " heads (mean)"));
            for (int j = 1; j < count; j++) {
                row.add(number(comparison.mean(0, j, l)));
            }
            heads.row(row.toArray(new String[0]));
        }
        for (int h = 0; h < comparison.shape().allHeads(); h++) {
            List<String> row =
                    new ArrayList<>(List.of(comparison.shape().unit(1 + h).toString()));
            for (int j = 1; j < count; j++) {
                row.add(number(comparison.between(0, j)[h]));
            }
            heads.row(row.toArray(new String[0]));
        }
        return text.append(heads).toString();
    }

    private static String[] header(String first, List<String> names, int from) {
        List<String> row = new ArrayList<>(List.of(first));
        row.addAll(names.subList(from, names.size()));
        return row.toArray(new String[0]);
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
    }

    /** Every head of every pair; what could not be measured is null. */
    public static ObjectNode json(SpectralComparison comparison, List<Provenance> provenance) {
        ObjectNode root = Schema.SIMILARITY.document();
        root.set("traces", Json.of(comparison.names()));
        ArrayNode pairs = root.putArray("pairs");
        for (int i = 0; i < comparison.names().size(); i++) {
            for (int j = i + 1; j < comparison.names().size(); j++) {
                ObjectNode pair = pairs.addObject()
                        .put("a", comparison.names().get(i))
                        .put("b", comparison.names().get(j));
                pair.put("mean", comparison.mean(i, j));
                ObjectNode heads = pair.putObject("heads");
                double[] values = comparison.between(i, j);
                for (int h = 0; h < values.length; h++) {
                    heads.put(comparison.shape().unit(1 + h).toString(), values[h]);
                }
            }
        }
        ArrayNode made = root.putArray("provenance");
        provenance.forEach(each -> made.add(each.json()));
        return root;
    }
}
