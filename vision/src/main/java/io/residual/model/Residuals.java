package io.residual.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What a forward pass wrote into the class token's residual stream; d wide, before the final LayerNorm.
 *
 * @param embedding [b, d], what enters the first block
 * @param heads L of [b, d]: what the heads read, before the output projection, H heads of h numbers side by side
 * @param mlps L of [b, d]
 * @param stream [b, d], the sum at the end: embedding + Σ (W z + b) + Σ mlps
 * @param output [b, D], the model's own image embedding
 */
public record Residuals(Tensor embedding, List<Tensor> heads, List<Tensor> mlps, Tensor stream, Tensor output) {
    public Residuals {
        heads = List.copyOf(heads);
        mlps = List.copyOf(mlps);
    }
}
