package io.residual.cli;

import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.world.EmbeddedModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    /** The same for use with adapters; one of another model is refused before the model is opened, as far as its files tell. */
    ImageTextModel open(CommandSpec spec, Progress progress, Collection<Path> adapters) {
        List<Path> there = adapters.stream().filter(Files::exists).toList();
        if (!there.isEmpty()) {
            String hash = ImageTextModel.hashOf(Models.folder(name, progress));
            boolean given = Given.is(spec, "--model") || System.getenv("RESIDUAL_MODEL") != null;
            for (Path adapter : there) {
                Provenance made = AdapterFile.info(adapter).provenance();
                if (hash != null && !made.model().equals(hash) && !given) {
                    String wanted = made.settings().getOrDefault(Provenance.MODEL_NAME, "another model");
                    throw InputException.at(
                            adapter,
                            "an adapter of " + wanted + " and no --model",
                            "the model that it was made with (without --model and RESIDUAL_MODEL, " + name
                                    + " is taken)",
                            "Give --model " + wanted + ", or its folder");
                }
                if (hash != null) {
                    made.requireModel(adapter, "an adapter", name, hash);
                }
            }
        }
        return open(spec, progress);
    }

    /** The same for an adapter that may be missing. */
    ImageTextModel open(CommandSpec spec, Progress progress, @Nullable Path adapter) {
        return open(spec, progress, adapter == null ? List.of() : List.of(adapter));
    }

    static ImageTextModel open(String name, Arithmetic arithmetic, CommandSpec spec, Progress progress) {
        ImageTextModel model = Models.open(name, arithmetic, progress);
        model.warnings().forEach(w -> spec.commandLine().getErr().println(Printable.line("Warning: " + w)));
        return model;
    }
}
