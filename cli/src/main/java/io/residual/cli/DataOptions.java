package io.residual.cli;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.data.Audit;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.Reading;
import io.residual.data.SplitNames.Part;
import io.residual.data.Splitting;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of a data set: splits, limits, prompts. */
final class DataOptions {
    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;
    /** The names of the options. */
    static final List<String> NAMES = List.of(
            "--train", "--validation", "--test", "--validation-share", "--test-share", "--split-seed", "--prompts");

    @Option(
            names = "--train",
            paramLabel = "N",
            description = "At most N training images (0: all). Default: all; 2000 for world: tasks.")
    @Nullable
    Integer train;

    @Option(
            names = "--validation",
            paramLabel = "N",
            description = "At most N validation images (0: all). Default: all; 500 for world: tasks.")
    @Nullable
    Integer validation;

    @Option(
            names = "--test",
            paramLabel = "N",
            description = "At most N test images (0: all). Default: all; 1000 for world: tasks.")
    @Nullable
    Integer test;

    @Option(
            names = "--validation-share",
            paramLabel = "SHARE",
            description = "Share for validation if the data set has no validation split. Default: ${DEFAULT-VALUE}.")
    double validationShare = Splitting.DEFAULT.validation();

    @Option(
            names = "--test-share",
            paramLabel = "SHARE",
            description = "Share for testing if the data set has no test split. Default: ${DEFAULT-VALUE}.")
    double testShare = Splitting.DEFAULT.test();

    @Option(names = "--split-seed", paramLabel = "SEED", description = "Seed of the splits. Default: ${DEFAULT-VALUE}.")
    long splitSeed = Splitting.DEFAULT.seed();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "JSON with \"classes\" and \"templates\" that replace the data set's own.")
    @Nullable
    Path prompts;

    /** Opens a data set and limits it; says on the standard error what is to be known of it. */
    Dataset open(String name) {
        Dataset dataset = open(recipe(name), prompts);
        CommandSpec of = command;
        if (of != null) {
            dataset.notes().forEach(note -> of.commandLine().getErr().println("residual: note: " + note));
        }
        return dataset;
    }

    /** Opens a data set for a command that prints its notes with the results: those of a cheap check of its files are among them. */
    Dataset audited(String name) {
        Dataset dataset = open(recipe(name), prompts);
        return dataset.noted(Audit.notes(dataset));
    }

    /** The specification of the splits. */
    DatasetSpec recipe(String name) {
        try {
            return new DatasetSpec(
                    name,
                    size(train, name, Part.TRAIN),
                    size(validation, name, Part.VALIDATION),
                    size(test, name, Part.TEST),
                    validationShare,
                    testShare,
                    splitSeed);
        } catch (InputException e) {
            throw e.in("--");
        }
    }

    private static int size(@Nullable Integer given, String name, Part part) {
        return given == null ? Datasets.usual(name, part) : given;
    }

    /** Opens the data set of a specification. */
    static Dataset open(DatasetSpec recipe, @Nullable Path prompts) {
        Dataset dataset = Datasets.open(recipe, Reading.PLAIN, Progress.silent());
        return dataset.with(dataset.prompts().overriddenBy(prompts));
    }
}
