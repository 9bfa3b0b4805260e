package io.residual.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import java.util.Arrays;
import java.util.List;

/**
 * The result of one measurement.
 *
 * @param work its name
 * @param what its description, one sentence
 * @param measures values of each repetition
 * @param ratios of those, repetition by repetition, with their targets
 * @param notes operations and bytes counted by hand, and whatever else a reader should know
 */
record Result(String work, String what, List<Measure> measures, List<Ratio> ratios, List<String> notes) {
    Result {
        measures = List.copyOf(measures);
        ratios = List.copyOf(ratios);
        notes = List.copyOf(notes);
    }

    /** A part of the report's document. */
    ObjectNode json() {
        ObjectNode node = Json.object().put("work", work).put("what", what);
        ArrayNode measured = node.putArray("measures");
        measures.forEach(m ->
                measured.addObject().put("name", m.name()).put("unit", m.unit()).set("values", Json.of(m.values())));
        ArrayNode compared = node.putArray("ratios");
        ratios.forEach(r -> compared.addObject()
                .put("name", r.name())
                .put("target", r.target())
                .set("values", Json.of(r.values())));
        node.set("notes", Json.of(notes));
        return node;
    }

    /** A quantity in each repetition. */
    record Measure(String name, String unit, double[] values) {
        double median() {
            return Result.median(values);
        }
    }

    /**
     * A ratio in each repetition.
     *
     * @param target smallest acceptable median; NaN if there is no target
     */
    record Ratio(String name, double target, double[] values) {
        static Ratio of(String name, double target, double[] over, double[] under) {
            double[] values = new double[over.length];
            Arrays.setAll(values, i -> over[i] / under[i]);
            return new Ratio(name, target, values);
        }

        double median() {
            return Result.median(values);
        }
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
