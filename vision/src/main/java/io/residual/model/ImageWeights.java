package io.residual.model;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weights of an image tower, in one layout for all families.
 *
 * @param embedding what enters the first block
 * @param rotary positions that turn queries and keys in every block, or null
 * @param blocks L of them
 * @param post the final LayerNorm, of each token that is read
 * @param readout how the embedding is read from the tokens
 */
public record ImageWeights(
        Embedding embedding, @Nullable Rotary rotary, List<Block> blocks, LayerNorm post, Readout readout) {
    public ImageWeights {
        blocks = List.copyOf(blocks);
    }

    /** The weights of a tower that takes images of one size and is read at its class token. */
    public ImageWeights(
            Tensor patch,
            @Nullable Tensor patchBias,
            Tensor classToken,
            Tensor positions,
            @Nullable LayerNorm pre,
            List<Block> blocks,
            LayerNorm post,
            @Nullable Linear projection) {
        this(
                new Embedding(patch, patchBias, classToken, positions, pre),
                null,
                blocks,
                post,
                new Readout.ClassToken(projection));
    }

    /** To the shared space: P [D, d] and p [D]; null where what is read is the embedding. */
    public @Nullable Linear projection() {
        return readout.projection();
    }

    /** A copy with other tensors for the large products: patches, attention's projections, MLPs. */
    ImageWeights withProducts(UnaryOperator<Tensor> change) {
        return new ImageWeights(
                embedding.withProducts(change),
                rotary,
                blocks.stream().map(b -> b.withProducts(change)).toList(),
                post,
                readout);
    }
}
