package io.residual.units;

import java.io.Serializable;

/**
 * A residual unit: one part of the image tower as a summand of the embedding.
 *
 * @param kind the kind of part
 * @param layer 0 to L − 1; 0 for the embedding
 * @param head 0 to H − 1; 0 for units that are not heads
 */
public record UnitId(Kind kind, int layer, int head) implements Serializable {
    /** The kinds of parts that write into the residual stream. */
    public enum Kind {
        /** The input of the first block: the class token with its position, or all tokens that are pooled. */
        EMBEDDING,
        /** One head of a layer's attention. */
        HEAD,
        /** A layer's MLP. */
        MLP,
        /** The MLP after attention pooling (SigLIP). */
        POOLING
    }

    /** Such as {@code embedding}, {@code L3.H5}, {@code L3.MLP} or {@code pooling.MLP}; layers and heads count from 0. */
    @Override
    public String toString() {
        return switch (kind) {
            case EMBEDDING -> "embedding";
            case HEAD -> "L" + layer + ".H" + head;
            case MLP -> "L" + layer + ".MLP";
            case POOLING -> "pooling.MLP";
        };
    }
}
