package io.residual.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs a command line in this process. */
final class CommandRunner {
    private CommandRunner() {}

    /** What a command printed and returned. */
    record Outcome(int code, String out, String err) {}

    static Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Outcome(code, out.toString(), err.toString());
    }
}
