package io.residual.cli;

import io.residual.adapt.AdapterFile;
import io.residual.adapt.FoldedFile;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.base.RegularFiles;
import io.residual.base.Schema;
import io.residual.model.ImageTextModel;
import io.residual.onnx.OnnxExport;
import io.residual.predict.Predictor;
import io.residual.units.UnitFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Exports a model with an adapter as ONNX, or the folded adapter as safetensors.",
        footer = {
            "",
            "ONNX holds the image tower, the adapter and the classes: preprocessed pixels in, probabilities"
                    + " out. Safetensors holds the folded adapter alone, for programs that already run the model"
                    + " (docs/formats.md).",
            "",
            "Example: residual export --adapter signs.adapter --out signs.onnx"
        })
final class ExportCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            required = true,
            description = "Adapter file, written by residual align.")
    Path adapter = Path.of("");

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Output file: .onnx or .safetensors.")
    Path target = Path.of("");

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        String name = String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT);
        boolean onnx = name.endsWith(".onnx");
        if (!onnx && !name.endsWith(".safetensors")) {
            throw InputException.at(target, "this ending", ".onnx or .safetensors", "Give the file another ending");
        }
        if (!Files.exists(RegularFiles.require(adapter, "an adapter"))) {
            throw InputException.missing(adapter, "an adapter");
        }
        Progress progress = output.start();
        try (ImageTextModel model = modelOptions.open(spec, progress, adapter)) {
            UnitFrame frame = UnitFrame.of(model.image());
            AdapterFile file = AdapterFile.read(adapter, frame, model);
            Predictor.beside(model, file, frame, adapter.toString())
                    .close(); // other programs would answer with what this one refuses
            if (onnx) {
                OnnxExport.write(target, model, file);
            } else {
                FoldedFile.write(target, model, file, frame);
            }
            String method = file.adapter().method().label();
            int classes = file.classifier().classes().size();
            long bytes = Files.size(target);
            output.print(
                    spec.commandLine().getOut(),
                    String.format(
                            Locale.ROOT,
                            "%s with %d classes written to %s (%.1f MB)",
                            method,
                            classes,
                            target,
                            bytes / 1e6),
                    Schema.WRITTEN,
                    Map.of("written", target.toString(), "method", method, "classes", classes, "bytes", bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + target + ": " + e.getMessage(), e);
        }
        return 0;
    }
}
