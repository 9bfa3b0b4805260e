package io.residual.spectrum;

import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Where the images of a unit lie: an orthonormal basis of a space that holds them all, and their statistics in its coordinates. A
 * head's are h + 3 numbers wide ({@link UnitFrame}); another unit's as many as there are images, where these are few; else D. 64-bit, in
 * the scope's native memory.
 *
 * @param within Q [D, k], columns orthonormal; null where it is all of the shared space
 * @param mean [k, 1], the images' mean
 * @param scatter [k, k], Σ (u − ū)(u − ū)ᵀ
 */
public record UnitSpan(@Nullable Tensor within, Tensor mean, Tensor scatter) {
    /** A unit's, by its statistics. */
    public static UnitSpan of(UnitStatistics statistics, UnitFrame frame) {
        int width = statistics.mean().length;
        Tensor scatter = Tensors.of(statistics.scatter(), width, width);
        Tensor mean = Tensors.of(statistics.mean(), width, 1);
        Tensor varying = frame.varying(statistics.unit()); // A [D, h + 2]
        Tensor constant = frame.constant(statistics.unit()); // [1, D]
        if (varying != null && constant != null) {
            Tensor q = orthonormal(Ops.cat(List.of(varying, constant.t()), 1));
            Tensor narrow = q.t().matmul(varying); // [k, h + 2]
            return new UnitSpan(
                    q,
                    narrow.matmul(mean).add(q.t().matmul(constant.t())),
                    narrow.matmul(scatter).matmul(narrow.t()));
        }
        Tensor root = root(statistics);
        if (root == null) {
            return new UnitSpan(null, mean, scatter);
        }
        Tensor q = orthonormal(Ops.cat(List.of(root, mean), 1));
        return new UnitSpan(q, q.t().matmul(mean), q.t().matmul(scatter).matmul(q));
    }

    /** Numbers in these coordinates: k. */
    public int width() {
        return Math.toIntExact(mean.size(0));
    }

    /** Q of A = Q R, [D, k]. */
    static Tensor orthonormal(Tensor a) {
        return torch.linalg_qr(a, "reduced").get0();
    }

    /**
     * L with L Lᵀ the scatter of few images, [D, k]: n images vary in n − 1 directions at most. By Cholesky's method with pivots, which
     * errs no more than an eigenproblem of D × D and takes D k² operations instead of many D³. Null where it would save little.
     */
    static @Nullable Tensor root(UnitStatistics statistics) {
        int d = statistics.mean().length;
        double[] scatter = statistics.scatter();
        int most = (int) Math.min(statistics.count() - 1, d);
        if (most > d / 3 || most < 1) {
            return null;
        }
        double[] left = new double[d]; // the diagonal of what is left of the scatter
        for (int i = 0; i < d; i++) {
            left[i] = scatter[i * d + i];
        }
        double[] columns = new double[most * d];
        boolean[] used = new boolean[d];
        int rank = 0;
        while (rank < most) {
            int pivot = -1;
            for (int i = 0; i < d; i++) {
                pivot = !used[i] && (pivot < 0 || left[i] > left[pivot]) ? i : pivot;
            }
            if (!(left[pivot] > 0)) {
                break;
            }
            used[pivot] = true;
            double[] column = Arrays.copyOfRange(scatter, pivot * d, (pivot + 1) * d);
            for (int k = 0; k < rank; k++) {
                double factor = columns[k * d + pivot];
                for (int i = 0; i < d; i++) {
                    column[i] -= factor * columns[k * d + i];
                }
            }
            double length = Math.sqrt(left[pivot]);
            for (int i = 0; i < d; i++) {
                column[i] = used[i] && i != pivot ? 0 : column[i] / length;
                left[i] -= column[i] * column[i];
            }
            System.arraycopy(column, 0, columns, rank * d, d);
            rank++;
        }
        return rank == 0
                ? null
                : Tensors.of(Arrays.copyOf(columns, rank * d), rank, d).t();
    }
}
