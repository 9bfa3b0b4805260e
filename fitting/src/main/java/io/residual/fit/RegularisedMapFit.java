package io.residual.fit;

import io.residual.tensor.Ops;
import java.util.ArrayList;
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
        // Block by block: the gradient of all images at once would hold several copies of their embeddings.
        List<Descent.Loss> terms = new ArrayList<>();
        for (Labelled block : given.blocks()) {
            double share = (double) block.size() / given.size();
            terms.add(p -> Ops.scale(entropy(block, p.get(0)), share));
        }
        terms.add(p -> penalty(given, p.get(0)));
        return Descent.minimise(List.of(identity), terms).get(0);
    }

    /** The loss. {@code w} [D, D]; gives []. */
    static Tensor loss(Labelled given, Tensor w) {
        return entropy(given, w).add(penalty(given, w));
    }

    private static Tensor entropy(Labelled given, Tensor w) {
        Tensor mapped = Ops.normalise(given.f().matmul(w.t()));
        return Ops.crossEntropy(mapped.matmul(given.text()), given.targets());
    }

    private static Tensor penalty(Labelled given, Tensor w) {
        Tensor moved =
                w.sub(torch.eye(given.width()).to(ScalarType.Double)).square().sum();
        return Ops.scale(moved, TextProbeFit.strength(given));
    }
}
