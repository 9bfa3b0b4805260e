package io.residual.adapt;

import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The frozen tower's outputs as a method needs them, computed once for all epochs.
 *
 * @param coefficients C [n, K]
 * @param rest R [n, D], the part that does not depend on the parameters
 */
public record Cached(Tensor coefficients, Tensor rest) {
    /**
     * ŷ = (C ⊙ λ) Φ + R, the weights multiplied into whichever factor is smaller. {@code lambda} [K], {@code directions} Φ [K,
     * D]; gives [n, D].
     */
    public Tensor features(Tensor lambda, Tensor directions) {
        Tensor product = coefficients.size(0) > directions.size(1)
                ? coefficients.matmul(directions.mul(lambda.unsqueeze(1)))
                : coefficients.mul(lambda).matmul(directions);
        return product.add(rest);
    }

    /** The given rows. */
    public Cached rows(Tensor indices) {
        return new Cached(coefficients.index_select(0, indices), rest.index_select(0, indices));
    }

    /** The concatenation of several, in order. */
    public static Cached joined(List<Cached> parts) {
        return new Cached(
                Ops.cat(parts.stream().map(Cached::coefficients).toList(), 0),
                Ops.cat(parts.stream().map(Cached::rest).toList(), 0));
    }
}
