package io.residual.cli;

import io.residual.adapt.Method;
import io.residual.catalogue.BasisImages;
import io.residual.command.FitOptions;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.FitSettings;
import io.residual.fit.FineTuner;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;

/** The fit options of a command. */
record AlignOptions(CommandSpec command) {
    /** Adds the options to a command. */
    static final class Added implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            return FitOptions.add(command, Set.of());
        }
    }

    /** The settings of a comparison of methods; how the whole tower is tuned is for others to say. */
    ExperimentSettings settings(List<Method> methods, FineTuner.Settings tuning) {
        // Fine-tuning has options of its own; of these only --target-accuracy means anything to it, as to the unadapted
        // model.
        return FitSettings.of(
                        FitOptions.given(command),
                        methods.stream()
                                .map(m -> m == Method.FULL ? Method.BASE : m)
                                .distinct()
                                .toList())
                .with(tuning);
    }

    /** The images that bases come from, or null for the training images. */
    @Nullable
    LabelledImages<Split.Train> general(String model, String data) {
        return BasisImages.of(FitSettings.bases(FitOptions.given(command), BasisImages.AUTO), model, data);
    }
}
