package io.residual;

import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelFixes;
import io.residual.data.Prompts;
import io.residual.data.Reading;
import io.residual.data.Splitting;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Labelled images and their splits. Immutable: every method returns a changed copy. Nothing is read before an
 * experiment begins.
 *
 * <p>Accepted are a folder with one sub-folder per class; {@code train}, {@code validation} and {@code test} folders
 * with such sub-folders; Parquet files as on the Hugging Face hub (with {@code residual-tables} on the class path); and
 * MNIST-style IDX files.
 *
 * <pre>{@code
 * Images images = Images.of(folder).atMost(200, 100, 100);
 * Experiment experiment = residual.on(images, Settings.DEFAULT.targetAccuracy(0.99));
 * }</pre>
 */
public final class Images {
    private final DatasetSpec spec;
    private final @Nullable Prompts prompts;

    private Images(DatasetSpec spec, @Nullable Prompts prompts) {
        this.spec = spec;
        this.prompts = prompts;
    }

    /**
     * The images of a folder.
     *
     * @param folder in one of the layouts above
     * @return its images, with the default splits
     */
    public static Images of(Path folder) {
        return named(folder.toString());
    }

    /**
     * A folder, a name on the hub such as {@code uoft-cs/cifar10}, or a data set that ships such as {@code world:signs}.
     *
     * @param name as on the command line
     * @return its images, with the default splits
     */
    public static Images named(String name) {
        Splitting shares = Splitting.DEFAULT;
        return new Images(new DatasetSpec(name, 0, 0, 0, shares.validation(), shares.test(), shares.seed()), null);
    }

    /**
     * Limits the images of each split, keeping the proportions of the classes.
     *
     * @param train at most, 0 for all
     * @param validation at most, 0 for all
     * @param test at most, 0 for all
     * @return a changed copy
     * @throws io.residual.base.InputException when opened, if a class would be left without a training image
     */
    public Images atMost(int train, int validation, int test) {
        return new Images(spec.atMost(train, validation, test), prompts);
    }

    /**
     * Sets how splits are made that the data set does not have.
     *
     * @param validationShare share of the images, above 0 and below 1
     * @param testShare share of the images, above 0 and below 1
     * @param seed of the random split
     * @return a changed copy
     */
    public Images split(double validationShare, double testShare, long seed) {
        return new Images(spec.split(validationShare, testShare, seed), prompts);
    }

    /**
     * Applies a table of corrections, as {@code --labels} does: other labels, images left out, images in other splits.
     *
     * @param table columns file, action, value, as {@code residual audit} writes it
     * @return a changed copy
     * @throws io.residual.base.InputException if a line is wrong; when opened, if it fits no image or the table has changed
     */
    public Images labels(Path table) {
        return new Images(spec.with(LabelFixes.read(table)), prompts);
    }

    /**
     * Replaces the prompts.
     *
     * @param classes one name per class, in the order of the labels
     * @param templates prompt templates with {@code {}} for the class name
     * @return a changed copy
     */
    public Images prompts(List<String> classes, List<String> templates) {
        return new Images(spec, new Prompts(classes, templates));
    }

    DatasetSpec spec() {
        return spec;
    }

    Dataset open(Progress progress) {
        Dataset dataset = Datasets.open(spec, Reading.PLAIN, progress);
        return prompts == null ? dataset : dataset.with(prompts);
    }
}
