package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.tensor.NativeRuntime;
import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Output options of commands that work for a while. */
final class OutputOptions {
    @Option(names = "--json", description = "Print JSON instead of text.")
    boolean json;

    @Option(names = "--quiet", description = "No progress on standard error.")
    boolean quiet;

    @Option(names = "--threads", paramLabel = "N", description = "Number of threads. Default: one per processor.")
    int threads;

    /** Prints what was done: as a line of text, or as one of JSON. */
    void print(PrintWriter out, String text, Schema schema, Map<String, ?> result) {
        if (json) {
            ObjectNode document = schema.document();
            new TreeMap<>(result).forEach((name, value) -> document.set(name, Json.of(value)));
            out.println(Json.line(document));
        } else {
            out.println(Printable.line(text));
        }
        out.flush();
    }

    /** Applies what is global, and gives the progress to report to. */
    Progress start() {
        if (threads < 0) {
            throw InputException.at("--threads", String.valueOf(threads), "1 or more", "Give a positive number");
        }
        NativeRuntime.setThreads(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
        return ProgressBar.create(quiet);
    }
}
