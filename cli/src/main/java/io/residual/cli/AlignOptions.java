package io.residual.cli;

import io.residual.alignment.AlignmentSettings;
import io.residual.alignment.AlignmentSettings.Epochs;
import io.residual.alignment.AlignmentSettings.Fitting;
import io.residual.alignment.AlignmentSettings.Optimiser;
import io.residual.alignment.AlignmentSettings.Start;
import io.residual.alignment.Calibration;
import io.residual.alignment.ComponentDesign.Means;
import io.residual.alignment.ComponentDesign.Others;
import io.residual.alignment.FineTuner;
import io.residual.base.InputException;
import io.residual.catalogue.BasisPictures;
import io.residual.evaluation.Comparison;
import io.residual.images.LabelledPictures;
import io.residual.images.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How adapters are made and fitted: a preset, and what differs from it. */
final class AlignOptions {
    /** Whole sets of settings. */
    enum Preset {
        /** What did best on validation in our own study. */
        DEFAULT,
        /** The published recipe. */
        PAPER
    }

    /** How parameters are found. */
    enum Fit {
        /** On all images at once, along a path of penalty strengths. */
        QUASI_NEWTON,
        /** By batches. */
        ADAMW,
        /** By batches, as published. */
        SCHEDULE_FREE
    }

    @Option(
            names = "--preset",
            paramLabel = "PRESET",
            description = "default (best on validation in our study) or paper (the published recipe). The options below"
                    + " change single settings of it. Default: ${DEFAULT-VALUE}.")
    Preset preset = Preset.DEFAULT;

    @Option(
            names = "--bases",
            paramLabel = "BASES",
            description =
                    "Pictures the components come from: own (the training pictures), general (the embedded world at"
                            + " large), a data set (its training pictures), or auto (general for world: tasks with an"
                            + " embedded model, else own). Default: ${DEFAULT-VALUE}.")
    String bases = BasisPictures.AUTO;

    @Option(
            names = "--means",
            paramLabel = "MEANS",
            description = "What becomes of the units' means: dropped (as published) or restored.")
    @Nullable
    Means means;

    @Option(
            names = "--star-others",
            paramLabel = "OTHERS",
            description =
                    "What ResiDual* and Coarse do with all that they do not weigh: dropped (as published) or kept.")
    @Nullable
    Others starOthers;

    @Option(
            names = "--variance",
            paramLabel = "SHARE",
            description = "Share of each head's variance that ResiDual* keeps.")
    @Nullable
    Double variance;

    @Option(
            names = "--fit",
            paramLabel = "FIT",
            description = "How parameters are found: quasi-newton (on all images, for each strength of a penalty on the"
                    + " distance from the model as it is; validation chooses the strength), adamw or schedule-free"
                    + " (by batches; validation chooses the epoch).")
    @Nullable
    Fit fit;

    @Option(
            names = "--pulls",
            split = ",",
            paramLabel = "STRENGTH",
            description =
                    "Penalty strengths, falling; one for adamw and schedule-free. By default the list goes on while"
                            + " validation is best at its end.")
    List<Double> pulls = new ArrayList<>();

    @Option(names = "--iterations", paramLabel = "N", description = "quasi-newton: steps at most for each strength.")
    @Nullable
    Integer iterations;

    @Option(
            names = "--start",
            paramLabel = "START",
            description =
                    "adamw, schedule-free: where weights start: identity (1) or random (1 + N(0,1), as published).")
    @Nullable
    Start start;

    @Option(names = "--rate", paramLabel = "RATE", description = "adamw, schedule-free: learning rate of the weights.")
    @Nullable
    Double rate;

    @Option(
            names = "--linear-rate",
            paramLabel = "RATE",
            description = "adamw, schedule-free: learning rate of the Linear Aligner.")
    @Nullable
    Double linearRate;

    @Option(names = "--batch", paramLabel = "N", description = "adamw, schedule-free: images a step.")
    @Nullable
    Integer batch;

    @Option(names = "--epochs", paramLabel = "N", description = "adamw, schedule-free: epochs at most.")
    @Nullable
    Integer epochs;

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "adamw, schedule-free: epochs without a better validation accuracy before stopping.")
    @Nullable
    Integer patience;

    @Option(
            names = "--accept",
            paramLabel = "SHARE",
            description =
                    "The accuracy wanted of pictures that are not rejected; sets the rejection threshold. Default:"
                            + " ${DEFAULT-VALUE}.")
    double wanted = Calibration.WANTED;

    @Option(names = "--seed", paramLabel = "SEED", description = "Seed of the fit. Default: ${DEFAULT-VALUE}.")
    long seed;

    /** The settings of adapters. */
    AlignmentSettings settings() {
        AlignmentSettings base = preset == Preset.PAPER ? AlignmentSettings.PAPER : AlignmentSettings.DEFAULT;
        return new AlignmentSettings(
                or(start, base.start()),
                or(means, base.means()),
                or(starOthers, base.starOthers()),
                or(variance, base.variance()),
                fitting(base.fitting()),
                seed);
    }

    /** The settings of a comparison. */
    Comparison.Settings settings(FineTuner.Settings tuning) {
        return new Comparison.Settings(settings(), tuning, wanted);
    }

    private Fitting fitting(Fitting base) {
        boolean newton = fit == null ? base instanceof AlignmentSettings.Path : fit == Fit.QUASI_NEWTON;
        if (newton) {
            if (Stream.of(rate, linearRate, batch, epochs, patience, start).anyMatch(Objects::nonNull)) {
                throw InputException.at(
                        "the options of the fit",
                        "one of --start, --rate, --linear-rate, --batch, --epochs and --patience with a quasi-Newton"
                                + " fit",
                        "options of the fit that is used",
                        "Leave it out, or add --fit adamw");
            }
            AlignmentSettings.Path path = (AlignmentSettings.Path) AlignmentSettings.DEFAULT.fitting();
            return pulls.isEmpty()
                    ? new AlignmentSettings.Path(path.pulls(), or(iterations, path.iterations()), path.extensions())
                    : new AlignmentSettings.Path(pulls, or(iterations, path.iterations()));
        }
        if (pulls.size() > 1 || iterations != null) {
            throw InputException.at(
                    "the options of the fit",
                    iterations != null ? "--iterations with batches" : pulls.size() + " penalty strengths with batches",
                    "at most one strength, and --epochs",
                    "Leave it out, or add --fit quasi-newton");
        }
        Epochs epochal = base instanceof Epochs published ? published : AlignmentSettings.ADAMW;
        return new Epochs(
                fit == null ? epochal.optimiser() : fit == Fit.ADAMW ? Optimiser.ADAMW : Optimiser.SCHEDULE_FREE,
                or(rate, epochal.rate()),
                or(linearRate, epochal.linearRate()),
                pulls.isEmpty() ? epochal.pull() : pulls.get(0),
                or(batch, epochal.batch()),
                or(epochs, epochal.epochs()),
                or(patience, epochal.patience()));
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    /** The pictures that bases come from, or null for the training pictures. */
    @Nullable
    LabelledPictures<Split.Train> general(String model, String data) {
        return BasisPictures.of(bases, model, data);
    }
}
