package io.residual.model;

import io.residual.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * x Wᵀ + b.
 *
 * @param weight [out, in]
 * @param bias [out], or null for none
 */
public record Linear(Tensor weight, @Nullable Tensor bias) {
    Tensor apply(Tensor x) {
        return Ops.linear(x, weight, bias);
    }

    /** Rows {@code from} to {@code to} of the weight and bias alone. */
    Linear rows(long from, long to) {
        return new Linear(weight.narrow(0, from, to - from), bias == null ? null : bias.narrow(0, from, to - from));
    }
}
