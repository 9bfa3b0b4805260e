package io.residual.description;

import io.residual.spectrum.UnitStatistics;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * TextSpan (Gandelsman, Efros, Steinhardt 2024, algorithm 1): the texts along which a unit varies most, one after the
 * other, each removed before the next is sought. The texts are first projected on the span of the unit's leading
 * directions.
 *
 * <p>The published code works on n images; here everything follows from the unit's statistics. Along a direction d the
 * deviation is √(dᵀ Σ d), and removing a direction from the images turns Σ into (I − P) Σ (I − P).
 */
public final class TextSpan {
    /** Variances below this share of the whole are rounding. */
    private static final double ROUNDING = 1e-12;

    private TextSpan() {}

    /**
     * Describes a unit.
     *
     * @param count texts to choose
     * @param rank leading directions (of the second moment, means not subtracted) that span the unit
     */
    public static Description of(
            UnitStatistics statistics, UnitFrame frame, Dictionary dictionary, int count, int rank) {
        int d = dictionary.width();
        int m = dictionary.texts().size();
        List<Description.Term> terms = new ArrayList<>();
        try (NativeScope scope = NativeScope.inference()) {
            int width = statistics.mean().length;
            long n = statistics.count();
            Tensor covariance = Ops.scale(Tensors.of(statistics.scatter(), width, width), 1.0 / Math.max(1, n - 1));
            Tensor mean = Tensors.of(statistics.mean(), width, 1);
            Tensor varying = frame.varying(statistics.unit()); // [D, h + 2]
            Tensor constant = frame.constant(statistics.unit()); // [1, D]
            if (varying != null && constant != null) {
                covariance = varying.matmul(covariance).matmul(varying.t());
                mean = varying.matmul(mean).add(constant.t());
            }
            // Σ x xᵀ / (n − 1), of the images as they are
            Tensor moment = covariance.add(Ops.scale(mean.matmul(mean.t()), (double) n / Math.max(1, n - 1)));
            int kept = Math.min(rank, d);
            Tensor span = torch.linalg_eigh(moment, "L").get1().narrow(1, d - kept, kept); // [D, rank]
            Tensor texts =
                    Tensors.of(dictionary.directions(), m, d).matmul(span).matmul(span.t()); // [M, D]
            double total = covariance.trace().item_double();
            for (int step = 0; step < Math.min(count, m) && total > 0; step++) {
                double[] variances =
                        Tensors.doubles(Ops.sum(texts.matmul(covariance).mul(texts), 1));
                int best = 0;
                for (int j = 1; j < m; j++) {
                    best = variances[j] > variances[best] ? j : best;
                }
                if (!(variances[best] > total * ROUNDING)) {
                    break; // nothing left that a text could say
                }
                Tensor a = texts.narrow(0, best, 1); // [1, D]
                Tensor projector =
                        torch.eye(d).to(ScalarType.Double).sub(a.t().matmul(a).div(a.matmul(a.t())));
                covariance = projector.matmul(covariance).matmul(projector);
                texts = texts.matmul(projector);
                double explained = 1 - covariance.trace().item_double() / total;
                terms.add(new Description.Term(
                        best, dictionary.texts().get(best), Math.sqrt(variances[best]), explained, explained));
            }
        }
        return new Description(terms);
    }
}
