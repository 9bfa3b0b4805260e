package io.residual.alignment;

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
}
