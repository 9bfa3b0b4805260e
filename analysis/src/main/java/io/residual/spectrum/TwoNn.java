package io.residual.spectrum;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.units.UnitPoints;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The intrinsic dimension of a cloud of points by the ratio of each point's two nearest distances (Facco, d'Errico,
 * Rodriguez, Laio 2017).
 *
 * <p>If the cloud is locally uniform in d dimensions, μ = r2/r1 is Pareto distributed with exponent d, so −log(1 − F(μ))
 * against log μ is a line through the origin with slope d. The slope is fitted over the lowest 90 % of the points.
 *
 * <p>Distances of a head's units are those of R a, with A = Q R, in h + 2 numbers instead of D. They are found block by
 * block: candidates from a matrix product of 32-bit floats, the winners measured again exactly in 64 bits. Rounding is
 * bounded; where it might have hidden a neighbour, that image's candidates are found again in 64 bits. Memory is
 * n × block.
 */
public final class TwoNn {
    private static final double FRACTION = .9;

    /** Distances at a time: 16 MB, used again for every block. */
    private static final int DISTANCES = 1 << 22;

    /** Candidates measured exactly: the point itself, two neighbours, two whose order rounding may have changed. */
    private static final int CANDIDATES = 5;

    /** From so many points on 32-bit candidates are worth their bookkeeping. */
    private static final int FAST = 512;

    private TwoNn() {}

    /**
     * The dimension of a unit's cloud of images, in any coordinates that keep distances.
     *
     * @return NaN where fewer than three distinct points leave nothing to measure
     */
    public static double dimension(UnitPoints points, UnitFrame frame) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor a = points.coordinates().to(ScalarType.Double);
            Tensor map = frame.varying(points.unit()); // [D, h + 2]
            if (map != null) {
                a = map.size(0) < a.size(1)
                        ? a.matmul(map.t())
                        : a.matmul(torch.linalg_qr(map, "r").get1().t());
            }
            return dimension(a);
        }
    }

    /** The dimension of a cloud. {@code points} [n, m], 64-bit. */
    public static double dimension(Tensor points) {
        int n = Math.toIntExact(points.size(0));
        if (n < 3) {
            return Double.NaN;
        }
        try (NativeScope scope = NativeScope.inference()) {
            // Cancellation is least where the cloud lies around the origin; its size does not matter to ratios.
            Tensor centred = points.sub(Ops.mean(points, 0));
            double radius = Math.sqrt(Ops.maxAbs(Ops.sum(centred.square(), 1)));
            if (radius == 0 || !Double.isFinite(radius)) {
                return Double.NaN;
            }
            Tensor x = Ops.scale(centred, 1 / radius);
            Tensor squares = Ops.sum(x.square(), 1); // [n]
            double[] values = Tensors.doubles(x);
            double[] ratios = new double[n]; // 0 where there is none
            int[] unsure = n < FAST ? IntStream.range(0, n).toArray() : fast(x, squares, values, ratios);
            exact(x, squares, values, unsure, ratios);
            return slope(Arrays.stream(ratios).filter(r -> r > 0).toArray());
        }
    }

    /** Ratios by candidates from 32-bit products; gives the images whose neighbours those may have missed. */
    private static int[] fast(Tensor x, Tensor squares, double[] points, double[] ratios) {
        int n = ratios.length;
        int m = Math.toIntExact(x.size(1));
        int group = (int) Math.ceil(Math.sqrt(n)); // of points whose nearest stands for them
        int groups = (n + group - 1) / group;
        int padded = groups * group;
        // |y|² − 2 x y as one product: [−2x, 1] · [y, |y|²], the padding being infinitely far away.
        Tensor left = Ops.cat(List.of(Ops.scale(x, -2), torch.ones(n, 1).to(ScalarType.Double)), 1)
                .to(ScalarType.Float); // [n, m + 1]
        Tensor right = Tensors.empty(ScalarType.Float, m + 1L, padded);
        right.zero_();
        right.narrow(1, 0, n).copy_(Ops.cat(List.of(x, squares.unsqueeze(1)), 1).t());
        right.narrow(0, m, 1).narrow(1, n, padded - n).fill_(new Scalar(Double.POSITIVE_INFINITY));
        // A product of m + 1 terms below 2 in size, each factor rounded once and each sum once.
        double error = 4.0 * (m + 4) * Math.scalb(1.0, -24);
        int block = Math.max(1, DISTANCES / padded);
        Tensor room = Tensors.empty(ScalarType.Float, (long) block * padded);
        float[] distances = new float[group];
        int candidates = Math.min(CANDIDATES, groups);
        Nearest best = new Nearest(candidates); // groups
        Nearest nearest = new Nearest(candidates); // points of these
        List<Integer> unsure = new ArrayList<>();
        for (int from = 0; from < n; from += block) {
            try (NativeScope inner = NativeScope.inference()) {
                int size = Math.min(block, n - from);
                Tensor near = Ops.viewOf(room, size, padded);
                torch.mm_out(near, left.narrow(0, from, size), right);
                near = near.view(size, groups, group);
                float[] least = Tensors.floats(near.amin(new long[] {2}, false)); // [size, groups]
                double[] own = Tensors.doubles(squares.narrow(0, from, size));
                FloatBuffer all = near.createBuffer();
                for (int i = 0; i < size; i++) {
                    best.clear();
                    best.add(least, i * groups, groups, 0);
                    nearest.clear();
                    for (int c = 0; c < candidates; c++) {
                        int first = best.indices[c] * group;
                        all.get(i * padded + first, distances);
                        nearest.add(distances, 0, group, first);
                    }
                    Two two = nearestTwo(points, m, from + i, nearest.indices);
                    ratios[from + i] = two.ratio();
                    // Whatever is no candidate is at least this far, but for rounding.
                    if (nearest.farthest() + own[i] - error < two.second * two.second) {
                        unsure.add(from + i);
                    }
                }
            }
        }
        return unsure.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The least of some distances, in order. */
    private static final class Nearest {
        private final int[] indices;
        private final float[] distances;

        Nearest(int count) {
            this.indices = new int[count];
            this.distances = new float[count];
        }

        void clear() {
            Arrays.fill(indices, 0);
            Arrays.fill(distances, Float.POSITIVE_INFINITY);
        }

        float farthest() {
            return distances[distances.length - 1];
        }

        /** Some distances, {@code count} from {@code from} on; the first is number {@code first}. */
        void add(float[] all, int from, int count, int first) {
            for (int j = 0; j < count; j++) {
                float distance = all[from + j];
                if (distance < farthest()) {
                    int place = distances.length - 1;
                    for (; place > 0 && distance < distances[place - 1]; place--) {
                        distances[place] = distances[place - 1];
                        indices[place] = indices[place - 1];
                    }
                    distances[place] = distance;
                    indices[place] = first + j;
                }
            }
        }
    }

    /** Ratios of some images by candidates from 64-bit products. */
    private static void exact(Tensor x, Tensor squares, double[] points, int[] images, double[] ratios) {
        int n = ratios.length;
        int m = Math.toIntExact(x.size(1));
        int block = Math.max(1, DISTANCES / n);
        for (int from = 0; from < images.length; from += block) {
            try (NativeScope inner = NativeScope.inference()) {
                int[] some = Arrays.copyOfRange(images, from, Math.min(images.length, from + block));
                Tensor rows = x.index_select(0, Tensors.indices(some));
                Tensor near = squares.unsqueeze(0)
                        .sub(Ops.scale(rows.matmul(x.t()), 2))
                        .topk(Math.min(CANDIDATES, n), 1, false, true)
                        .get1(); // [some, candidates]
                int candidates = Math.toIntExact(near.size(1));
                long[] indices = Tensors.longs(near);
                int[] own = new int[candidates];
                for (int i = 0; i < some.length; i++) {
                    for (int c = 0; c < candidates; c++) {
                        own[c] = (int) indices[i * candidates + c];
                    }
                    ratios[some[i]] = nearestTwo(points, m, some[i], own).ratio();
                }
            }
        }
    }

    /**
     * Distances from a point to the nearest two of its candidates but itself.
     *
     * @param points n rows of m numbers
     * @param candidates indices
     */
    private static Two nearestTwo(double[] points, int m, int point, int... candidates) {
        double[] squares = new double[candidates.length];
        for (int c = 0; c < candidates.length; c++) {
            int other = candidates[c] * m;
            double sum = 0;
            for (int i = 0; i < m; i++) {
                double difference = points[point * m + i] - points[other + i];
                sum += difference * difference;
            }
            squares[c] = sum;
        }
        Arrays.sort(squares); // the first is the point itself
        return new Two(Math.sqrt(squares[1]), Math.sqrt(squares[2]));
    }

    /** The distances of a point's nearest two. */
    private record Two(double first, double second) {
        /** μ; 0 where it says nothing, the point being there twice or its neighbours equally far. */
        double ratio() {
            return first != 0 && first != second ? second / first : 0;
        }
    }

    /** Slope through the origin of −log(1 − F(μ)) on log μ, over the lowest share; the last point, where F = 1, is left out. */
    static double slope(double[] ratios) {
        int n = ratios.length;
        double[] sorted = ratios.clone();
        Arrays.sort(sorted);
        int used = Math.min((int) Math.floor(n * FRACTION), n - 1);
        double xy = 0;
        double xx = 0;
        for (int i = 0; i < used; i++) {
            double x = Math.log(sorted[i]);
            xy += x * -Math.log(1 - (i + 1.0) / n);
            xx += x * x;
        }
        return xx == 0 ? Double.NaN : xy / xx;
    }
}
