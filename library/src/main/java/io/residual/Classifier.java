package io.residual;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.images.Image;
import io.residual.intervene.Interventions;
import io.residual.predict.Explainer;
import io.residual.predict.Prediction;
import io.residual.predict.Predictor;
import io.residual.predict.TextLogit;
import io.residual.units.Tracer;
import io.residual.where.TokenTrace;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Classifies, embeds and explains images, with an adapter or zero-shot by class names. Safe for several threads. Close
 * it before the {@link Residual} that made it.
 *
 * <pre>{@code
 * List<Prediction> predictions = classifier.classify(images);
 * return predictions.stream().filter(Prediction::accepted).count();
 * }</pre>
 */
public final class Classifier implements AutoCloseable {
    private final Residual residual;
    private final Predictor predictor;
    private final @Nullable AdapterFile file;

    Classifier(Residual residual, Predictor predictor, @Nullable AdapterFile file) {
        this.residual = residual;
        this.predictor = predictor;
        this.file = file;
    }

    /**
     * The C class names, in the order of {@link Prediction#probabilities()}.
     *
     * @return C names
     */
    public List<String> classes() {
        return predictor.classes();
    }

    /**
     * Classifies an image.
     *
     * @param image a JPEG, PNG, WebP, TIFF, BMP or GIF file
     * @return its class and the probabilities of all C
     * @throws io.residual.base.InputException if the file cannot be read as an image
     */
    public Prediction classify(Path image) {
        return classify(List.of(image)).get(0);
    }

    /**
     * Classifies images in batches of a size that suits the model. Results are in the order of the images.
     *
     * @param images files; none gives an empty list
     * @return one prediction per image
     * @throws io.residual.base.InputException naming the first file that cannot be read as an image; nothing is
     *     classified then
     */
    public List<Prediction> classify(List<Path> images) {
        List<Prediction> all = new ArrayList<>();
        int batch = predictor.batch();
        for (int from = 0; from < images.size(); from += batch) {
            List<Image> read = new ArrayList<>();
            images.subList(from, Math.min(images.size(), from + batch)).forEach(path -> read.add(Predictor.read(path)));
            all.addAll(predictor.predict(read));
        }
        return all;
    }

    /**
     * Classifies an image in memory. Transparency is dropped.
     *
     * @param image of any size and type
     * @return its class and the probabilities of all C
     */
    public Prediction classify(BufferedImage image) {
        return predictor.predict(List.of(image(image))).get(0);
    }

    /**
     * Classifies an image file whose bytes are in memory, such as an upload. It is decoded as a file on disk is, with the same
     * limits.
     *
     * @param file the bytes of a JPEG, PNG, WebP, TIFF, BMP or GIF file
     * @param name what messages call it
     * @return its class and the probabilities of all C
     * @throws io.residual.base.InputException if they cannot be read as an image
     */
    public Prediction classify(byte[] file, String name) {
        return predictor.predict(List.of(Predictor.read(file, name))).get(0);
    }

    static Image image(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] argb = image.getRGB(0, 0, width, height, null, 0, width);
        byte[] rgb = new byte[3 * argb.length];
        for (int i = 0; i < argb.length; i++) {
            rgb[3 * i] = (byte) (argb[i] >> 16);
            rgb[3 * i + 1] = (byte) (argb[i] >> 8);
            rgb[3 * i + 2] = (byte) argb[i];
        }
        return new Image(width, height, rgb);
    }

    /**
     * The embedding of an image, of unit length; adapted if the adapter changes embeddings (see {@link
     * io.residual.adapt.Method#changesEmbeddings()}).
     *
     * @param image a file as for {@link #classify(Path)}
     * @return D numbers
     * @throws io.residual.base.InputException if the file cannot be read as an image
     */
    public float[] embed(Path image) {
        return predictor.embed(pixels(image), 1);
    }

    /**
     * Explains a decision: the logits of an image as exact sums over units, without and with the adapter.
     *
     * @param image a file as for {@link #classify(Path)}
     * @return C sums, each exact up to {@link Explanation#error()}
     * @throws io.residual.base.InputException if the file cannot be read as an image
     * @throws IllegalStateException without an adapter
     */
    public Explanation explain(Path image) {
        AdapterFile adapted = file;
        if (adapted == null) {
            throw new IllegalStateException("only a classifier with an adapter explains; see Residual.classifier");
        }
        Tracer tracer = new Tracer(predictor.model());
        Adapter adapter = adapted.adapter();
        return Explanation.of(new Explainer(tracer.frame(), adapter, adapted.classifier())
                .explain(tracer.encode(pixels(image), new int[1], List.of(image.toString())), 0));
    }

    /**
     * Where in an image the difference of two classes' logits comes from, with the adapter if there is one. Costs about as much
     * as classifying the image.
     *
     * @param image a file as for {@link #classify(Path)}
     * @param one a class name
     * @param other a class name
     * @return parts that add up to the logit of {@code one} less that of {@code other}
     * @throws io.residual.base.InputException if the file cannot be read as an image
     * @throws IllegalArgumentException if a name is not one of the classes
     */
    public PatchMap where(Path image, String one, String other) {
        int about = index(one);
        int against = index(other);
        Tracer tracer = new Tracer(predictor.model());
        TokenTrace.Traced traced = TokenTrace.of(tracer, pixels(image), List.of(image.toString()));
        return PatchMap.of(predictor.explainer(tracer.frame()).map(traced.block(), traced.tokens(), 0, about, against));
    }

    /**
     * Where in an image what a text names is: the text's logit over the patches.
     *
     * @param image a file as for {@link #classify(Path)}
     * @param text such as {@code a red circle}
     * @return parts that add up to the logit
     * @throws io.residual.base.InputException if the file cannot be read as an image, the model has no text tower, or the
     *     text is empty or too long
     */
    public PatchMap whereText(Path image, String text) {
        Tracer tracer = new Tracer(predictor.model());
        TextLogit logit = TextLogit.of(residual.internal(), text, null);
        TokenTrace.Traced traced = TokenTrace.of(tracer, pixels(image), List.of(image.toString()));
        return PatchMap.of(predictor.explainer(tracer.frame()).map(traced.block(), traced.tokens(), 0, logit));
    }

    private int index(String name) {
        int index = classes().indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no class '" + name + "' among " + classes());
        }
        return index;
    }

    /**
     * What this would answer if heads or MLPs were other than they are.
     *
     * @return no change yet
     */
    public WhatIf whatIf() {
        return new WhatIf(predictor.model().image(), predictor, Interventions.NONE);
    }

    private float[] pixels(Path image) {
        return pixels(predictor, image);
    }

    static float[] pixels(Predictor predictor, Path image) {
        float[] pixels = new float[predictor.preprocessing().inputLength()];
        predictor.preprocessing().apply(Predictor.read(image), pixels, 0);
        return pixels;
    }

    /** Frees what this classifier holds, not the model. A second call does nothing. */
    @Override
    public void close() {
        predictor.close();
    }
}
