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
        try (NativeScope scope = NativeScope.inference();
                TextMatrix matrix = new TextMatrix(dictionary)) {
            return of(new UnitTexts(statistics, frame, matrix), count, rank);
        }
    }

    static Description of(UnitTexts unit, int count, int rank) {
        Dictionary dictionary = unit.matrix().dictionary();
        int m = dictionary.texts().size();
        List<Description.Term> terms = new ArrayList<>();
        try (NativeScope scope = NativeScope.inference()) {
            long n = unit.statistics().count();
            Tensor mean = unit.span().mean(); // [k, 1]
            Tensor covariance = Ops.scale(unit.span().scatter(), 1.0 / Math.max(1, n - 1)); // [k, k]
            // Σ x xᵀ / (n − 1), of the images as they are
            Tensor moment = covariance.add(Ops.scale(mean.matmul(mean.t()), (double) n / Math.max(1, n - 1)));
            int k = unit.span().width();
            int kept = Math.min(rank, k);
            Tensor span = torch.linalg_eigh(moment, "L").get1().narrow(1, k - kept, kept); // [k, rank]
            double total = covariance.trace().item_double();
            // From here on everything is in the coordinates of the span, which texts are projected to and never leave.
            covariance = span.t().matmul(covariance).matmul(span);
            Tensor texts = unit.texts().matmul(span); // [M, rank]
            double explained = 0;
            for (int step = 0; step < Math.min(count, m) && total > 0; step++) {
                double[] variances =
                        Tensors.doubles(Ops.sum(texts.matmul(covariance).mul_(texts), 1));
                int best = 0;
                for (int j = 1; j < m; j++) {
                    best = variances[j] > variances[best] ? j : best;
                }
                if (!(variances[best] > total * ROUNDING)) {
                    break; // nothing left that a text could say
                }
                Tensor a = texts.narrow(0, best, 1).clone(); // [1, rank]
                double square = a.square().sum().item_double();
                Tensor projector = torch.eye(kept).to(ScalarType.Double).sub(Ops.scale(a.t().matmul(a), 1 / square));
                explained += variances[best] / square / total; // tr Σ − tr P Σ P = a Σ aᵀ / a aᵀ
                covariance = projector.matmul(covariance).matmul(projector);
                texts.sub_(texts.matmul(a.t()).matmul(Ops.scale(a, 1 / square)));
                terms.add(new Description.Term(
                        best, dictionary.texts().get(best), Math.sqrt(variances[best]), explained, explained));
            }
        }
        return new Description(terms);
    }
}
