package io.residual.model;

import io.residual.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * γ ⊙ (x − μ)/√(var + ε) + β over the last axis, var with divisor d.
 *
 * @param weight γ [d]
 * @param bias β [d]
 */
public record LayerNorm(Tensor weight, Tensor bias, double eps) {
    Tensor apply(Tensor x) {
        return Ops.layerNorm(x, weight, bias, eps);
    }
}
