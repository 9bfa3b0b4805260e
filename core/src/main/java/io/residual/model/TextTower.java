package io.residual.model;

import org.bytedeco.pytorch.Tensor;

/** A text tower: token ids to embeddings in the shared space. */
public interface TextTower {
    /** The text embeddings, before any normalisation. {@code ids} of n texts; gives [n, D]. */
    Tensor encode(TokenIds ids);

    /** The most tokens that a text may have, begin and end included. */
    int context();
}
