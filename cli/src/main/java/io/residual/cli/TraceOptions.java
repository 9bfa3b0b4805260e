package io.residual.cli;

import io.residual.units.GivenTraces;
import io.residual.units.ImageTracer;
import io.residual.units.Tracer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of commands whose images may have been traced before: by {@code residual trace}, or by a command that kept it. */
final class TraceOptions extends CacheOptions {
    @Option(
            names = "--trace",
            paramLabel = "FOLDER",
            arity = "1..*",
            description = "Traces that residual trace wrote, of one split each, or folders with such traces: used where"
                    + " model and images have the same hashes, instead of running the model.")
    List<Path> folders = new ArrayList<>();

    /** Refuses folders without traces, before anything is opened. */
    void check() {
        folders.forEach(GivenTraces::in);
    }

    @Override
    ImageTracer over(Tracer tracer, CommandSpec command) {
        ImageTracer others = super.over(tracer, command);
        return folders.isEmpty() ? others : new GivenTraces(folders, tracer.model(), others, notes(command));
    }
}
