package io.residual.cli;

import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.model.ImageTextModel;
import io.residual.units.TraceFolder;
import io.residual.units.TraceFolder.Manifest;
import io.residual.units.TraceFolder.Precision;
import io.residual.units.Tracer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        description = "Writes the contribution of every head and MLP to the embedding of every image.",
        footer = {
            "",
            "The output folder holds manifest.json and safetensors shards in head coordinates"
                    + " (docs/formats.md). The largest difference between the sum of the units and the model's own"
                    + " output is measured on every image and stored.",
            "",
            "Example: residual trace --data world:signs --split train --out signs-train.trace"
        })
final class TraceCommand implements Callable<Integer> {
    /** The split to trace. */
    enum Part {
        TRAIN,
        VALIDATION,
        TEST
    }

    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            description = "Data set: a folder, world:TASK, or a name on the hub.")
    String dataName = "";

    @Option(
            names = "--split",
            paramLabel = "SPLIT",
            description = "train, validation or test. Default: ${DEFAULT-VALUE}.")
    Part split = Part.TRAIN;

    @Option(names = "--out", paramLabel = "FOLDER", required = true, description = "Folder to write.")
    Path target = Path.of("");

    @Option(
            names = "--precision",
            paramLabel = "PRECISION",
            description = "full (32-bit) or half (16-bit, half the space). Default: ${DEFAULT-VALUE}.")
    Precision precision = Precision.FULL;

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        Dataset dataset = data.open(dataName);
        LabelledImages<?> images =
                switch (split) {
                    case TRAIN -> dataset.train();
                    case VALIDATION -> dataset.validation();
                    case TEST -> dataset.test();
                };
        String part = split.name().toLowerCase(Locale.ROOT);
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            Manifest manifest = TraceFolder.write(
                    target,
                    new Tracer(model),
                    images,
                    part,
                    dataset.prompts().classes(),
                    dataset.name() + " " + part,
                    precision,
                    progress);
            report(out, manifest, images.size());
        }
        return 0;
    }

    private void report(PrintWriter out, Manifest manifest, int asked) {
        int skipped = manifest.skipped().size();
        if (output.json) {
            out.println(Json.pretty(manifest.json().put("folder", target.toString())));
            return;
        }
        out.printf(
                Locale.ROOT,
                "%s: %d images, %d units each (%d layers x %d heads), largest decomposition error %.1e of the output%n",
                Printable.line(target),
                asked - skipped,
                manifest.shape().units(),
                manifest.shape().layers(),
                manifest.shape().heads(),
                manifest.provenance().decompositionError());
        if (skipped > 0) {
            out.printf(
                    Locale.ROOT,
                    "Warning: %d of %d images could not be read and were left out; the first: %s%n",
                    skipped,
                    asked,
                    Printable.line(manifest.skipped().get(0)));
        }
    }
}
