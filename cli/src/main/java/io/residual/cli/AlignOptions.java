package io.residual.cli;

import io.residual.alignment.AlignmentSettings;
import io.residual.alignment.AlignmentSettings.Start;
import io.residual.alignment.ComponentDesign.Means;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.EmbeddedModels;
import io.residual.images.LabelledPictures;
import io.residual.images.Split;
import io.residual.world.WorldDatasets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How adapters are fitted. */
final class AlignOptions {
    /** Pictures whose components serve as general bases. */
    static final int GENERAL = 1200;

    /** Where bases come from. */
    enum Bases {
        /** General pictures for the embedded world's tasks with an embedded model, own ones otherwise. */
        AUTO,
        /** The data set's own training pictures. */
        OWN,
        /** Pictures of the embedded world at large. */
        GENERAL
    }

    @Option(
            names = "--start",
            paramLabel = "START",
            description =
                    "Where weights start: identity (1) or random (1 + N(0,1), as published). Default: ${DEFAULT-VALUE}.")
    Start start = AlignmentSettings.DEFAULT.start();

    @Option(
            names = "--means",
            paramLabel = "MEANS",
            description =
                    "What becomes of the units' means: dropped (as published) or restored. Default: ${DEFAULT-VALUE}.")
    Means means = AlignmentSettings.DEFAULT.means();

    @Option(
            names = "--bases",
            paramLabel = "BASES",
            description =
                    "Pictures the components come from: own (the training pictures), general (the embedded world at"
                            + " large) or auto (general for world: tasks, else own). Default: ${DEFAULT-VALUE}.")
    Bases bases = Bases.AUTO;

    @Option(
            names = "--variance",
            paramLabel = "SHARE",
            description = "Share of each head's variance that ResiDual* keeps. Default: ${DEFAULT-VALUE}.")
    double variance = AlignmentSettings.DEFAULT.variance();

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Learning rate of the weights. Default: ${DEFAULT-VALUE}.")
    double rate = AlignmentSettings.DEFAULT.rate();

    @Option(
            names = "--linear-rate",
            paramLabel = "RATE",
            description = "Learning rate of the Linear Aligner. Default: ${DEFAULT-VALUE}.")
    double linearRate = AlignmentSettings.DEFAULT.linearRate();

    @Option(
            names = "--pull",
            paramLabel = "STRENGTH",
            description = "Pull of the weights towards 1. Default: ${DEFAULT-VALUE}.")
    double pull = AlignmentSettings.DEFAULT.pull();

    @Option(names = "--batch", paramLabel = "N", description = "Images a step. Default: ${DEFAULT-VALUE}.")
    int batch = AlignmentSettings.DEFAULT.batch();

    @Option(names = "--epochs", paramLabel = "N", description = "Epochs at most. Default: ${DEFAULT-VALUE}.")
    int epochs = AlignmentSettings.DEFAULT.epochs();

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "Epochs without a better validation accuracy before stopping. Default: ${DEFAULT-VALUE}.")
    int patience = AlignmentSettings.DEFAULT.patience();

    @Option(names = "--seed", paramLabel = "SEED", description = "Seed of the fit. Default: ${DEFAULT-VALUE}.")
    long seed;

    /** The settings. */
    AlignmentSettings settings() {
        return new AlignmentSettings(start, means, variance, rate, linearRate, pull, batch, epochs, patience, seed);
    }

    /** The pictures that bases come from, or null for the training pictures. */
    @Nullable
    LabelledPictures<Split.Train> general(String model, String data) {
        boolean general =
                bases == Bases.GENERAL || (bases == Bases.AUTO && EmbeddedModels.has(model) && Datasets.isWorld(data));
        return general ? WorldDatasets.general(GENERAL) : null;
    }
}
