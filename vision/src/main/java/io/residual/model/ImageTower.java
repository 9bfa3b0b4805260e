package io.residual.model;

import org.bytedeco.pytorch.Tensor;

/**
 * The image tower: a vision transformer whose embedding is read from residual streams, each a sum of what the embedding, every
 * attention head and every MLP wrote into it (Dosovitskiy et al. 2021; Radford et al. 2021).
 *
 * <p>Axes: b images, t tokens, d residual width, H heads, h head width, L layers, D shared width, P pooling heads.
 */
public abstract sealed class ImageTower permits ClassTokenTower, PooledTower {
    /** Tokens of a batch. Twice and half as many were as fast or slower (docs/performance.md). */
    private static final int TOKENS = 2048;

    final ImageConfig config;
    final ImageWeights weights;

    ImageTower(ImageConfig config, ImageWeights weights) {
        this.config = config;
        this.weights = weights;
    }

    /** A tower of some weights, which are its owner's. */
    public static ImageTower of(ImageConfig config, ImageWeights weights) {
        return weights.readout() instanceof Readout.ClassToken
                ? new ClassTokenTower(config, weights)
                : new PooledTower(config, weights);
    }

    /** The tower's shape. */
    public ImageConfig config() {
        return config;
    }

    /** Images a forward pass: few enough tokens to stay near the processor, and enough for products at full speed. */
    public int batch() {
        return Math.max(4, Math.min(64, TOKENS / (int) (weights.embedding().leading() + config.patches())));
    }

    /** The tower's weights. */
    public ImageWeights weights() {
        return weights;
    }

    /** The image embeddings, before any normalisation. {@code pixels} [b, 3, S, S]; gives [b, D]. */
    public Tensor encode(Tensor pixels) {
        return trace(pixels).output();
    }

    /** The image embeddings and all that was written into the residual streams that they are read from. */
    public abstract Residuals trace(Tensor pixels);

    /** As {@link #trace}, computing every token of the last block, whether it is read or not. */
    public abstract Residuals traceInFull(Tensor pixels);

    /** How the tokens of these images attend to one another. */
    final Attention attention(Tensor pixels) {
        Rotary rotary = weights.rotary();
        int p = config.patchSize();
        return rotary == null
                ? Attention.full(config.heads())
                : Attention.turned(
                        config.heads(),
                        rotary.turns((int) (pixels.size(2) / p), (int) (pixels.size(3) / p), config.headWidth()));
    }
}
