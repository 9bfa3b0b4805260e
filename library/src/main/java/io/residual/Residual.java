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
 * An open model: the entry to everything else. It holds native memory; close it last, after what was made from it.
 *
 * <p>Safe for several threads, except that an {@link Experiment} is for one thread at a time. Native threads are shared by the
 * process: several passes at once share the cores.
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
     * @param model a folder with a CLIP, OpenCLIP, BLIP, ViT or DINOv2 checkpoint in safetensors; a name on the Hugging Face hub
     *     such as {@code openai/clip-vit-base-patch16}, which is downloaded into the hub's own cache; or, with {@code
     *     residual-world} on the class path, a small model that ships, such as {@code world-clip}
     * @throws InputException if there is no such model, or it cannot be used
     */
    public static Residual open(String model) {
        return open(model, Progress.silent());
    }

    /**
     * The same with progress of downloads, tracing and fitting.
     *
     * @param progress called from the thread that works
     */
    public static Residual open(String model, Progress progress) {
        return new Residual(Models.open(model, progress), progress);
    }

    /** Opens a model's folder. */
    public static Residual open(Path folder) {
        return open(folder.toString());
    }

    /** What kind of model it is. */
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

    /** A classifier by class names alone, with the template "a photo of a {}.". Close it before this. */
    public Classifier zeroShot(List<String> classes) {
        return zeroShot(classes, List.of("a photo of a {}."));
    }

    /**
     * A classifier by class names alone. Its probabilities are the model's own; nothing is marked as unsure.
     *
     * @param templates sentences with {@code {}} for the class; the mean direction of a class's sentences stands for it
     * @throws InputException if the model has no text tower, a class name is empty or named twice, or a sentence is too long
     */
    public Classifier zeroShot(List<String> classes, List<String> templates) {
        return new Classifier(this, Predictor.zeroShotBeside(model, new Prompts(classes, templates)), null);
    }

    /**
     * A classifier with an adapter that was fitted on this model. Close it before this.
     *
     * @throws InputException if the file is missing or damaged, or belongs to another model
     */
    public Classifier classifier(Path adapter) {
        UnitFrame frame = UnitFrame.of(model.image());
        AdapterFile file = AdapterFile.read(adapter, frame, model);
        return new Classifier(this, Predictor.beside(model, file, frame, adapter.toString()), file);
    }

    /** An experiment on images of one's own, with the default settings. */
    public Experiment on(Images images) {
        return on(images, Settings.DEFAULT);
    }

    /**
     * An experiment: fit methods on labelled images, choose on validation, test once.
     *
     * @throws InputException if the images cannot be opened
     */
    public Experiment on(Images images, Settings settings) {
        return new Experiment(
                new Experiments(model, null, progress).on(images.open(progress), images.spec(), settings.internal()));
    }

    /**
     * Takes images apart: every unit of every image, exactly.
     *
     * @param images files, or folders with every image below them
     */
    public Trace trace(List<Path> images) {
        ImageFiles files = ImageFiles.of(images.stream().map(Path::toString).toList(), InputStream.nullInputStream());
        return new Trace(model, new Tracer(model).trace(LabelledImages.<Split>of(files), "images", progress));
    }

    ImageTextModel internal() {
        return model;
    }

    @Override
    public void close() {
        model.close();
    }
}
