package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.model.ImageTextModel;
import io.residual.probing.LocalisationStudy;
import io.residual.probing.LocalisationStudy.Result;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "locate",
        mixinStandardHelpOptions = true,
        description =
                "Whether maps of texts find what the texts name, in the embedded world, where every thing's pixels are"
                        + " known: against chance and raw attention.",
        footer = {
            "",
            "docs/findings.md tells what this found.",
            "",
            "Example: residual locate --images 500",
        })
final class LocateCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "Images to measure on; as many again choose the thresholds. Default: ${DEFAULT-VALUE}.")
    int images = 500;

    @Option(names = "--seed", paramLabel = "SEED", description = "Of the images. Default: ${DEFAULT-VALUE}.")
    long seed = 11;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Given.atLeast("--images", 2, images);
        Progress progress = output.start();
        PrintWriter out = spec.commandLine().getOut();
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            ObjectNode json = Schema.LOCALISATION.document();
            for (boolean two : new boolean[] {false, true}) {
                Result result = LocalisationStudy.of(model, images, two, seed, progress);
                json.set(two ? "two_things" : "one_thing", LocalisationStudy.json(result));
                if (!output.json) {
                    out.println(
                            two
                                    ? "two things of different kind and colour, the text names one"
                                    : "one thing, as pre-training shows it");
                    out.println();
                    out.println(LocalisationStudy.text(result));
                }
            }
            if (output.json) {
                out.println(Json.pretty(json.put("images", images).put("seed", seed)));
            }
        }
        return 0;
    }
}
