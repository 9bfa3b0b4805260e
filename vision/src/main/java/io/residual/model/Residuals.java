package io.residual.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Everything that a forward pass adds to the class token's residual stream, before the final LayerNorm. All tensors
 * belong to the current native scope.
 *
 * @param embedding [b, d], the input of the first block
 * @param heads L tensors [b, d]: the heads' outputs before the output projection, H heads of h numbers side by side
 * @param mlps L tensors [b, d]: the MLPs' outputs
 * @param stream [b, d], the sum at the end: embedding + Σ (W z + b) + Σ mlps
 * @param output [b, D], the model's own image embedding
 */
public record Residuals(Tensor embedding, List<Tensor> heads, List<Tensor> mlps, Tensor stream, Tensor output) {
    public Residuals {
        heads = List.copyOf(heads);
        mlps = List.copyOf(mlps);
    }
}
