package io.residual.command;

import io.residual.base.JsonObject;
import io.residual.experiment.FitSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Command-line options of fits: one for every entry of {@link FitSettings}, which reads them. */
public final class FitOptions {
    private FitOptions() {}

    /** Adds the options to a command, except for some; its help shows them below its own. */
    public static CommandSpec add(CommandSpec command, Set<FitSettings.Entry> without) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .heading("%nFitting (the defaults did best on validation):%n")
                .exclusive(false)
                .validate(false);
        for (FitSettings.Entry entry : FitSettings.Entry.values()) {
            if (!without.contains(entry)) {
                group.addArg(OptionSpec.builder("--" + entry.key())
                        .paramLabel(entry.label())
                        .description(entry.description())
                        .type(String.class)
                        .build());
            }
        }
        return command.addArgGroup(group.build());
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
