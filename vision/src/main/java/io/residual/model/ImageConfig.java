package io.residual.model;

/**
 * The shape of an image tower.
 *
 * @param imageSize side of the square input, in pixels
 * @param patchSize side of a patch, in pixels
 * @param width d, of the residual stream
 * @param layers L
 * @param heads H, per layer
 * @param sharedWidth D, of the shared image-text space; d where there is no projection
 * @param activation between an MLP's layers
 */
public record ImageConfig(
        int imageSize, int patchSize, int width, int layers, int heads, int sharedWidth, Activation activation) {
    private static final int MAX_SIDE = 4096;

    public ImageConfig {
        requirePositive("image_size", imageSize);
        requirePositive("patch_size", patchSize);
        requirePositive("hidden_size", width);
        requirePositive("num_hidden_layers", layers);
        requirePositive("num_attention_heads", heads);
        requirePositive("projection_dim", sharedWidth);
        if (imageSize > MAX_SIDE) {
            throw new IllegalArgumentException("image_size is " + imageSize + ", at most " + MAX_SIDE + " is possible");
        }
        if (width % heads != 0) {
            throw new IllegalArgumentException("hidden_size " + width + " is not a multiple of " + heads + " heads");
        }
        if (imageSize % patchSize != 0) {
            throw new IllegalArgumentException(
                    "image_size " + imageSize + " is not a multiple of patch_size " + patchSize);
        }
    }

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " is " + value + ", must be positive");
        }
    }

    /** h, the width of one head. */
    public int headWidth() {
        return width / heads;
    }

    /** The number of patches of an image. */
    public int patches() {
        return (imageSize / patchSize) * (imageSize / patchSize);
    }
}
