package io.residual;

import io.residual.images.Image;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer;
import io.residual.predict.Predictor;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

/**
 * Embeddings of images and texts in the one space of the unadapted model, of unit length: their inner product is the cosine by which
 * the model compares them. Safe for several threads. Close it before the {@link Residual} that made it.
 *
 * <pre>{@code
 * float[] sought = embedder.text(text);
 * float[] shown = embedder.image(image);
 * }</pre>
 */
public final class Embedder implements AutoCloseable {
    private final ImageTextModel model;
    private final Predictor predictor;

    Embedder(ImageTextModel model, Predictor predictor) {
        this.model = model;
        this.predictor = predictor;
    }

    /**
     * The length of every embedding.
     *
     * @return D
     */
    public int dimension() {
        return predictor.width();
    }

    /**
     * Whether the model has a text tower, too.
     *
     * @return false for ViT and DINOv2, whose space has no texts
     */
    public boolean hasText() {
        return model.hasText();
    }

    /**
     * The embedding of an image.
     *
     * @param file a JPEG, PNG, WebP, TIFF, BMP or GIF file
     * @return D numbers
     * @throws io.residual.base.InputException if the file cannot be read as an image
     */
    public float[] image(Path file) {
        return embed(Predictor.read(file));
    }

    /**
     * The embedding of an image file whose bytes are in memory.
     *
     * @param file the bytes
     * @param name what messages call it
     * @return D numbers
     * @throws io.residual.base.InputException if they cannot be read as an image
     */
    public float[] image(byte[] file, String name) {
        return embed(Predictor.read(file, name));
    }

    /**
     * The embedding of an image in memory. Transparency is dropped.
     *
     * @param image of any size and type
     * @return D numbers
     */
    public float[] image(BufferedImage image) {
        return embed(Classifier.image(image));
    }

    /**
     * The embedding of a text.
     *
     * @param text a caption in the words of the model, such as {@code a photo of a cat}
     * @return D numbers
     * @throws io.residual.base.InputException if the model has no text tower, or the text is too long for it
     */
    public float[] text(String text) {
        return model.meanDirection(List.of(text), TextTokenizer.Overlong.REFUSE);
    }

    private float[] embed(Image image) {
        float[] pixels = new float[predictor.preprocessing().inputLength()];
        predictor.preprocessing().apply(image, pixels, 0);
        return predictor.embed(pixels, 1);
    }

    /** Frees what this embedder holds, not the model. */
    @Override
    public void close() {
        predictor.close();
    }
}
