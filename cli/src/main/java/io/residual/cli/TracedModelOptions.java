package io.residual.cli;

import io.residual.base.Progress;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Options of a model that runs on images: name and arithmetic. */
final class TracedModelOptions extends ModelOptions {
    /** The options that decide what a model computes of an image. */
    static final List<String> NAMES = List.of("--model", "--bf16", "--orientation");

    @Mixin
    ImageOptions imageOptions = new ImageOptions();

    @Option(
            names = "--bf16",
            description =
                    "Compute the image tower's large products in bfloat16: several times as fast on processors that"
                            + " support it, and less exact (see the decomposition error).")
    boolean bf16;

    @Override
    ImageTextModel open(CommandSpec spec, Progress progress) {
        return open(name, bf16 ? Arithmetic.BF16 : Arithmetic.FP32, spec, progress);
    }
}
