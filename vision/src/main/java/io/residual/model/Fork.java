package io.residual.model;

import org.bytedeco.pytorch.Tensor;

/**
 * A forward pass at one of its layers, to be continued from there with something else written: what came before is computed
 * once for all continuations ({@link ImageTower#forks}). Its tensors hold until the visitor returns, and must not be changed.
 */
public final class Fork {
    private final Pass pass;
    private final Block block;
    private final int layer;
    private final Tensor before; // [b, q, d], the stream of the tokens that ask
    private final Tensor z;
    private final Tensor between;
    private final Tensor m;

    Fork(Pass pass, Block block, int layer, Tensor before, Tensor z, Tensor between, Tensor m) {
        this.pass = pass;
        this.block = block;
        this.layer = layer;
        this.before = before;
        this.z = z;
        this.between = between;
        this.m = m;
    }

    /** The layer. */
    public int layer() {
        return layer;
    }

    /**
     * What the layer's heads read, before the output projection: [b, q, d], of all tokens, or in the last block of a tower that
     * is read at its class token of that one alone.
     */
    public Tensor heads() {
        return z;
    }

    /** What the layer's MLP writes, [b, q, d]. */
    public Tensor mlp() {
        return m;
    }

    /** The pass with other values read by the layer's heads, and everything after that computed anew. {@code other} [b, q, d]. */
    public Residuals withHeads(Tensor other) {
        Tensor stream = before.add(block.out().apply(other));
        Tensor written = pass.mlp(block, stream);
        return pass.finish(pass.kept(other), pass.kept(written), stream.add(written));
    }

    /** The pass with something else written by the layer's MLP. {@code other} [b, q, d]. */
    public Residuals withMlp(Tensor other) {
        return pass.finish(pass.kept(z), pass.kept(other), between.add(other));
    }
}
