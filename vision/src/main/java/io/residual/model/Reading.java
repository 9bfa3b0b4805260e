package io.residual.model;

import io.residual.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What turns the tokens' residual streams into what the embedding reads of them. With the weights a and each token's own mean μ
 * and deviation σ in the final LayerNorm held, reading is linear in every stream: pooling head p gathers Σ_t a_pt x_t/σ_t.
 *
 * @param weights [b, P, t]: a/σ
 * @param inverse [b, P]: Σ_t a/σ
 * @param mean [b, P]: Σ_t a μ/σ
 */
public record Reading(Tensor weights, Tensor inverse, Tensor mean) {
    /**
     * How a forward pass was read. The LayerNorm's statistics are taken in 64 bits, as it computes them: divisor d, ε inside
     * the root.
     */
    public static Reading of(Residuals residuals, double eps) {
        Tensor stream = residuals.stream().to(ScalarType.Double); // [b, t, d]
        Tensor mean = Ops.mean(stream, 2); // [b, t, 1]
        Tensor variance = Ops.mean(stream.sub(mean).square(), 2);
        Tensor deviation = Ops.shift(variance, eps).sqrt();
        Tensor inverse = torch.ones_like(deviation).div(deviation); // [b, t, 1]
        Tensor weights = residuals.weights().to(ScalarType.Double).mul(inverse.transpose(1, 2)); // [b, P, t]
        return new Reading(
                weights.to(ScalarType.Float),
                Ops.sum(weights, 2).to(ScalarType.Float),
                weights.matmul(mean).squeeze(2).to(ScalarType.Float));
    }

    /** What the pooling heads gather of what was written into the streams. {@code written} [b, t, w]; gives [b, P, w]. */
    public Tensor of(Tensor written) {
        return weights.matmul(written);
    }
}
