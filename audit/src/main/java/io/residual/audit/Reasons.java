package io.residual.audit;

import io.residual.base.Progress;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Which units (heads, MLPs) say that an image belongs to one class and not to another. The line from the mean of one class to that
 * of the other is a direction; an image's place on it, −½ at the first mean and +½ at the second, is exactly the sum of its units'
 * places, because its embedding is the sum of its units. Units are compared with those of the images of both classes that lie nearest to
 * their means.
 *
 * @param bySuspect the reasons of suspects, in their order
 * @param byPair what tells the classes of confused pairs apart, in their order
 */
public record Reasons(List<Reason> bySuspect, List<Reason> byPair) {
    /**
     * A sum and its largest parts.
     *
     * @param place of the image between the classes; for a pair of classes 1, their distance
     * @param units those that say the most for the second class, the largest first
     * @param against the units that say the most for the first class, the largest first
     */
    public record Reason(double place, List<Share> units, List<Share> against) {}

    /** A unit's part of the place. */
    public record Share(String unit, double part) {}

    /** Images of each class that its units are compared with. */
    private static final int TYPICAL = 8;

    private static final int SHOWN = 5;

    /** Two classes in order. */
    private record Way(int from, int to) {}

    /** Traces the suspects and typical images of their classes, and decomposes. */
    static Reasons of(
            AuditImages images,
            Features features,
            Tracing tracing,
            int[] labels,
            List<LabelErrors.Suspect> suspects,
            List<ClassChecks.Confused> pairs,
            Progress progress) {
        Map<Way, Integer> ways = new LinkedHashMap<>();
        suspects.forEach(s -> ways.putIfAbsent(new Way(s.given(), s.proposed()), ways.size()));
        pairs.forEach(p -> ways.putIfAbsent(new Way(p.first(), p.second()), ways.size()));
        if (ways.isEmpty()) {
            return new Reasons(List.of(), List.of());
        }
        Map<Integer, double[]> means = means(features, labels);
        Map<Integer, int[]> typical = new TreeMap<>();
        Set<Integer> doubtful = new LinkedHashSet<>(
                suspects.stream().map(LabelErrors.Suspect::image).toList());
        ways.keySet().forEach(w -> List.of(w.from, w.to)
                .forEach(c -> typical.computeIfAbsent(c, k -> typical(features, labels, k, means, doubtful))));
        Set<Integer> wanted = new LinkedHashSet<>(doubtful);
        typical.values().forEach(t -> Arrays.stream(t).forEach(wanted::add));
        int d = features.width();
        float[] directions = new float[ways.size() * d];
        ways.forEach((way, p) -> direction(means, way, directions, p * d));
        Map<Integer, float[][]> parts =
                parts(images, tracing, wanted.stream().mapToInt(i -> i).toArray(), directions, ways.size(), progress);
        List<UnitId> units = tracing.frame().shape().ids();
        return new Reasons(
                suspects.stream()
                        .map(s -> suspect(s, ways, typical, parts, units))
                        .toList(),
                pairs.stream().map(p -> pair(p, ways, typical, parts, units)).toList());
    }

    private static Reason suspect(
            LabelErrors.Suspect s,
            Map<Way, Integer> ways,
            Map<Integer, int[]> typical,
            Map<Integer, float[][]> parts,
            List<UnitId> units) {
        int way = ways.getOrDefault(new Way(s.given(), s.proposed()), 0);
        double[] from = mean(parts, typical.get(s.given()), way, units.size());
        double[] to = mean(parts, typical.get(s.proposed()), way, units.size());
        float[][] own = parts.get(s.image());
        double[] shares = new double[units.size()];
        for (int u = 0; u < shares.length && own != null; u++) {
            shares[u] = own[way][u] - (from[u] + to[u]) / 2;
        }
        return reason(shares, units);
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
        return reason(shares, units);
    }

    private static Reason reason(double[] shares, List<UnitId> units) {
        List<Share> all = IntStream.range(0, shares.length)
                .mapToObj(u -> new Share(units.get(u).toString(), shares[u]))
                .sorted(Comparator.comparingDouble(s -> -s.part))
                .toList();
        List<Share> against = new ArrayList<>(all.subList(Math.max(0, all.size() - SHOWN), all.size()));
        java.util.Collections.reverse(against);
        return new Reason(
                Arrays.stream(shares).sum(),
                all.stream().limit(SHOWN).filter(s -> s.part > 0).toList(),
                against.stream().filter(s -> s.part < 0).toList());
    }

    private static double[] mean(
            Map<Integer, float[][]> parts, int @org.jspecify.annotations.Nullable [] images, int way, int units) {
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

    /** For each image [ways][units]: the unit's product with the direction. */
    private static Map<Integer, float[][]> parts(
            AuditImages images, Tracing tracing, int[] wanted, float[] directions, int ways, Progress progress) {
        UnitFrame frame = tracing.frame();
        int d = frame.shape().sharedWidth();
        List<UnitId> units = frame.shape().ids();
        Map<Integer, float[][]> out = new HashMap<>();
        tracing.trace(images, wanted, progress, (block, numbers) -> {
            for (int number : numbers) {
                out.put(number, new float[ways][units.size()]);
            }
            for (int u = 0; u < units.size(); u++) {
                try (NativeScope scope = NativeScope.inference()) {
                    Tensor along = Tensors.of(directions, ways, d).t();
                    float[] products = Tensors.floats(
                            block.unit(frame, units.get(u)).matmul(along).contiguous());
                    for (int i = 0; i < numbers.length; i++) {
                        float[][] own = out.getOrDefault(numbers[i], new float[0][]);
                        for (int w = 0; w < ways; w++) {
                            own[w][u] = products[i * ways + w];
                        }
                    }
                }
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
