package io.residual.alignment;

import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** What is learned, apart from how: parameters, and the logits that they give for what the frozen tower gave. */
interface Problem {
    /** The method it belongs to. */
    Method method();

    /** The parameters that leave the model as it is (or, for a probe, that say nothing). */
    List<Tensor> origin();

    /**
     * Parameters at a step from the origin, in coordinates in which a step of any direction changes the output alike:
     * {@link #movement} of them is the step's squared length. {@code step} is shaped as {@link #origin}.
     */
    List<Tensor> at(List<Tensor> step);

    /** How much parameters change the output, in mean square and relative to it; 0 at the origin. Gives []. */
    Tensor movement(List<Tensor> parameters);

    /** Logits [n, C] of cached images. */
    Tensor logits(Cached data, List<Tensor> parameters);

    /**
     * The mean cross-entropy of some images, ready to be differentiated.
     *
     * @param value of the loss
     * @param differentiable [], whose gradient with respect to the parameters is the loss's
     */
    record Loss(double value, Tensor differentiable) {}

    /** The loss of cached images, where gradients are recorded. {@code targets} [n]. */
    default Loss loss(Cached data, Tensor targets, List<Tensor> parameters) {
        Tensor loss = Ops.crossEntropy(logits(data, parameters), targets);
        return new Loss(loss.item_double(), loss);
    }
}
