package io.residual.cli;

import io.residual.experiment.KeptFits;
import io.residual.units.CachedTracer;
import io.residual.units.ImageTracer;
import io.residual.units.StoredTraces;
import io.residual.units.TraceCache;
import io.residual.units.Tracer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The option of commands that trace data sets, which other commands may have traced before. */
class CacheOptions {
    @Option(
            names = "--no-cache",
            description =
                    "Trace all images anew and keep neither traces nor the fits of a run that is stopped. By default"
                            + " traces are kept below RESIDUAL_CACHE and reused for the same model and images (see"
                            + " residual cache).")
    boolean off;

    /** Where fits are kept while a run lasts; null with {@code --no-cache}. */
    @Nullable
    KeptFits fits() {
        return off ? null : KeptFits.ofUser();
    }

    /** Traces on disk as the options say. */
    StoredTraces stored(Tracer tracer, CommandSpec command) {
        return new StoredTraces(tracer, off ? null : TraceCache.ofUser(), notes(command));
    }

    /** A tracer as the options say. */
    ImageTracer over(Tracer tracer, CommandSpec command) {
        Consumer<String> notes = notes(command);
        tracer.noting(notes);
        return off ? tracer : new CachedTracer(tracer, TraceCache.ofUser(), notes);
    }

    /** Prints notes, unless {@code --quiet} is given. */
    static Consumer<String> notes(CommandSpec command) {
        boolean quiet = Given.is(command, "--quiet");
        return note -> {
            if (!quiet) {
                Notes.print(command, note);
            }
        };
    }
}
