package io.residual.spectrum;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.units.UnitPoints;
import java.util.Arrays;
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
 * block: candidates from a matrix product, the winners measured again exactly, since products cancel where points are
 * close. Memory is n × block.
 */
public final class TwoNn {
    private static final double FRACTION = .9;

    /** Distances at a time: 8 MB, which the allocator gives again rather than anew. */
    private static final int DISTANCES = 1 << 20;

    /** Candidates measured exactly: the point itself, two neighbours, and some whose order rounding may have changed. */
    private static final int CANDIDATES = 8;

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
        double[] ratios = new double[n];
        int count = 0;
        try (NativeScope scope = NativeScope.inference()) {
            // Cancellation is least where the cloud lies around the origin.
            Tensor x = points.sub(Ops.mean(points, 0));
            Tensor squares = Ops.sum(x.square(), 1); // [n]
            int candidates = Math.min(CANDIDATES, n);
            int block = Math.max(1, DISTANCES / n);
            for (int from = 0; from < n; from += block) {
                try (NativeScope inner = NativeScope.inference()) {
                    int size = Math.min(block, n - from);
                    Tensor rows = x.narrow(0, from, size);
                    Tensor near = squares.unsqueeze(0)
                            .sub(Ops.scale(rows.matmul(x.t()), 2))
                            .topk(candidates, 1, false, true)
                            .get1(); // [size, candidates]
                    Tensor neighbours = x.index_select(0, near.reshape(-1)).view(size, candidates, x.size(1));
                    double[] distances = Tensors.doubles(
                            Ops.sum(neighbours.sub(rows.unsqueeze(1)).square(), 2)
                                    .sqrt());
                    for (int i = 0; i < size; i++) {
                        double[] sorted = Arrays.copyOfRange(distances, i * candidates, (i + 1) * candidates);
                        Arrays.sort(sorted); // the first is the point itself
                        if (sorted[1] != 0 && sorted[1] != sorted[2]) {
                            ratios[count++] = sorted[2] / sorted[1];
                        }
                    }
                }
            }
        }
        return slope(Arrays.copyOf(ratios, count));
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
