package io.residual.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a forward pass wrote into the residual streams of the t tokens that the embedding is read from (the class token alone, or
 * all that are pooled), d wide, before the final LayerNorm.
 *
 * @param embedding [b, t, d], what enters the first block
 * @param heads L of [b, t, d]: what the heads read, before the output projection, H heads of h numbers side by side
 * @param mlps L of [b, t, d]
 * @param stream [b, t, d], the sum at the end: embedding + Σ (W z + b) + Σ mlps
 * @param weights [b, P, t], with which P pooling heads read the normalised tokens, 1 over t in sum; 1 for the class token
 * @param pooled [b, D], what the MLP after pooling adds; null where there is none
 * @param output [b, D], the model's own image embedding
 */
public record Residuals(
        Tensor embedding,
        List<Tensor> heads,
        List<Tensor> mlps,
        Tensor stream,
        Tensor weights,
        @Nullable Tensor pooled,
        Tensor output) {
    public Residuals {
        heads = List.copyOf(heads);
        mlps = List.copyOf(mlps);
    }
}
