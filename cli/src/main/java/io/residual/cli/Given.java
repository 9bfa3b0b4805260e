package io.residual.cli;

import io.residual.base.InputException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that were given. An option without effect is refused, not ignored. */
final class Given {
    private Given() {}

    /** Whether an option was given, whatever its value. */
    static boolean is(CommandSpec command, String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Those of some options that were given, with their values, for a command to go on with: each after a space. */
    static String repeated(CommandSpec command, Iterable<String> options) {
        StringBuilder all = new StringBuilder();
        for (String option : options) {
            OptionSpec given = command.commandLine().getParseResult().matchedOption(option);
            if (given != null) {
                all.append(' ').append(option);
                if (given.arity().max() > 0) {
                    String value = String.join(",", given.originalStringValues());
                    all.append(' ').append(value.matches("\\S+") ? value : '"' + value + '"');
                }
            }
        }
        return all.toString();
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
