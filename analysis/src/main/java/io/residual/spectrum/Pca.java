package io.residual.spectrum;

import io.residual.base.InputException;
import io.residual.data.Split;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Principal components of units from their statistics.
 *
 * <p>A head's unit is u = A a, so its covariance A C Aᵀ has rank h + 2 at most. With A = Q R (thin QR of the columns that
 * vary) the eigenvectors of the small matrix R C Rᵀ, turned by Q, are the components: a 66 × 66 problem for ViT-L/14
 * instead of a singular value decomposition of n × 768. Of few images another unit's covariance has a small rank, too, and is turned the same
 * way ({@link UnitSpan}).
 */
public final class Pca {
    /**
     * Eigenvalues below this share of the largest are rounding: coordinates come in 32-bit floats, whose relative error
     * of 6·10⁻⁸ makes variances of 4·10⁻¹⁵.
     */
    private static final double ROUNDING = 1e-13;

    /** And below this share of the mean's square, for the same reason: values about a large mean are rounded like it. */
    private static final double ROUNDING_OF_MEAN = 1e-13;

    private Pca() {}

    /** The spectra of some units of a trace. */
    public static List<Spectrum> of(Trace<? extends Split> trace, List<UnitId> units) {
        if (trace.blocks().isEmpty()) {
            throw new IllegalArgumentException("the trace has no images");
        }
        TraceStatistics statistics = new TraceStatistics(units).add(trace.blocks());
        return units.stream()
                .map(unit -> of(statistics.of(unit), trace.frame()))
                .toList();
    }

    /** The spectrum of the model's own output. */
    public static Spectrum ofOutput(Trace<? extends Split> trace) {
        UnitId output = new UnitId(UnitId.Kind.EMBEDDING, 0, 0);
        return of(
                sum(trace, block -> {
                    try (NativeScope scope = NativeScope.inference()) {
                        return UnitStatistics.of(output, block.outputs());
                    }
                }),
                trace.frame());
    }

    private static UnitStatistics sum(Trace<? extends Split> trace, Function<TraceBlock, UnitStatistics> part) {
        return trace.blocks().stream()
                .map(part)
                .reduce(UnitStatistics::plus)
                .orElseThrow(() -> new IllegalArgumentException("the trace has no images"));
    }

    /** The spectrum that a unit's statistics imply. */
    public static Spectrum of(UnitStatistics statistics, UnitFrame frame) {
        UnitId unit = statistics.unit();
        long n = statistics.count();
        int m = statistics.mean().length;
        for (double value : statistics.scatter()) {
            if (!Double.isFinite(value)) {
                throw InputException.at(
                        "the unit " + unit,
                        "numbers that are not finite",
                        "finite ones",
                        "Check the model (residual self-check), and trace again");
            }
        }
        try (NativeScope scope = NativeScope.inference()) {
            Tensor covariance = Ops.scale(Tensors.of(statistics.scatter(), m, m), 1.0 / Math.max(1, n - 1));
            Tensor mean = Tensors.of(statistics.mean(), m, 1);
            Tensor varying = frame.varying(unit); // [D, h + 2]
            Tensor constant = frame.constant(unit); // [1, D]
            if (varying == null || constant == null) {
                Tensor root = UnitSpan.root(statistics);
                if (root == null) {
                    return spectrum(unit, n, mean, covariance, null);
                }
                Tensor q = UnitSpan.orthonormal(root); // few images lie in few directions
                return spectrum(unit, n, mean, q.t().matmul(covariance).matmul(q), q);
            }
            Tensor shifted = varying.matmul(mean).add(constant.t()); // [D, 1]
            if (varying.size(0) < m) {
                return spectrum(unit, n, shifted, varying.matmul(covariance).matmul(varying.t()), null);
            }
            T_TensorTensor_T qr = torch.linalg_qr(varying, "reduced");
            Tensor r = qr.get1();
            return spectrum(unit, n, shifted, r.matmul(covariance).matmul(r.t()), qr.get0());
        }
    }

    /** Eigenvectors of a covariance, largest first, turned by {@code q} where there is one. */
    private static Spectrum spectrum(
            UnitId unit, long n, Tensor mean, Tensor covariance, @org.jspecify.annotations.Nullable Tensor q) {
        T_TensorTensor_T solved = torch.linalg_eigh(covariance, "L");
        double[] rising = Tensors.doubles(solved.get0());
        Tensor turned = q == null ? solved.get1() : q.matmul(solved.get1()); // columns are components
        int all = rising.length;
        double largest = Math.max(rising[all - 1], 0);
        int d = Math.toIntExact(turned.size(0));
        double least = Math.max(largest * ROUNDING, mean.square().sum().item_double() * ROUNDING_OF_MEAN);
        int k = 0;
        while (k < all && k < n - 1 && rising[all - 1 - k] > least && largest > Double.MIN_NORMAL) {
            k++;
        }
        double[] rows = Tensors.doubles(turned.t()); // a component a row, rising
        double[] eigenvalues = new double[k];
        double[] components = new double[k * d];
        for (int i = 0; i < k; i++) {
            int row = (all - 1 - i) * d;
            eigenvalues[i] = rising[all - 1 - i];
            int peak = 0;
            for (int j = 1; j < d; j++) {
                peak = Math.abs(rows[row + j]) > Math.abs(rows[row + peak]) ? j : peak;
            }
            double sign = rows[row + peak] < 0 ? -1 : 1;
            for (int j = 0; j < d; j++) {
                components[i * d + j] = sign * rows[row + j];
            }
        }
        return new Spectrum(unit, n, Tensors.doubles(mean), eigenvalues, components);
    }
}
