package io.residual.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code intervene} on a data set. */
final class InterveneOnData {
    @Option(names = "--data", paramLabel = "DATA", description = "A data set: a folder, or world:TASK.")
    @Nullable
    String name;

    @Option(
            names = "--with",
            paramLabel = "WHAT",
            description =
                    "What each unit becomes: mean (over training images, at each token), zero, or a factor such as"
                            + " 0.5. Default: ${DEFAULT-VALUE}.")
    String with = "mean";

    @Option(
            names = "--change",
            paramLabel = "UNIT=WHAT",
            description = "One change of several that are made together: L3.H5=zero, L3.MLP=mean, L3.H5=0.5 (a factor),"
                    + " L3.H5=image:FILE (as on that image), L3.H5=steer:0.5:TEXT (along a text's direction,"
                    + " by half of what the unit has at each token; negative: against it),"
                    + " L3.H5=component:0.5:K (along component K, counted from 0, that --adapter weighs).")
    List<String> changes = new ArrayList<>();

    @Option(
            names = "--reference",
            paramLabel = "N",
            description = "Training images that a mean is taken over, at most. Default: ${DEFAULT-VALUE}.")
    int reference = 256;

    @Option(
            names = "--search",
            paramLabel = "N",
            description = "Search for heads that are better changed (--with): of the N whose direct effect promises"
                    + " most, the one whose total effect helps most, again and again. One half of the"
                    + " validation images chooses, the other says where to stop; test images are opened once,"
                    + " at the end.")
    int search;

    @Option(
            names = "--objective",
            paramLabel = "OBJECTIVE",
            description = "With --search: accuracy, worst-class (the class that fares worst) or worst-group (with"
                    + " --groups). Default: accuracy; with --groups worst-group.")
    @Nullable
    String objective;

    @Option(
            names = "--groups",
            paramLabel = "FILE",
            description = "With --search: a table (file,group) of groups other than classes, whose worst is to be"
                    + " improved, such as pictures in which a background misleads. A row for every validation and"
                    + " test image.")
    @Nullable
    Path groups;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "With --search: write what was found as an adapter, which predict, evaluate --adapter,"
                    + " explain, serve, embed and export take.")
    @Nullable
    Path out;
}
