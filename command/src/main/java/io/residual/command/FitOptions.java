package io.residual.command;

import io.residual.adapt.Method;
import io.residual.base.JsonObject;
import io.residual.catalogue.BasisImages;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.FitSettings;
import io.residual.fit.FineTuner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Command-line options of fits: one for every entry of {@link FitSettings}, which reads them. */
public final class FitOptions {
    private FitOptions() {}

    /** Adds the options to a command; its help shows them below its own. */
    public static final class Added implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                    .heading("%nFitting (the defaults did best on validation):%n")
                    .exclusive(false)
                    .validate(false);
            for (FitSettings.Entry entry : FitSettings.Entry.values()) {
                group.addArg(OptionSpec.builder("--" + entry.key())
                        .paramLabel(entry.label())
                        .description(entry.description())
                        .type(String.class)
                        .build());
            }
            return command.addArgGroup(group.build());
        }
    }

    /**
     * The settings of a comparison of methods.
     *
     * @param tuning how the whole tower is tuned, which has options of its own
     */
    public static ExperimentSettings settings(CommandSpec command, List<Method> methods, FineTuner.Settings tuning) {
        // Of these options only --target-accuracy means anything to fine-tuning, as to the unadapted model.
        return FitSettings.of(
                        given(command),
                        methods.stream()
                                .map(m -> m == Method.FULL ? Method.BASE : m)
                                .distinct()
                                .toList())
                .with(tuning);
    }

    /**
     * The images that components come from, or null for the data set's own training images.
     *
     * @param model the model's name
     * @param data the data set's name
     */
    public static @Nullable LabelledImages<Split.Train> general(CommandSpec command, String model, String data) {
        return BasisImages.of(FitSettings.bases(given(command), BasisImages.AUTO), model, data);
    }

    /** The options that were given. */
    public static JsonObject given(CommandSpec command) {
        Map<String, String> given = new LinkedHashMap<>();
        for (String key : FitSettings.keys()) {
            String value = command.commandLine().getParseResult().matchedOptionValue("--" + key, (String) null);
            if (value != null) {
                given.put(key, value);
            }
        }
        return FitSettings.ofOptions(given);
    }
}
