package io.residual.predict;

import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.FoldedAdapter;
import io.residual.base.InputException;
import io.residual.data.Prompts;
import io.residual.images.BuiltInImages;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.Preprocessing;
import io.residual.images.UnreadableImageException;
import io.residual.model.ImageTextModel;
import io.residual.model.PassHooks;
import io.residual.model.Residuals;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A model with an adapter, ready to classify.
 *
 * <pre>{@code
 * try (Predictor predictor = Predictor.open(Path.of("clip-vit-base-patch16"), Path.of("my.adapter"))) {
 *     System.out.println(predictor.predict(Path.of("picture.jpg")).label());
 * }
 * }</pre>
 *
 * <p>Safe for several threads; close it to free its native memory, the model's included.
 */
public final class Predictor implements AutoCloseable {
    /** No temperature scaling, and nothing is rejected. */
    private static final Calibration NONE = new Calibration(1, 0, 0, 0, 1);

    private static final String REFIT = "Fit the adapter again, and check the model with residual self-check";

    private final ImageTextModel model;
    private final FoldedAdapter adapter;
    private final Calibration calibration;

    private final @Nullable ImageTextModel owned; // closed with this
    private final String name; // of the adapter, for messages
    private final List<String> warnings;

    private Predictor(
            ImageTextModel model,
            @Nullable ImageTextModel owned,
            FoldedAdapter adapter,
            Calibration calibration,
            String name,
            List<String> warnings) {
        this.model = model;
        this.adapter = adapter;
        this.calibration = calibration;
        this.owned = owned;
        this.name = name;
        this.warnings = warnings;
    }

    /** The model as the adapter runs it; it stays its owner's. */
    public ImageTextModel model() {
        return model;
    }

    /** What the adapter says to whoever uses it, one sentence each. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * Opens a model's folder and an adapter that was fitted on it.
     *
     * @throws InputException if either is missing or damaged, or the adapter belongs to another model
     */
    public static Predictor open(Path model, Path adapter) {
        return with(ImageTextModel.open(model), adapter);
    }

    /** As {@link #open}, with an open model. The predictor takes ownership and closes it. */
    public static Predictor with(ImageTextModel model, Path adapter) {
        try {
            UnitFrame frame = UnitFrame.of(model.image());
            AdapterFile file = AdapterFile.read(adapter, frame, model);
            return of(model, file, frame, true, adapter.toString());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /**
     * An adapter that has been read, beside a model that stays its owner's and must outlive this.
     *
     * @throws InputException if the adapter answers a built-in image with numbers that are none
     */
    public static Predictor beside(ImageTextModel model, AdapterFile adapter, UnitFrame frame) {
        return beside(model, adapter, frame, "the adapter");
    }

    /**
     * A predictor beside a model that its owner closes, after this.
     *
     * @param name name of the adapter, for messages
     */
    public static Predictor beside(ImageTextModel model, AdapterFile adapter, UnitFrame frame, String name) {
        return of(model, adapter, frame, false, name);
    }

    private static Predictor of(ImageTextModel model, AdapterFile file, UnitFrame frame, boolean owner, String name) {
        ImageTextModel seen = file.adapter().on(model);
        FoldedAdapter folded = FoldedAdapter.of(file.adapter(), file.classifier(), frame, seen.image());
        return new Predictor(
                        seen,
                        owner ? model : null,
                        folded,
                        file.info().calibration(),
                        name,
                        file.info().notes())
                .checked();
    }

    /** An unadapted model, telling classes apart by their names alone; it owns the model from now on. */
    public static Predictor zeroShot(ImageTextModel model, Prompts prompts) {
        try {
            return zeroShot(model, prompts, true);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** A zero-shot predictor beside a model that its owner closes, after this. */
    public static Predictor zeroShotBeside(ImageTextModel model, Prompts prompts) {
        return zeroShot(model, prompts, false);
    }

    private static Predictor zeroShot(ImageTextModel model, Prompts prompts, boolean owner) {
        FoldedAdapter plain = FoldedAdapter.plain(Classifier.fromPrompts(model, prompts), model.image());
        return new Predictor(model, owner ? model : null, plain, NONE, "the model", List.of()).checked();
    }

    /** An unadapted model, for its embeddings alone: it knows no classes. It owns the model from now on. */
    public static Predictor plain(ImageTextModel model) {
        try {
            return plain(model, true);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** As {@link #plain(ImageTextModel)}, beside a model that its owner closes, after this. */
    public static Predictor plainBeside(ImageTextModel model) {
        return plain(model, false);
    }

    private static Predictor plain(ImageTextModel model, boolean owner) {
        Classifier none = new Classifier(
                List.of("anything"), new float[model.image().config().sharedWidth()]);
        FoldedAdapter plain = FoldedAdapter.plain(none, model.image());
        return new Predictor(model, owner ? model : null, plain, NONE, "the model", List.of()).checked();
    }

    /** Gives this, if a built-in image gets finite numbers: first from the model alone, so that it is known whose fault it is. */
    private Predictor checked() {
        boolean sound = false;
        try (NativeScope scope = NativeScope.inference()) {
            float[] pixels = new float[preprocessing().inputLength()];
            preprocessing().apply(BuiltInImages.square(), pixels, 0);
            Residuals residuals = model.image().trace(input(pixels, 1));
            String where = model.folder() + ", with a built-in image";
            Finite.requireDirections(residuals.output(), i -> where, Finite.SELF_CHECK);
            logits(features(residuals));
            sound = true;
            return this;
        } finally {
            if (!sound) {
                adapter.close();
            }
        }
    }

    /** The adapted embeddings, each of which has a direction. */
    private Tensor features(Residuals residuals) {
        return Finite.requireDirections(adapter.features(residuals), i -> name, REFIT);
    }

    private double[] logits(Tensor features) {
        return Finite.require(Tensors.doubles(adapter.logits(features)), name + ", logits", REFIT);
    }

    /** D, the width of embeddings. */
    public int width() {
        return model.image().config().sharedWidth();
    }

    /** The class names. */
    public List<String> classes() {
        return adapter.classes();
    }

    /** Whether predictions have {@link Prediction#matches}: the model scores each pair alone, and its classes are texts. */
    public boolean scoresPairsAlone() {
        return model.scoresPairsAlone() && !Classifier.needsImages(model);
    }

    /**
     * Gives this, if predictions have {@link Prediction#matches}.
     *
     * @throws InputException if the model only compares classes with one another
     */
    public Predictor requirePairsAlone() {
        if (!scoresPairsAlone()) {
            throw ImageTextModel.comparesOnly(model);
        }
        return this;
    }

    /** Images a pass that suit the model's size. */
    public int batch() {
        return model.image().batch();
    }

    /** From images to what the model takes. */
    public Preprocessing preprocessing() {
        return model.preprocessing();
    }

    /**
     * Classifies an image file.
     *
     * @throws InputException if it cannot be read as an image
     */
    public Prediction predict(Path image) {
        return predict(List.of(read(image))).get(0);
    }

    /**
     * A file's image.
     *
     * @throws InputException if it cannot be read as an image
     */
    public static Image read(Path image) {
        try {
            return ImageDecoder.decode(image);
        } catch (UnreadableImageException e) {
            throw InputException.at(
                    image, "no readable image (" + e.getMessage() + ")", "an image", "Check the file", e);
        }
    }

    /**
     * The image of a file's bytes.
     *
     * @param name of the file, for messages
     * @throws InputException if they cannot be read as an image
     */
    public static Image read(byte[] bytes, String name) {
        try {
            return ImageDecoder.decode(bytes, name);
        } catch (UnreadableImageException e) {
            throw InputException.at(
                    name, "no readable image (" + e.getMessage() + ")", "an image", "Check the file", e);
        }
    }

    /** Classifies images in one forward pass. */
    public List<Prediction> predict(List<Image> images) {
        Preprocessing preprocessing = model.preprocessing();
        int length = preprocessing.inputLength();
        float[] pixels = new float[images.size() * length];
        for (int i = 0; i < images.size(); i++) {
            preprocessing.apply(images.get(i), pixels, i * length);
        }
        return predict(pixels, images.size());
    }

    /**
     * Classifies preprocessed images in one forward pass.
     *
     * @param pixels n · 3 · height · width numbers
     */
    public List<Prediction> predict(float[] pixels, int n) {
        return predict(pixels, n, PassHooks.NONE);
    }

    /** As {@link #predict(float[], int)}, with a pass that is changed on its way. */
    public List<Prediction> predict(float[] pixels, int n, PassHooks changes) {
        if (n == 0) {
            return List.of();
        }
        int classes = classes().size();
        double[] logits;
        double[] own;
        try (NativeScope scope = NativeScope.inference()) {
            Residuals residuals = model.image().trace(input(pixels, n), changes);
            logits = logits(features(residuals));
            own = scoresPairsAlone() ? Tensors.doubles(adapter.unadaptedLogits(residuals)) : new double[0];
        }
        List<Prediction> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            double[] p = calibration.probabilities(logits, i * classes, classes);
            int chosen = 0;
            List<Double> probabilities = new ArrayList<>();
            for (int c = 0; c < classes; c++) {
                chosen = p[c] > p[chosen] ? c : chosen;
                probabilities.add(p[c]);
            }
            List<Double> matches = new ArrayList<>();
            for (int c = 0; c < classes && own.length > 0; c++) {
                matches.add(model.matchProbability(own[i * classes + c] / model.logitScale()));
            }
            boolean accepted = p[chosen] >= calibration.threshold();
            all.add(new Prediction(chosen, classes().get(chosen), p[chosen], accepted, probabilities, matches));
        }
        return all;
    }

    /**
     * Logits of preprocessed images before temperature scaling, with a pass that is changed on its way.
     *
     * @param pixels n · 3 · height · width numbers
     * @return n rows of C
     */
    public double[] logits(float[] pixels, int n, PassHooks changes) {
        try (NativeScope scope = NativeScope.inference()) {
            return logits(features(model.image().trace(input(pixels, n), changes)));
        }
    }

    /** What takes logits apart. */
    public Explainer explainer(UnitFrame frame) {
        return new Explainer(frame, adapter.adapter(), adapter.classifier());
    }

    /**
     * Embeddings of preprocessed images, adapted if the adapter changes embeddings, of unit length.
     *
     * @param pixels n · 3 · height · width numbers
     * @return n rows of D
     */
    public float[] embed(float[] pixels, int n) {
        if (n == 0) {
            return new float[0];
        }
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.floats(Ops.normalise(features(model.image().trace(input(pixels, n)))));
        }
    }

    private Tensor input(float[] pixels, int n) {
        Preprocessing preprocessing = model.preprocessing();
        return Tensors.of(pixels, n, 3, preprocessing.inputHeight(), preprocessing.inputWidth());
    }

    @Override
    public void close() {
        adapter.close();
        if (owned != null) {
            owned.close();
        }
    }
}
