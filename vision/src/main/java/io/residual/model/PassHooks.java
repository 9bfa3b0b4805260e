package io.residual.model;

import org.bytedeco.pytorch.Tensor;

/**
 * What watches a forward pass, or changes what it writes, layer by layer. Every method does nothing by default, and a pass
 * without hooks costs nothing more.
 *
 * <p>Axes: b images, t tokens, q tokens that ask (all, or in the last block of a tower that is read at its class token that one
 * alone), H heads, h head width, d residual width. A hook must not change the tensors that it is given; those of
 * {@link #attention} hold until it returns.
 */
public interface PassHooks {
    /** Neither watches nor changes. */
    PassHooks NONE = new PassHooks() {};

    /**
     * What the heads of a layer compare and read, positions included.
     *
     * @param q queries [b, H, q, h], of the leading tokens
     * @param k keys [b, H, t, h]
     * @param v values [b, H, t, h]
     */
    default void attention(int layer, Tensor q, Tensor k, Tensor v) {}

    /** What the heads of a layer read, before the output projection, [b, q, d]; gives what is used in its place. */
    default Tensor heads(int layer, Tensor z) {
        return z;
    }

    /** What the MLP of a layer writes, [b, q, d]; gives what is used in its place. */
    default Tensor mlp(int layer, Tensor m) {
        return m;
    }
}
