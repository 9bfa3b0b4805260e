package io.residual.model;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** How an image's embedding is read from the tokens' residual streams, each after the final LayerNorm. */
public sealed interface Readout {
    /** To the shared space: P [D, d] and p [D]; null where what is read is the embedding. */
    @Nullable
    Linear projection();

    /** At the class token, the first. */
    record ClassToken(@Nullable Linear projection) implements Readout {}

    /** The mean of the patches. */
    record PatchMean(@Nullable Linear projection) implements Readout {}

    /**
     * One learned query that attends to all tokens with P pooling heads, and an MLP on what it gathers (SigLIP; Zhai et al.
     * 2022): y = x + MLP(LN(x)) of x = O V Σ a_t LN(x_t).
     *
     * @param heads P
     * @param query [1, d], before its projection
     * @param qkv [3d, d]: of the query, keys and values
     * @param out O [d, d]
     * @param norm before the MLP
     * @param fc1 [mlp, d]
     * @param fc2 [d, mlp]
     */
    record AttentionPool(int heads, Tensor query, Linear qkv, Linear out, LayerNorm norm, Linear fc1, Linear fc2)
            implements Readout {
        @Override
        public @Nullable Linear projection() {
            return null;
        }

        /** V [d, d] and its bias [d]: rows d/P·p to d/P·(p+1) belong to pooling head p. */
        public Linear values() {
            long d = query.size(-1);
            return qkv.rows(2 * d, 3 * d);
        }
    }
}
