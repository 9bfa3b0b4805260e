package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.adapt.Method;
import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The parameters to be learned and their loss, independent of the optimiser. */
interface Problem {
    /** The method that the problem belongs to. */
    Method method();

    /** The parameters that the penalty draws to: those that leave the unadapted model or, for a probe, zero. */
    List<Tensor> origin();

    /** The parameters that leave the unadapted model: the first candidate of every path. */
    default List<Tensor> base() {
        return origin();
    }

    /**
     * Parameters at a step from the origin, in coordinates that suit a fit with a penalty of this strength: there the
     * penalised loss is about as curved in every direction. {@code step} is shaped as {@link #origin}.
     */
    List<Tensor> at(List<Tensor> step, double strength);

    /** The step of some parameters: the inverse of {@link #at}. */
    List<Tensor> step(List<Tensor> parameters, double strength);

    /**
     * The penalty: the squared distance from the unadapted model in the {@link Metric}.
     *
     * @return []
     */
    Tensor movement(List<Tensor> parameters);

    /**
     * Logits of cached images.
     *
     * @return [n, C]
     */
    Tensor logits(Cached data, List<Tensor> parameters);

    /** Logits of all images of a split, [n, C]. */
    default Tensor logits(SampleSet data, List<Tensor> parameters) {
        return Ops.cat(data.map((block, from) -> logits(block, parameters)), 0);
    }

    /**
     * The mean cross-entropy of some images, ready to be differentiated.
     *
     * @param value of the loss
     * @param differentiable [], whose gradient with respect to the parameters is the loss's
     */
    record Loss(double value, Tensor differentiable) {}

    /** The mean cross-entropy of all images of a split, where gradients are recorded. {@code targets} [n]. */
    default Loss loss(SampleSet data, Tensor targets, List<Tensor> parameters) {
        Tensor loss = Ops.crossEntropy(logits(data, parameters), targets);
        return new Loss(loss.item_double(), loss);
    }
}
