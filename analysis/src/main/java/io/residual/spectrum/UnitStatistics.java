package io.residual.spectrum;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import java.io.Serializable;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Count, mean and scatter of what varies of a unit: h + 2 numbers for a head in head coordinates, else D. They add up, in any
 * order and on any machine (Chan, Golub, LeVeque 1983), so memory does not grow with the number of images.
 *
 * @param count n
 * @param mean [m]
 * @param scatter [m, m], Σ (a − ā)(a − ā)ᵀ
 */
public record UnitStatistics(UnitId unit, long count, double[] mean, double[] scatter) implements Serializable {
    public UnitStatistics {
        if (scatter.length != mean.length * mean.length) {
            throw new IllegalArgumentException("mean of " + mean.length + " and scatter of " + scatter.length);
        }
    }

    /** The statistics of a block's images. */
    public static UnitStatistics of(TraceBlock block, UnitId unit) {
        try (NativeScope scope = NativeScope.inference()) {
            return of(unit, block.coordinates(unit));
        }
    }

    /** The statistics of rows. {@code a} [n, m]. */
    public static UnitStatistics of(UnitId unit, Tensor a) {
        Tensor rows = a.to(ScalarType.Double);
        Tensor mean = Ops.mean(rows, 0);
        Tensor centred = rows.sub(mean);
        return new UnitStatistics(
                unit,
                rows.size(0),
                Tensors.doubles(mean),
                Tensors.doubles(centred.t().matmul(centred)));
    }

    /** The statistics of both sets of images together. */
    public UnitStatistics plus(UnitStatistics other) {
        if (!unit.equals(other.unit) || mean.length != other.mean.length) {
            throw new IllegalArgumentException("cannot add statistics of " + other.unit + " to those of " + unit);
        }
        if (count == 0 || other.count == 0) {
            return count == 0 ? other : this;
        }
        int m = mean.length;
        long n = count + other.count;
        double weight = (double) count * other.count / n;
        double[] difference = new double[m];
        double[] newMean = new double[m];
        for (int i = 0; i < m; i++) {
            difference[i] = other.mean[i] - mean[i];
            newMean[i] = mean[i] + difference[i] * other.count / n;
        }
        double[] sum = new double[m * m];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                int at = i * m + j;
                sum[at] = scatter[at] + other.scatter[at] + weight * difference[i] * difference[j];
            }
        }
        return new UnitStatistics(unit, n, newMean, sum);
    }
}
