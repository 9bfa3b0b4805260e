package io.residual.cli;

import io.residual.alignment.AdapterFile.DataRecipe;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.images.Dataset;
import io.residual.images.HubParquet.Reading;
import io.residual.images.Splitting;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a data set is split and limited, and how its classes are put into words. */
final class DataOptions {
    /** Their names. */
    static final List<String> NAMES = List.of(
            "--train", "--validation", "--test", "--validation-share", "--test-share", "--split-seed", "--prompts");

    @Option(
            names = "--train",
            paramLabel = "N",
            description = "At most N training images (0: all). Default: ${DEFAULT-VALUE}.")
    int train = 2000;

    @Option(
            names = "--validation",
            paramLabel = "N",
            description = "At most N validation images (0: all). Default: ${DEFAULT-VALUE}.")
    int validation = 500;

    @Option(
            names = "--test",
            paramLabel = "N",
            description = "At most N test images (0: all). Default: ${DEFAULT-VALUE}.")
    int test = 1000;

    @Option(
            names = "--validation-share",
            paramLabel = "SHARE",
            description =
                    "Share taken for validation where the data set has no validation part. Default: ${DEFAULT-VALUE}.")
    double validationShare = Splitting.DEFAULT.validation();

    @Option(
            names = "--test-share",
            paramLabel = "SHARE",
            description = "Share taken for the test where the data set has no test part. Default: ${DEFAULT-VALUE}.")
    double testShare = Splitting.DEFAULT.test();

    @Option(names = "--split-seed", paramLabel = "SEED", description = "Seed of the splits. Default: ${DEFAULT-VALUE}.")
    long splitSeed = Splitting.DEFAULT.seed();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "JSON with \"classes\" and \"templates\" to use instead of the data set's own.")
    @Nullable
    Path prompts;

    /** Opens a data set and limits it. */
    Dataset open(String name) {
        return open(recipe(name), prompts);
    }

    /** How to make the same splits again. */
    DataRecipe recipe(String name) {
        try {
            return new DataRecipe(name, train, validation, test, validationShare, testShare, splitSeed);
        } catch (InputException e) {
            throw e.in("--");
        }
    }

    /** Makes the splits of a recipe. */
    static Dataset open(DataRecipe recipe, @Nullable Path prompts) {
        Dataset dataset = Datasets.open(recipe, Reading.PLAIN, Progress.silent());
        return dataset.with(dataset.prompts().overriddenBy(prompts));
    }
}
