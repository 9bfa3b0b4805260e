package io.residual.model;

/**
 * A head that a tower holds in every pass: what the head reads, before the output projection, is multiplied, and a constant of each
 * token is added. Factor 0 switches it off; with its mean over images as the constant, it is put at its mean.
 *
 * @param factor 0 leaves nothing of it, 1 all
 * @param constant [t, h], for every token of the tower's usual input; empty for none
 */
public record HeldHead(int layer, int head, float factor, float[] constant) {
    /** Whether anything is added. */
    public boolean adds() {
        return constant.length > 0;
    }
}
