package io.residual.cli;

import io.residual.base.InputException;
import picocli.CommandLine.Model.CommandSpec;

/** The options that were given. An option without effect is refused, not ignored. */
final class Given {
    private Given() {}

    /** Whether an option was given, whatever its value. */
    static boolean is(CommandSpec command, String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    /**
     * Refuses options.
     *
     * @param where the condition under which they have no effect, such as {@code with --adapter}
     */
    static void refuse(CommandSpec command, String where, Iterable<String> options) {
        for (String option : options) {
            if (is(command, option)) {
                throw InputException.at(option, "it " + where, "no such option there", "Leave it out");
            }
        }
    }

    /** Refuses numbers below a bound. */
    static void atLeast(String option, long least, long value) {
        if (value < least) {
            throw InputException.at(option, String.valueOf(value), least + " or more", "Correct the option");
        }
    }
}
