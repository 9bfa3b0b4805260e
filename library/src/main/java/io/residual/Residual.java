package io.residual;

import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.data.ImageFiles;
import io.residual.data.LabelledImages;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.experiment.Experiments;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTextModel;
import io.residual.predict.Predictor;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * An open model, and the entry point of the library. It holds native memory: close it after everything that was made
 * from it.
 *
 * <pre>{@code
 * try (Residual residual = Residual.open(args[0]);
 *         Classifier classifier = residual.classifier(Path.of(args[1]))) {
 *     System.out.println(classifier.classify(Path.of(args[2])).label());
 * }
 * }</pre>
 *
 * <p>Safe for several threads; an {@link Experiment} is not. Native threads are shared by the process, so concurrent
 * passes share the cores. The first use sets JavaCPP system properties of the process and loads libtorch.
 */
public final class Residual implements AutoCloseable {
    private final ImageTextModel model;
    private final Progress progress;

    private Residual(ImageTextModel model, Progress progress) {
        this.model = model;
        this.progress = progress;
    }

    /**
     * Opens a model.
     *
     * @param model a folder with a CLIP, OpenCLIP, BLIP, ViT or DINOv2 checkpoint in safetensors; a name on the Hugging
     *     Face hub such as {@code openai/clip-vit-base-patch16}, which is downloaded into the hub's own cache; or, with
     *     {@code residual-world} on the class path, a small model that ships, such as {@code world-clip}
     * @return the open model, to be closed
     * @throws InputException if there is no such model, or its configuration or weights are not supported
     */
    public static Residual open(String model) {
        return open(model, Progress.silent());
    }

    /**
     * Opens a model and reports the progress of downloads, tracing and fitting.
     *
     * @param model as for {@link #open(String)}
     * @param progress called from the working thread
     * @return the open model, to be closed
     * @throws InputException as {@link #open(String)} does
     */
    public static Residual open(String model, Progress progress) {
        return new Residual(Models.open(model, progress), progress);
    }

    /**
     * Opens a checkpoint in a folder; see {@link #open(String)}.
     *
     * @param folder with a checkpoint in safetensors
     * @return the open model, to be closed
     * @throws InputException as {@link #open(String)} does
     */
    public static Residual open(Path folder) {
        return open(folder.toString());
    }

    /**
     * The shape and identity of the model.
     *
     * @return sizes in pixels, numbers and layers
     */
    public ModelInfo model() {
        ImageConfig config = model.image().config();
        return new ModelInfo(
                model.family(),
                config.layers(),
                config.heads(),
                config.width(),
                config.sharedWidth(),
                config.imageSize(),
                config.patchSize(),
                model.hasText(),
                model.hash(),
                model.warnings());
    }

    /**
     * A zero-shot classifier with the prompt template "a photo of a {}."; see {@link #zeroShot(List, List)}.
     *
     * @param classes class names
     * @return a classifier, to be closed
     * @throws InputException as {@link #zeroShot(List, List)} does
     */
    public Classifier zeroShot(List<String> classes) {
        return zeroShot(classes, List.of("a photo of a {}."));
    }

    /**
     * A zero-shot classifier. Its probabilities are the model's own, without temperature scaling, and nothing is
     * rejected. Close it before this.
     *
     * @param classes class names
     * @param templates prompt templates with {@code {}} for the class name; a class is represented by the mean
     *     direction of its prompts
     * @return a classifier, to be closed
     * @throws InputException if the model has no text tower, a class name is empty or occurs twice, or a prompt is too
     *     long
     */
    public Classifier zeroShot(List<String> classes, List<String> templates) {
        return new Classifier(this, Predictor.zeroShotBeside(model, new Prompts(classes, templates)), null);
    }

    /**
     * A classifier with an adapter that was fitted on this model. Close it before this.
     *
     * @param adapter a file of {@link Fit#save(Path)} or {@code residual align}
     * @return a classifier, to be closed
     * @throws InputException if the file is missing or damaged, or belongs to another model
     */
    public Classifier classifier(Path adapter) {
        UnitFrame frame = UnitFrame.of(model.image());
        AdapterFile file = AdapterFile.read(adapter, frame, model);
        return new Classifier(this, Predictor.beside(model, file, frame, adapter.toString()), file);
    }

    /**
     * Embeddings of images and texts in one space, without classes. Close it before this.
     *
     * @return an embedder, to be closed
     */
    public Embedder embedder() {
        return new Embedder(model, Predictor.plainBeside(model));
    }

    /**
     * An experiment with the default settings; see {@link #on(Images, Settings)}.
     *
     * @param images labelled images
     * @return an experiment that has fitted nothing
     * @throws InputException as {@link #on(Images, Settings)} does
     */
    public Experiment on(Images images) {
        return on(images, Settings.DEFAULT);
    }

    /**
     * An experiment: methods are fitted on training images, selected on validation images, and tested once.
     *
     * @param images labelled images
     * @param settings of fits and calibration
     * @return an experiment that has fitted nothing
     * @throws InputException if the images cannot be opened
     */
    public Experiment on(Images images, Settings settings) {
        return new Experiment(
                new Experiments(model, null, progress).on(images.open(progress), images.spec(), settings.internal()));
    }

    /**
     * Decomposes images: the contribution of every unit to the embedding of every image.
     *
     * @param images files, or folders with every image below them
     * @return the units of every image that can be read
     * @throws InputException if no image can be read
     */
    public Trace trace(List<Path> images) {
        ImageFiles files = ImageFiles.of(images.stream().map(Path::toString).toList(), InputStream.nullInputStream());
        return new Trace(model, new Tracer(model).trace(LabelledImages.<Split>of(files), "images", progress));
    }

    ImageTextModel internal() {
        return model;
    }

    /** Frees the weights. A second call does nothing. */
    @Override
    public void close() {
        model.close();
    }
}
