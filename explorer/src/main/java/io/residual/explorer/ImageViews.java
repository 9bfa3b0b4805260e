package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Calibration;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Decisions taken apart, as the pages show them. */
final class ImageViews {
    /** Number of images that are decomposed. */
    private static final int EXPLAINED = 16;

    /** Classes whose shares are kept for each of those. */
    private static final int CLASSES = 3;

    private static final int COMPONENTS = 8;

    /** Numbers beyond this have no digits after the point to spare. */
    private static final double LARGE = 1e9;

    /** The label of an unknown class. */
    static final int UNKNOWN = -1;

    /** A decision, the image it is about and its class. */
    record Shown(Explanation explanation, int block, int row, int label) {}

    /** Rows to explain: first some that the adapter corrected, then some that it broke, then others, wrong ones first. */
    static List<Integer> choose(Verdicts verdicts) {
        List<Integer> chosen = new ArrayList<>();
        add(chosen, verdicts.corrected(), EXPLAINED / 2);
        add(chosen, verdicts.broken(), EXPLAINED / 4);
        add(chosen, verdicts.rows(false, false), EXPLAINED / 8);
        add(chosen, verdicts.rows(true, true), EXPLAINED - chosen.size());
        add(
                chosen,
                verdicts.rows(false, false).stream()
                        .filter(i -> !chosen.contains(i))
                        .toList(),
                EXPLAINED - chosen.size());
        return chosen;
    }

    private static void add(List<Integer> chosen, List<Integer> rows, int most) {
        chosen.addAll(rows.subList(0, Math.min(rows.size(), Math.max(0, most))));
    }

    /** Decomposes the decisions on some rows. */
    static List<Shown> explain(
            Explainer explainer, List<Integer> rows, Trace<Split.Validation> trace, Progress progress) {
        List<Shown> shown = new ArrayList<>();
        progress.start("decomposing decisions", rows.size());
        for (int row : rows) {
            int block = 0;
            int at = row;
            while (at >= trace.blocks().get(block).size()) {
                at -= trace.blocks().get(block++).size();
            }
            TraceBlock of = trace.blocks().get(block);
            shown.add(new Shown(explainer.explain(of, at), block, at, of.labels()[at]));
            progress.at(shown.size());
        }
        progress.finish();
        return shown;
    }

    /**
     * A decision as JSON.
     *
     * @param image name of the image
     * @param label its class, or {@link #UNKNOWN}
     * @param plain calibration of the unadapted model
     * @param calibration of what decides now
     */
    ObjectNode view(String image, Explanation explanation, int label, Calibration plain, Calibration calibration) {
        ObjectNode node = Json.object();
        double probability = probability(explanation.after(), explanation.chosen(), calibration);
        node.put("image", image)
                .put("label", label)
                .put("chosen", explanation.chosen())
                .put("chosen_before", explanation.chosenBefore())
                .put("probability", probability)
                .put("probability_before", probability(explanation.before(), explanation.chosenBefore(), plain))
                .put("unsure", probability < calibration.threshold())
                .put("error", explanation.error());
        node.set("before", numbers(explanation.before()));
        node.set("after", numbers(explanation.after()));
        Set<Integer> kept = new LinkedHashSet<>(List.of(explanation.chosen(), explanation.chosenBefore()));
        if (label != UNKNOWN) {
            kept.add(label);
        }
        IntStream.range(0, explanation.after().length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -explanation.after()[c]))
                .limit(CLASSES)
                .forEach(kept::add);
        int[] classes = kept.stream().limit(CLASSES).mapToInt(Integer::intValue).toArray();
        node.set("classes", Json.of(classes));
        ArrayNode units = node.putArray("units");
        for (Explanation.UnitShare share : explanation.units()) {
            ArrayNode one = units.addArray();
            one.add(numbers(
                    Arrays.stream(classes).mapToDouble(c -> share.before()[c]).toArray()));
            one.add(numbers(
                    Arrays.stream(classes).mapToDouble(c -> share.after()[c]).toArray()));
        }
        ArrayNode constants = node.putArray("constants");
        explanation.constants().forEach(k -> constants
                .addObject()
                .put("name", k.name())
                .set(
                        "after",
                        numbers(Arrays.stream(classes)
                                .mapToDouble(c -> k.after()[c])
                                .toArray())));
        components(node, explanation, classes);
        return node;
    }

    private static double probability(double[] logits, int chosen, Calibration calibration) {
        return UnitViews.rounded(calibration.probabilities(logits, 0, logits.length)[chosen]);
    }

    /** The class that a decision is compared with: the one without the adapter, or else the second. */
    static int rival(Explanation explanation) {
        int chosen = explanation.chosen();
        if (explanation.chosenBefore() != chosen) {
            return explanation.chosenBefore();
        }
        double[] after = explanation.after();
        return IntStream.range(0, after.length)
                .filter(c -> c != chosen)
                .boxed()
                .max(Comparator.comparingDouble(c -> after[c]))
                .orElse(chosen);
    }

    /** The components with the largest shares of the difference between the class chosen and its rival. */
    private void components(ObjectNode node, Explanation explanation, int... classes) {
        int chosen = explanation.chosen();
        int rival = rival(explanation);
        ArrayNode all = node.putArray("components");
        explanation.components().stream()
                .sorted(Comparator.comparingDouble(
                        (Explanation.ComponentShare s) -> -Math.abs(s.after()[chosen] - s.after()[rival])))
                .limit(COMPONENTS)
                .forEach(s -> {
                    ObjectNode one = all.addObject()
                            .put("unit", s.unit().toString())
                            .put("component", s.component())
                            .put("lambda", s.lambda());
                    one.set("before", of(s.before(), classes));
                    one.set("after", of(s.after(), classes));
                });
    }

    private ArrayNode of(double[] values, int... classes) {
        return numbers(Arrays.stream(classes).mapToDouble(c -> values[c]).toArray());
    }

    /** With six digits after the point, so that sums of some hundred of them still agree to 1e-4. */
    private ArrayNode numbers(double[] values) {
        ArrayNode all = Json.array();
        for (double value : values) {
            all.add(Math.abs(value) < LARGE ? Math.round(value * 1e6) / 1e6 : value); // rounding would make 0 of NaN
        }
        return all;
    }
}
