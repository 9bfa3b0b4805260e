package io.residual.cli;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * Checks output paths before a command begins, so that hours of work do not end at a folder without write permission.
 */
final class Outputs {
    private static final List<String> NAMES =
            List.of("--out", "--figure", "--table", "--sheets", "--where", "--attention");

    private Outputs() {}

    /** Runs the command that was asked for, if its outputs have a place. */
    static int run(ParseResult result) {
        ParseResult last = result;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        CommandLine command = last.commandSpec().commandLine();
        if (!last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
            try {
                last.commandSpec().options().forEach(Outputs::check);
            } catch (InputException e) {
                throw new ExecutionException(command, String.valueOf(e.getMessage()), e);
            }
        }
        return new RunLast().execute(result);
    }

    /** A folder that is there already is the command's own to judge. */
    private static void check(OptionSpec option) {
        if (!NAMES.contains(option.longestName())) {
            return;
        }
        List<?> values = option.getValue() instanceof List<?> several
                ? several
                : List.of(option.<Object>getValue() == null ? "" : option.<Object>getValue());
        for (Object value : values) {
            if (value instanceof Path target && !target.toString().isEmpty() && !Files.isDirectory(target)) {
                AtomicFiles.requireWritable(target);
            }
        }
    }
}
