package io.residual.model;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weights of an image tower, in one layout for all families.
 *
 * @param patch [d, 3, p, p]
 * @param patchBias [d], or null
 * @param classToken [d]
 * @param positions [1 + patches, d], the class token's first
 * @param grid where positions may be resized to the input (DINOv2): [1 + g², d], as they were trained; else null
 * @param pre LayerNorm before the first block (CLIP), or null
 * @param blocks L of them
 * @param post the final LayerNorm, of the class token
 * @param projection P [D, d] and p [D], to the shared space; or null where the final LayerNorm's output is the
 *     embedding
 */
public record ImageWeights(
        Tensor patch,
        @Nullable Tensor patchBias,
        Tensor classToken,
        Tensor positions,
        @Nullable Tensor grid,
        @Nullable LayerNorm pre,
        List<Block> blocks,
        LayerNorm post,
        @Nullable Linear projection) {
    public ImageWeights {
        blocks = List.copyOf(blocks);
    }

    /** The weights of a tower that takes images of one size. */
    public ImageWeights(
            Tensor patch,
            @Nullable Tensor patchBias,
            Tensor classToken,
            Tensor positions,
            @Nullable LayerNorm pre,
            List<Block> blocks,
            LayerNorm post,
            @Nullable Linear projection) {
        this(patch, patchBias, classToken, positions, null, pre, blocks, post, projection);
    }

    /** A copy with other tensors for the large products: patches, attention's projections, MLPs. */
    ImageWeights withProducts(UnaryOperator<Tensor> change) {
        return new ImageWeights(
                change.apply(patch),
                patchBias == null ? null : change.apply(patchBias),
                classToken,
                positions,
                grid,
                pre,
                blocks.stream().map(b -> b.withProducts(change)).toList(),
                post,
                projection);
    }
}
