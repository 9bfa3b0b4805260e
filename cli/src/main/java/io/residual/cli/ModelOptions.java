package io.residual.cli;

import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.world.EmbeddedModels;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The option that names a model. */
class ModelOptions {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "A model that ships, a folder, or a name on the hub such as openai/clip-vit-large-patch14."
                    + " Default: RESIDUAL_MODEL if it is set, else " + EmbeddedModels.WORLD_CLIP + ".",
            defaultValue = "${env:RESIDUAL_MODEL:-" + EmbeddedModels.WORLD_CLIP + "}")
    String name = EmbeddedModels.WORLD_CLIP;

    /** Opens the model, fetching it if need be, and says what looks wrong about it. */
    ImageTextModel open(CommandSpec spec, Progress progress) {
        return open(name, Arithmetic.FP32, spec, progress);
    }

    static ImageTextModel open(String name, Arithmetic arithmetic, CommandSpec spec, Progress progress) {
        ImageTextModel model = Models.open(name, arithmetic, progress);
        model.warnings().forEach(w -> spec.commandLine().getErr().println(Printable.line("Warning: " + w)));
        return model;
    }
}
