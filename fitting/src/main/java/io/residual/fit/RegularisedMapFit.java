package io.residual.fit;

import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * RLA (Fahes et al., arXiv 2410.05270): a linear map of the embedding, W, with mean cross-entropy of the logits of W f plus λ ‖W −
 * I‖². λ = 1/N with N images a class, the published rule without validation. It stands for ProLIP, which tunes the model's last
 * projection P by the same loss: W P is another projection. The loss is minimised to its end, so that there is no learning rate to choose.
 */
final class RegularisedMapFit {
    private RegularisedMapFit() {}

    /** W [D, D]. */
    static Tensor fit(Labelled given) {
        Tensor identity = torch.eye(given.width()).to(ScalarType.Double);
        return Descent.minimise(List.of(identity), p -> loss(given, p.get(0))).get(0);
    }

    /** The loss. {@code w} [D, D]; gives []. */
    static Tensor loss(Labelled given, Tensor w) {
        Tensor mapped = Ops.normalise(given.f().matmul(w.t()));
        Tensor moved =
                w.sub(torch.eye(given.width()).to(ScalarType.Double)).square().sum();
        return Ops.crossEntropy(mapped.matmul(given.text()), given.targets())
                .add(Ops.scale(moved, TextProbeFit.strength(given)));
    }
}
