package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
    private static final int CLASSES = 6;

    private static final int COMPONENTS = 8;

    /** Numbers beyond this have no digits after the point to spare. */
    private static final double LARGE = 1e9;

    /** The label of an unknown class. */
    static final int UNKNOWN = -1;

    /** A decision, the image it is about and its class. */
    record Shown(Explanation explanation, int block, int row, int label) {}

    /** First those that the adapter put right, then those it put wrong, then others as they come. */
    static List<Shown> choose(Explainer explainer, Trace<Split.Validation> trace, Progress progress) {
        List<Shown> right = new ArrayList<>();
        List<Shown> wrong = new ArrayList<>();
        List<Shown> same = new ArrayList<>();
        progress.start("decomposing decisions", trace.size());
        int seen = 0;
        for (int b = 0; b < trace.blocks().size(); b++) {
            TraceBlock block = trace.blocks().get(b);
            for (int i = 0; i < block.size() && right.size() < EXPLAINED; i++) {
                int label = block.labels()[i];
                Explanation explanation = explainer.explain(block, i);
                boolean now = explanation.chosen() == label;
                boolean before = explanation.chosenBefore() == label;
                List<Shown> kind = now == before ? same : now ? right : wrong;
                if (kind.size() < EXPLAINED) {
                    kind.add(new Shown(explanation, b, i, label));
                }
                progress.at(++seen);
            }
        }
        progress.finish();
        List<Shown> chosen = new ArrayList<>(right.subList(0, Math.min(right.size(), EXPLAINED / 2)));
        chosen.addAll(wrong.subList(0, Math.min(wrong.size(), EXPLAINED / 4)));
        chosen.addAll(same.subList(0, Math.min(same.size(), EXPLAINED - chosen.size())));
        return chosen;
    }

    /**
     * A decision as JSON.
     *
     * @param image name of the image
     * @param label its class, or {@link #UNKNOWN}
     */
    ObjectNode view(String image, Explanation explanation, int label) {
        ObjectNode node = Json.object();
        node.put("image", image)
                .put("label", label)
                .put("chosen", explanation.chosen())
                .put("chosen_before", explanation.chosenBefore())
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

    /** The components with the largest shares of the difference between the class chosen and its rival. */
    private void components(ObjectNode node, Explanation explanation, int... classes) {
        int chosen = explanation.chosen();
        int before = explanation.chosenBefore();
        double[] after = explanation.after();
        int rival = chosen != before
                ? before
                : Arrays.stream(classes)
                        .filter(c -> c != chosen)
                        .boxed()
                        .max(Comparator.comparingDouble(c -> after[c]))
                        .orElse(chosen);
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
