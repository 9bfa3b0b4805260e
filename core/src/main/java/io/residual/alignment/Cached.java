package io.residual.alignment;

import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What the frozen tower gives a method, computed once for all epochs.
 *
 * @param coefficients C [n, K]
 * @param rest R [n, D], what is added whatever the parameters say
 */
record Cached(Tensor coefficients, Tensor rest) {
    /** Some of the rows. */
    Cached rows(Tensor indices) {
        return new Cached(coefficients.index_select(0, indices), rest.index_select(0, indices));
    }

    static Cached joined(List<Cached> parts) {
        return new Cached(
                Ops.cat(parts.stream().map(Cached::coefficients).toList(), 0),
                Ops.cat(parts.stream().map(Cached::rest).toList(), 0));
    }
}
