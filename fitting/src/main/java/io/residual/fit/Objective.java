package io.residual.fit;

import io.residual.adapt.Design;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The objective of fits: the mean cross-entropy of logit_scale · normalise(ŷ) · T against the labels. Every fit, and
 * the check against the conformance kits, takes value and gradient from {@link Problem#loss}.
 */
public final class Objective {
    private Objective() {}

    /**
     * The loss on some images and its gradient.
     *
     * @param loss mean cross-entropy
     * @param gradient with respect to λ
     */
    public record Value(double loss, float[] gradient) {}

    /** The loss of a design's λ on some images with its gradient, as a fit of the design computes them. */
    public static Value at(Design design, float[] lambdas, TraceBlock block, Classifier classifier) {
        try (NativeScope scope = NativeScope.training()) {
            SampleSet data = new Samples(design.cache(block), block.labels());
            Problem problem = new SpectralProblem(design, data, classifier.matrix());
            Tensor lambda = Tensors.of(lambdas, lambdas.length).set_requires_grad(true);
            Problem.Loss loss = problem.loss(data, data.targets(), List.of(lambda));
            loss.differentiable().backward();
            return new Value(loss.value(), Tensors.floats(lambda.grad()));
        }
    }
}
