package io.residual.cli;

import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.report.TraceArrays;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "arrays",
        mixinStandardHelpOptions = true,
        description = "Writes a trace's units, spectra, weights and scores as plain arrays (safetensors).",
        footer = {
            "",
            "docs/formats.md describes the axes; python/ has a reader that needs only NumPy.",
            "",
            "Example: residual trace --data world:signs --split validation --out signs.trace",
            "Example: residual arrays signs.trace --adapter signs.adapter --out signs.safetensors"
        })
final class ArraysCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "TRACE", description = "Trace folder, written by residual trace.")
    Path folder = Path.of("");

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            description =
                    "Adapter of the same model: adds its weights λ, class embeddings, logits and heads' accuracies.")
    @Nullable
    Path adapter;

    @Option(names = "--no-units", description = "Leave out the units of every image, by far the largest array.")
    boolean withoutUnits;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "File to write (.safetensors).")
    Path target = Path.of("");

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Progress progress = output.start();
        TraceArrays.write(folder, adapter, !withoutUnits, target, progress, note -> Notes.print(spec, note));
        output.print(
                spec.commandLine().getOut(),
                "Written to " + target,
                Schema.WRITTEN,
                Map.of("written", target.toString()));
        return 0;
    }
}
