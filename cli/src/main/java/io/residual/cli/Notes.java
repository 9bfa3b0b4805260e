package io.residual.cli;

import io.residual.adapt.AdapterFile;
import io.residual.adapt.HeadsOff;
import io.residual.audit.GraveDoubts;
import io.residual.base.Printable;
import io.residual.catalogue.Datasets;
import io.residual.data.DatasetSpec;
import io.residual.experiment.Experiment;
import io.residual.world.EmbeddedModels;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Notes on a model, a data set and an adapter, printed with results. */
final class Notes {
    /** For photographs, where nothing better is at hand: a CLIP that the program knows how to fetch. */
    private static final String PHOTOGRAPHS = "for photographs take a model that was trained on some, such as --model"
            + " timm/vit_base_patch16_clip_224.openai (OpenAI's CLIP ViT-B/16, 600 MB, fetched on first use)";

    private Notes() {}

    /** Of answers on a user's own images by a model that ships; null for another model. */
    static @Nullable String onOwnImages(String model) {
        return EmbeddedModels.has(model)
                ? model
                        + " ships with the program, was pre-trained on drawings alone and knows no photograph: of"
                        + " photographs these answers mean little; " + PHOTOGRAPHS
                : null;
    }

    static List<String> on(String model, String data) {
        if (EmbeddedModels.has(model) && !Datasets.isEmbedded(data)) {
            return List.of(model
                    + " ships with the program, was pre-trained on drawings alone and knows no photograph: these"
                    + " accuracies do not show what a model of photographs would reach; "
                    + PHOTOGRAPHS);
        }
        return List.of();
    }

    /** Of test images of an adapter's data set that is split otherwise; null where it is not, or is another. */
    static @Nullable String ofSplits(AdapterFile adapter, String name, DatasetSpec used) {
        DatasetSpec fitted = adapter.info().data();
        return ReportOptions.same(fitted.source(), name)
                        && !ReportOptions.splitsOf(fitted).equals(ReportOptions.splitsOf(used))
                ? "the adapter was fitted with other splits of " + name
                        + ", so some of these test images may have been its training images"
                : null;
    }

    /** Prints a note on standard error. */
    static void print(CommandSpec command, String note) {
        command.commandLine().getErr().println(Printable.line("residual: note: " + note));
    }

    /** Prints, for a command that takes decisions apart, that an adapter has changed the forward pass already. */
    static void ofPass(CommandSpec command, @Nullable AdapterFile adapter) {
        if (adapter != null && adapter.adapter() instanceof HeadsOff off) {
            print(
                    command,
                    "the adapter changes the forward pass (" + off.inWords()
                            + "); 'before' and 'after' both include this");
        }
    }

    /** Prints, for a command that fits, what an audit of the training labels would find that is grave. */
    static void ofLabels(CommandSpec command, Experiment experiment) {
        if (!Given.is(command, "--quiet")) {
            GraveDoubts.notes(experiment.train(), experiment.dataset().prompts().classes())
                    .forEach(note -> print(command, note));
        }
    }

    /** Prints, for a command that answers on a user's own images, what is to be known of the model and the adapter. */
    static void onUse(CommandSpec command, String model, @Nullable Path adapter, List<String> warnings) {
        String note = onOwnImages(model);
        boolean said = warnings.stream().anyMatch(w -> w.contains(PHOTOGRAPHS)); // when the adapter was made
        if (note != null && !said) {
            print(command, note);
        }
        warnings.forEach(w -> print(command, adapter + ": " + w));
    }

    /** The same of an adapter that has been read, or of none. */
    static void onUse(CommandSpec command, String model, @Nullable Path adapter, @Nullable AdapterFile read) {
        onUse(command, model, adapter, read == null ? List.of() : read.info().notes());
    }
}
