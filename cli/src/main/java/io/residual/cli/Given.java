package io.residual.cli;

import io.residual.base.InputException;
import picocli.CommandLine.Model.CommandSpec;

/** Which options were given: one that has no effect where it stands is refused rather than ignored. */
final class Given {
    private Given() {}

    /** Whether an option was given, whatever its value. */
    static boolean is(CommandSpec command, String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    /**
     * Refuses options.
     *
     * @param where what makes them mean nothing, such as {@code with --adapter}
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
