package io.residual.cli;

import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelFixes;
import io.residual.data.Reading;
import io.residual.data.Splitting;
import io.residual.pretrain.Architecture;
import io.residual.pretrain.Curriculum;
import io.residual.pretrain.ImageCurriculum;
import io.residual.pretrain.PretrainSettings;
import io.residual.pretrain.Pretrainer;
import io.residual.pretrain.WorldCurriculum;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        description = "Pre-trains a small CLIP on the synthetic benchmark, as for the models that ship, or on your own"
                + " images with captions from class names.",
        footer = {
            "",
            "The folder receives checkpoint.safetensors, curve.csv and curve.svg during training, and at the"
                    + " end model/, which residual and transformers load. The same command with the same settings"
                    + " resumes from the checkpoint.",
            "",
            "Example: residual pretrain --out my-world-clip",
            "Example: residual pretrain --images 20000 --out quick-try",
            "Example: residual pretrain --data path/to/cifar10 --data path/to/mnist --out real-clip"
        })
final class PretrainCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--out", paramLabel = "FOLDER", required = true, description = "Folder to write.")
    Path target = Path.of("");

    @Option(
            names = "--architecture",
            paramLabel = "NAME",
            description = "Architecture and file layout: clip, open-clip or blip. Default: ${DEFAULT-VALUE}.")
    String architecture = PretrainSettings.DEFAULT.architecture().id();

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description =
                    "Train on the training images of these data sets, with captions from class names, instead of the"
                            + " synthetic benchmark; may be repeated. Checkpoints are evaluated on their validation"
                            + " images.")
    List<String> data = new ArrayList<>();

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "Table of corrections of the one --data set, as residual audit writes it.")
    @Nullable
    Path labels;

    @Option(names = "--images", paramLabel = "N", description = "Number of training images. Default: ${DEFAULT-VALUE}.")
    long images = PretrainSettings.DEFAULT.images();

    @Option(names = "--batch", paramLabel = "N", description = "Batch size. Default: ${DEFAULT-VALUE}.")
    int batch = PretrainSettings.DEFAULT.batch();

    @Option(names = "--rate", paramLabel = "RATE", description = "Learning rate. Default: ${DEFAULT-VALUE}.")
    double rate = PretrainSettings.DEFAULT.rate();

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Seed of weights and images. Default: ${DEFAULT-VALUE}.")
    long seed = PretrainSettings.DEFAULT.seed();

    @Option(
            names = "--evaluate-every",
            paramLabel = "STEPS",
            description = "Steps between checkpoints, each with an evaluation on the ten tasks, or on --data. Default:"
                    + " ${DEFAULT-VALUE}.")
    int evaluateEvery = PretrainSettings.DEFAULT.evaluateEvery();

    @Mixin
    OutputOptions output = new OutputOptions();

    private Dataset open(String name) {
        Splitting shares = Splitting.DEFAULT;
        DatasetSpec plain = new DatasetSpec(name, 0, 0, 0, shares.validation(), shares.test(), shares.seed());
        DatasetSpec corrected = labels == null ? plain : plain.with(LabelFixes.read(labels));
        Dataset dataset = Datasets.open(corrected, Reading.PLAIN, Progress.silent());
        dataset.notes().forEach(note -> spec.commandLine().getErr().println("residual: note: " + note));
        return dataset;
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PretrainSettings settings =
                new PretrainSettings(Architecture.named(architecture), images, batch, rate, seed, evaluateEvery);
        if (labels != null
                && data.stream().mapToInt(d -> Datasets.expand(d).size()).sum() != 1) {
            throw InputException.at("--labels", data.size() + " data sets", "one --data", "Name one, or leave it out");
        }
        Progress progress = output.start();
        Curriculum curriculum = data.isEmpty()
                ? new WorldCurriculum()
                : new ImageCurriculum(data.stream()
                        .flatMap(name -> Datasets.expand(name).stream())
                        .map(this::open)
                        .toList());
        Pretrainer pretrainer = new Pretrainer(settings, curriculum, target, progress);
        pretrainer.run();
        if (output.json) {
            out.println(Json.pretty(pretrainer
                    .record()
                    .put("model", pretrainer.model().toString())
                    .put("curve", target.resolve("curve.csv").toString())));
        } else {
            out.println(pretrainer.curve());
            out.println(Printable.line(
                    "Model written to " + pretrainer.model() + ", the curve to " + target.resolve("curve.svg")));
        }
        return 0;
    }
}
