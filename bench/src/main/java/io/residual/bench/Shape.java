package io.residual.bench;

import io.residual.model.Activation;
import io.residual.model.ImageConfig;
import java.util.List;

/**
 * A size that people use.
 *
 * @param name as open_clip calls it
 */
record Shape(String name, ImageConfig config) {
    private static final int SIDE = 224;

    /** The size of the small DINOv2. */
    static final Shape S14 = new Shape("ViT-S-14", new ImageConfig(SIDE, 14, 384, 12, 6, 384, Activation.GELU));

    static final Shape B32 = new Shape("ViT-B-32", new ImageConfig(SIDE, 32, 768, 12, 12, 512, Activation.GELU));
    static final Shape B16 = new Shape("ViT-B-16", new ImageConfig(SIDE, 16, 768, 12, 12, 512, Activation.GELU));
    static final Shape L14 = new Shape("ViT-L-14", new ImageConfig(SIDE, 14, 1024, 24, 16, 768, Activation.GELU));

    static final List<Shape> ALL = List.of(B32, B16, L14);

    /** t. */
    int tokens() {
        return 1 + config.patches();
    }

    /** Multiplications of the matrix products for one image, all tokens of all blocks. */
    double multiplications() {
        return patches() + config.layers() * block(tokens());
    }

    /** The same where the last block serves the class token alone: its query, output and MLP. */
    double tracedMultiplications() {
        return patches() + (config.layers() - 1) * block(tokens()) + block(1);
    }

    private double patches() {
        return (double) config.patches() * config.width() * 3 * config.patchSize() * config.patchSize();
    }

    /** A block for so many asking tokens: keys and values of all, queries, output and MLP (8 d²) of those that ask. */
    private double block(int asking) {
        double d = config.width();
        double t = tokens();
        return 2 * d * d * t + 10 * d * d * asking + 2 * d * t * asking;
    }

    /** Numbers of the tower's weights. */
    double weights() {
        double d = config.width();
        return config.layers() * 12 * d * d
                + 3 * d * config.patchSize() * config.patchSize()
                + d * config.sharedWidth();
    }
}
