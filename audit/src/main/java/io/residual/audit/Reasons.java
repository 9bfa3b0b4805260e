package io.residual.audit;

import io.residual.base.Progress;
import io.residual.description.NearestTexts;
import io.residual.spectrum.Features;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which units (heads, MLPs) say that an image belongs to one class and not to another. For a doubtful label this is the margin of the
 * classifier that doubts it, {@link OutOfSample} without the image and its twins: about 1 for a clear image of the proposed class, −1
 * for one of the given class. It is linear in the embedding, and so exactly the sum of its units' parts, each relative to the mean of
 * all images, and a constant. It is above 0 for every doubtful label. For a pair of classes it is the line between their means,
 * along which the distance is 1.
 *
 * @param bySuspect the reasons of suspects, in their order
 * @param byPair what tells the classes of confused pairs apart, in their order
 */
public record Reasons(List<Reason> bySuspect, List<Reason> byPair) {
    /**
     * A sum and its largest parts.
     *
     * @param place of the image between the classes; for a pair of classes 1, their distance
     * @param constant what the classifier says before it sees the image; 0 for a pair
     * @param units those that say the most for the second class, the largest first
     * @param against the units that say the most for the first class, the largest first
     */
    public record Reason(double place, double constant, List<Share> units, List<Share> against) {}

    /**
     * A unit's part of the place.
     *
     * @param words texts that what the unit adds for this image, beyond its mean, lies along; none without a text tower
     * @param images for which the unit says the most for the same class against the other, the most first; none for pairs of classes
     */
    public record Share(String unit, double part, List<String> words, List<Integer> images) {}

    /** Images of each class that stand for it. */
    private static final int TYPICAL = 8;

    private static final int SHOWN = 5;
    private static final int WORDS = 2;

    /** Two classes in order. */
    private record Way(int from, int to) {}

    /** Blocks of single images, and of the mean of all, each of which counts by one over its embedding's length. */
    private record Traced(
            UnitFrame frame,
            Map<Integer, TraceBlock> images,
            TraceBlock mean,
            double meanWeight,
            UnitExtremes extremes,
            Map<Way, Integer> ways) {}

    /**
     * Decomposes the doubt of suspects and the distances of pairs. The traces are read once more.
     *
     * @param words texts to describe units by, or null
     */
    static Reasons of(
            AuditImages images,
            Features features,
            OutOfSample predictions,
            int[] groups,
            Tracing tracing,
            int[] labels,
            List<LabelErrors.Suspect> suspects,
            List<ClassChecks.Confused> pairs,
            @Nullable NearestTexts words,
            Progress progress) {
        if (suspects.isEmpty() && pairs.isEmpty()) {
            return new Reasons(List.of(), List.of());
        }
        Map<Way, Integer> ways = new LinkedHashMap<>();
        pairs.forEach(p -> ways.putIfAbsent(new Way(p.first(), p.second()), ways.size()));
        Map<Integer, double[]> means = means(features, labels);
        Map<Integer, int[]> typical = new TreeMap<>();
        Set<Integer> doubtful = new LinkedHashSet<>(
                suspects.stream().map(LabelErrors.Suspect::image).toList());
        ways.keySet().forEach(w -> List.of(w.from, w.to)
                .forEach(c -> typical.computeIfAbsent(c, k -> typical(features, labels, k, means, doubtful))));
        Set<Integer> wanted = new LinkedHashSet<>(doubtful);
        typical.values().forEach(t -> Arrays.stream(t).forEach(wanted::add));
        Map<Way, Integer> doubts = new LinkedHashMap<>();
        suspects.forEach(s -> doubts.putIfAbsent(new Way(s.given(), s.proposed()), doubts.size()));
        UnitExtremes extremes =
                new UnitExtremes(tracing.frame(), contrasts(predictions, doubts, features.width()), doubtful);
        Traced traced = traced(images, features, tracing, wanted, extremes, doubts, progress);
        float[] directions = new float[ways.size() * features.width()];
        ways.forEach((way, p) -> direction(means, way, directions, p * features.width()));
        Map<Integer, float[][]> parts = new HashMap<>();
        typical.values().forEach(t -> Arrays.stream(t).forEach(i -> {
            TraceBlock block = traced.images.get(i);
            if (block != null) {
                parts.computeIfAbsent(i, k -> parts(traced.frame, block, directions, ways.size()));
            }
        }));
        List<UnitId> units = traced.frame.shape().ids();
        double[] mean = features.mean();
        return new Reasons(
                suspects.stream()
                        .map(s -> suspect(s, features, mean, predictions, groups, labels, traced, words))
                        .toList(),
                pairs.stream().map(p -> pair(p, ways, typical, parts, units)).toList());
    }

    private static Reason suspect(
            LabelErrors.Suspect s,
            Features features,
            double[] mean,
            OutOfSample predictions,
            int[] groups,
            int[] labels,
            Traced traced,
            @Nullable NearestTexts words) {
        double[] weights = predictions.contrast(features, groups, labels, s);
        int d = features.width();
        float[] direction = new float[d];
        for (int j = 0; j < d; j++) {
            direction[j] = (float) weights[j];
        }
        double constant = weights[d];
        TraceBlock own = traced.images.get(s.image());
        if (own == null) {
            return new Reason(constant, constant, List.of(), List.of());
        }
        double length = features.length(s.image());
        double distance = features.distance(s.image(), mean);
        float[] of = parts(traced.frame, own, direction, 1)[0];
        float[] ofMean = parts(traced.frame, traced.mean, direction, 1)[0];
        double[] shares = new double[of.length];
        for (int u = 0; u < shares.length; u++) {
            shares[u] = (of[u] / length - ofMean[u] * traced.meanWeight) / distance;
        }
        List<UnitId> units = traced.frame.shape().ids();
        int way = traced.ways.getOrDefault(new Way(s.given(), s.proposed()), 0);
        return reason(
                shares,
                constant,
                units,
                unit -> words == null ? List.of() : words.along(beyond(unit, traced, own, length), WORDS),
                u -> shares[u] > 0 ? traced.extremes.highest(u, way) : traced.extremes.lowest(u, way));
    }

    /** What a unit adds for an image of an embedding of unit length, beyond its mean: [D]. */
    private static double[] beyond(UnitId unit, Traced traced, TraceBlock own, double length) {
        try (NativeScope scope = NativeScope.inference()) {
            float[] said = Tensors.floats(own.unit(traced.frame, unit).contiguous());
            float[] usual = Tensors.floats(traced.mean.unit(traced.frame, unit).contiguous());
            double[] out = new double[said.length];
            for (int j = 0; j < out.length; j++) {
                out[j] = said[j] / length - usual[j] * traced.meanWeight;
            }
            return out;
        }
    }

    private static Reason pair(
            ClassChecks.Confused p,
            Map<Way, Integer> ways,
            Map<Integer, int[]> typical,
            Map<Integer, float[][]> parts,
            List<UnitId> units) {
        int way = ways.getOrDefault(new Way(p.first(), p.second()), 0);
        double[] from = mean(parts, typical.get(p.first()), way, units.size());
        double[] to = mean(parts, typical.get(p.second()), way, units.size());
        double[] shares = new double[units.size()];
        for (int u = 0; u < shares.length; u++) {
            shares[u] = to[u] - from[u];
        }
        return reason(shares, 0, units, unit -> List.of(), u -> List.of());
    }

    private static Reason reason(
            double[] shares,
            double constant,
            List<UnitId> units,
            Function<UnitId, List<String>> words,
            IntFunction<List<Integer>> images) {
        List<Integer> order = IntStream.range(0, shares.length)
                .boxed()
                .sorted(Comparator.comparingDouble(u -> -shares[u]))
                .toList();
        List<Integer> reversed = new ArrayList<>(order);
        Collections.reverse(reversed);
        return new Reason(
                Arrays.stream(shares).sum() + constant,
                constant,
                shares(order.stream().filter(u -> shares[u] > 0).toList(), shares, units, words, images),
                shares(reversed.stream().filter(u -> shares[u] < 0).toList(), shares, units, words, images));
    }

    private static List<Share> shares(
            List<Integer> order,
            double[] shares,
            List<UnitId> units,
            Function<UnitId, List<String>> words,
            IntFunction<List<Integer>> images) {
        return order.stream()
                .limit(SHOWN)
                .map(u -> new Share(units.get(u).toString(), shares[u], words.apply(units.get(u)), images.apply(u)))
                .toList();
    }

    private static double[] mean(Map<Integer, float[][]> parts, int @Nullable [] images, int way, int units) {
        double[] sum = new double[units];
        int count = 0;
        for (int i : images == null ? new int[0] : images) {
            float[][] own = parts.get(i);
            if (own != null) {
                count++;
                for (int u = 0; u < units; u++) {
                    sum[u] += own[way][u];
                }
            }
        }
        for (int u = 0; u < units; u++) {
            sum[u] /= Math.max(1, count);
        }
        return sum;
    }

    /** [ways][units]: each unit of a block of one image times each direction. */
    private static float[][] parts(UnitFrame frame, TraceBlock one, float[] directions, int ways) {
        int d = frame.shape().sharedWidth();
        List<UnitId> units = frame.shape().ids();
        float[][] out = new float[ways][units.size()];
        if (ways > 0) {
            for (int u = 0; u < units.size(); u++) {
                try (NativeScope scope = NativeScope.inference()) {
                    Tensor along = Tensors.of(directions, ways, d).t();
                    float[] products = Tensors.floats(
                            one.unit(frame, units.get(u)).matmul(along).contiguous());
                    for (int w = 0; w < ways; w++) {
                        out[w][u] = products[w];
                    }
                }
            }
        }
        return out;
    }

    /** Reads all traces: keeps the wanted images, and the mean of all. */
    private static Traced traced(
            AuditImages images,
            Features features,
            Tracing tracing,
            Set<Integer> wanted,
            UnitExtremes extremes,
            Map<Way, Integer> ways,
            Progress progress) {
        UnitFrame frame = tracing.frame();
        Map<Integer, TraceBlock> kept = new HashMap<>();
        WeightedMean sum = new WeightedMean(frame.shape());
        tracing.trace(images, features.rows(), progress, (block, numbers) -> {
            double[] weights = Arrays.stream(numbers)
                    .mapToDouble(i -> 1 / features.length(i))
                    .toArray();
            sum.add(block, weights);
            extremes.add(block, numbers, weights);
            for (int i = 0; i < numbers.length; i++) {
                if (wanted.contains(numbers[i])) {
                    kept.put(numbers[i], block.some(i));
                }
            }
        });
        return new Traced(frame, kept, sum.block(), sum.weight(), extremes, ways);
    }

    /** For each pair of classes the weights that the second is told from the first by: [ways, D]. */
    private static float[] contrasts(OutOfSample predictions, Map<Way, Integer> ways, int d) {
        double[] weights = predictions.fit().weights();
        int classes = predictions.classes();
        float[] out = new float[ways.size() * d];
        ways.forEach((way, p) -> {
            for (int j = 0; j < d; j++) {
                out[p * d + j] = (float) (weights[j * classes + way.to] - weights[j * classes + way.from]);
            }
        });
        return out;
    }

    private static Map<Integer, double[]> means(Features features, int[] labels) {
        Map<Integer, double[]> sums = new HashMap<>();
        Map<Integer, Integer> counts = new HashMap<>();
        int d = features.width();
        for (int i : features.rows()) {
            double[] sum = sums.computeIfAbsent(labels[i], k -> new double[d]);
            counts.merge(labels[i], 1, Integer::sum);
            for (int j = 0; j < d; j++) {
                sum[j] += features.values()[i * d + j];
            }
        }
        sums.forEach((label, sum) -> {
            for (int j = 0; j < d; j++) {
                sum[j] /= counts.getOrDefault(label, 1);
            }
        });
        return sums;
    }

    /** The line from one mean to the other over its squared length. */
    private static void direction(Map<Integer, double[]> means, Way way, float[] into, int at) {
        double[] from = means.getOrDefault(way.from, new double[0]);
        double[] to = means.getOrDefault(way.to, new double[0]);
        double square = 0;
        for (int j = 0; j < Math.min(from.length, to.length); j++) {
            square += (to[j] - from[j]) * (to[j] - from[j]);
        }
        for (int j = 0; j < Math.min(from.length, to.length); j++) {
            into[at + j] = (float) ((to[j] - from[j]) / Math.max(square, Double.MIN_NORMAL));
        }
    }

    /** The images of a class nearest to its mean that are not suspects themselves. */
    private static int[] typical(
            Features features, int[] labels, int label, Map<Integer, double[]> means, Set<Integer> doubtful) {
        double[] mean = means.getOrDefault(label, new double[features.width()]);
        return IntStream.of(features.rows())
                .filter(i -> labels[i] == label && !doubtful.contains(i))
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> distance(features, i, mean)))
                .limit(TYPICAL)
                .mapToInt(i -> i)
                .toArray();
    }

    private static double distance(Features features, int i, double[] mean) {
        double sum = 0;
        for (int j = 0; j < mean.length; j++) {
            double difference = features.values()[i * mean.length + j] - mean[j];
            sum += difference * difference;
        }
        return sum;
    }
}
