package io.residual.alignment;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import org.bytedeco.pytorch.Tensor;

/** What is minimised: the mean cross-entropy of logit_scale · normalise(ŷ) · T against the labels. */
public final class Objective {
    private Objective() {}

    /** ŷ = (C ⊙ λ) Φ + R. {@code lambda} [K], {@code directions} [K, D]; gives [n, D]. */
    static Tensor features(Cached cached, Tensor lambda, Tensor directions) {
        return cached.coefficients().mul(lambda).matmul(directions).add(cached.rest());
    }

    /**
     * The loss on some images and its gradient.
     *
     * @param loss mean cross-entropy
     * @param gradient with respect to λ
     */
    public record Value(double loss, float[] gradient) {}

    /** The loss of a design's λ on some images, with its gradient. */
    public static Value at(Design design, float[] lambdas, TraceBlock block, Classifier classifier) {
        try (NativeScope scope = NativeScope.training()) {
            Tensor lambda = Tensors.of(lambdas, lambdas.length).set_requires_grad(true);
            Tensor y = features(design.cache(block), design.spread(lambda), design.directions());
            Tensor loss = Ops.crossEntropy(classifier.logits(y), Tensors.indices(block.labels()));
            loss.backward();
            return new Value(loss.item_double(), Tensors.floats(lambda.grad()));
        }
    }
}
