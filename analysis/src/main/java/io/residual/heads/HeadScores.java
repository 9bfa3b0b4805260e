package io.residual.heads;

import io.residual.data.Split;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Scores of heads, by which they can be selected (Basile et al. 2025, section 3); one number a head, layer by layer. */
public final class HeadScores {
    private HeadScores() {}

    /** S: a head's own accuracy, as if its unit were the embedding. */
    public static double[] accuracy(Trace<? extends Split> trace, Classifier classifier) {
        List<Ablation> alone = trace.shape().headIds().stream()
                .map(head -> Ablation.keeping(List.of(head), Ablation.Fill.ZERO))
                .toList();
        return Ablation.accuracies(alone, trace, classifier, trace).stream()
                .mapToDouble(Accuracy::value)
                .toArray();
    }

    /** U: the correlation of a head with the sum of all heads over images, averaged over the shared space's dimensions. */
    public static double[] correlation(Trace<? extends Split> trace) {
        return correlation(trace, null);
    }

    /** U|T: the same within the span of the class embeddings, averaged over an orthonormal basis of it. */
    public static double[] taskCorrelation(Trace<? extends Split> trace, Classifier classifier) {
        return correlation(trace, classifier);
    }

    private static double[] correlation(
            Trace<? extends Split> trace, @org.jspecify.annotations.Nullable Classifier classifier) {
        double[] scores = new double[trace.shape().allHeads()];
        try (NativeScope scope = NativeScope.inference()) {
            Tensor basis = classifier == null
                    ? null // all of the space, by its own axes
                    : torch.linalg_qr(classifier.matrix().to(ScalarType.Double), "reduced")
                            .get0(); // [D, k]
            Tensor sum = centred(in(basis, join(trace, block -> block.headSum(trace.frame()))));
            Tensor sumNorm = Ops.sum(sum.square(), 0).sqrt(); // [k]
            for (UnitId head : trace.shape().headIds()) {
                try (NativeScope inner = NativeScope.inference()) {
                    Tensor unit = centred(in(basis, join(trace, block -> block.unit(trace.frame(), head))));
                    Tensor covariance = Ops.sum(unit.mul(sum), 0);
                    Tensor norms = Ops.sum(unit.square(), 0).sqrt().mul(sumNorm);
                    double[] c = Tensors.doubles(covariance);
                    double[] s = Tensors.doubles(norms);
                    double total = 0;
                    for (int i = 0; i < c.length; i++) {
                        total += s[i] > 0 ? c[i] / s[i] : 0; // a constant direction correlates with nothing
                    }
                    scores[trace.shape().index(head) - 1] = total / c.length;
                }
            }
        }
        return scores;
    }

    private static Tensor in(@org.jspecify.annotations.Nullable Tensor basis, Tensor x) {
        return basis == null ? x : x.matmul(basis);
    }

    private static Tensor centred(Tensor x) {
        return x.sub(Ops.mean(x, 0));
    }

    private static Tensor join(Trace<? extends Split> trace, java.util.function.Function<TraceBlock, Tensor> part) {
        List<Tensor> parts = new ArrayList<>();
        trace.blocks().forEach(block -> parts.add(part.apply(block).to(ScalarType.Double)));
        return Ops.cat(parts, 0);
    }
}
