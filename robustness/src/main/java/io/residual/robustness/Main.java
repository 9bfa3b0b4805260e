package io.residual.robustness;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The robustness tests, one per command; exit code 1 if something was lost. */
@Command(
        name = "robustness/run",
        mixinStandardHelpOptions = true,
        description = "Robustness tests: hostile files, crashes at random moments, long runs.",
        subcommands = {Crashes.class, Fuzzing.class, Mutations.class, Soak.class})
public final class Main {
    private Main() {}

    /** Runs a trial and ends the process. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        CommandLine line = new CommandLine(new Main()).setOut(out);
        if (args.length == 0) {
            line.usage(out);
        }
        int code = args.length == 0 ? 0 : line.execute(args);
        out.flush();
        Runtime.getRuntime().halt(code);
    }
}
