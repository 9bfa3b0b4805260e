package io.residual.langchain4j;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import io.residual.Classifier;
import io.residual.base.InputException;
import io.residual.predict.Prediction;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Zero-shot or adapted classification of the images of one folder, as a tool that an assistant can call. Arguments come from a language
 * model and are untrusted: nothing outside the folder is read. Safe for several threads.
 */
public final class ClassificationTool {
    private final Classifier classifier;
    private final Path folder;

    /**
     * A tool for one folder.
     *
     * @param classifier closed by its owner, after this tool's last use
     * @param folder the only folder whose images it reads, with those below it
     */
    public ClassificationTool(Classifier classifier, Path folder) {
        this.classifier = classifier;
        this.folder = folder;
    }

    /**
     * Classifies an image.
     *
     * @param image its path, relative to the folder
     * @return one sentence: the class with its probability, that the classifier is unsure, or why the image cannot be read
     */
    @Tool("Says which of a fixed list of classes an image file belongs to, with its probability")
    public String classify(@P("path of the image, relative to the folder of images") String image) {
        try {
            Prediction prediction = classifier.classify(inFolder(image));
            return String.format(
                    Locale.ROOT,
                    prediction.accepted() ? "%s (%.1f %%)" : "unsure; most likely %s (%.1f %%)",
                    prediction.label(),
                    100 * prediction.probability());
        } catch (InputException e) {
            return "cannot be classified: " + e.getMessage();
        }
    }

    /**
     * The classes.
     *
     * @return their names, separated by commas
     */
    @Tool("Lists the classes that images are told apart by")
    public String classes() {
        return String.join(", ", classifier.classes());
    }

    private Path inFolder(String image) {
        try {
            Path root = folder.toRealPath();
            Path file = root.resolve(image).toRealPath();
            if (file.startsWith(root)) {
                return file;
            }
        } catch (IOException | InvalidPathException e) {
            throw InputException.at(image, "no such file", "an image of the folder", "Give a path below it", e);
        }
        throw InputException.at(image, "a path outside the folder", "an image of the folder", "Give a path below it");
    }
}
