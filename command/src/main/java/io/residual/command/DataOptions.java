package io.residual.command;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.data.Audit;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelFixes;
import io.residual.data.Reading;
import io.residual.data.SplitNames.Part;
import io.residual.data.Splitting;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of a data set: splits, limits, prompts. For one thread. */
public final class DataOptions {
    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

    /** The names of the options. */
    public static final List<String> NAMES = List.of(
            "--train",
            "--validation",
            "--test",
            "--validation-share",
            "--test-share",
            "--split-seed",
            "--prompts",
            "--labels");

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

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description =
                    "Table of corrections (file,action,value,reason; actions label, drop, split) that residual audit"
                            + " or its page wrote. The images themselves stay as they are.")
    @Nullable
    Path labels;

    /** Those of a command that has no such options: as many images at most, or as is usual (null), and nothing else. */
    public static DataOptions atMost(@Nullable Integer train, @Nullable Integer validation, @Nullable Integer test) {
        DataOptions options = new DataOptions();
        options.train = train;
        options.validation = validation;
        options.test = test;
        return options;
    }

    /** The table of corrections, or null. */
    public @Nullable LabelFixes fixes() {
        return labels == null ? null : LabelFixes.read(labels);
    }

    /** The file of prompts, or null for the data set's own. */
    public @Nullable Path prompts() {
        return prompts;
    }

    /** Opens a data set and limits it; says on the standard error what is to be known of it. */
    public Dataset open(String name) {
        Dataset dataset = open(recipe(name), prompts);
        CommandSpec of = command;
        if (of != null) {
            dataset.notes().forEach(note -> of.commandLine().getErr().println("residual: note: " + note));
        }
        return dataset;
    }

    /** Opens a data set for a command that prints its notes with the results: those of a cheap check of its files are among them. */
    public Dataset audited(String name) {
        Dataset dataset = open(recipe(name), prompts);
        return dataset.noted(Audit.notes(dataset));
    }

    /**
     * The specification of the splits.
     *
     * @throws InputException if an option is out of range, by its name
     */
    public DatasetSpec recipe(String name) {
        LabelFixes fixes = fixes();
        try {
            DatasetSpec recipe = new DatasetSpec(
                    name,
                    size(train, name, Part.TRAIN),
                    size(validation, name, Part.VALIDATION),
                    size(test, name, Part.TEST),
                    validationShare,
                    testShare,
                    splitSeed);
            return fixes == null ? recipe : recipe.with(fixes);
        } catch (InputException e) {
            throw e.in("--");
        }
    }

    private static int size(@Nullable Integer given, String name, Part part) {
        return given == null ? Datasets.usual(name, part) : given;
    }

    /** Opens the data set of a specification. */
    public static Dataset open(DatasetSpec recipe, @Nullable Path prompts) {
        Dataset dataset = Datasets.open(recipe, Reading.PLAIN, Progress.silent());
        return dataset.with(dataset.prompts().overriddenBy(prompts));
    }
}
