package io.residual.cli;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.data.Prompts;
import io.residual.description.Dictionary;
import io.residual.description.NearestTexts;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.UnreadableImageException;
import io.residual.model.ImageTextModel;
import io.residual.predict.Contrast;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.report.ExplanationReport;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Decomposes one decision into an exact sum over heads, MLPs and components, with their text"
                + " descriptions.",
        footer = {
            "",
            "The difference of two classes' logits is a sum over everything that was written into the"
                    + " residual stream. Each unit's contribution is given for the unadapted model and with the"
                    + " adapter. Contributions add up to the difference except for rounding, which is printed.",
            "",
            "Example: residual explain --adapter signs.adapter photo.jpg --figure why.svg"
        })
final class ExplainCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    ImageOptions imageOptions = new ImageOptions();

    @Mixin
    ModelOptions modelOptions = new ModelOptions();

    @Option(names = "--adapter", paramLabel = "FILE", description = "Adapter file, written by residual align.")
    @Nullable
    Path adapterFile;

    @Option(
            names = "--classes",
            paramLabel = "NAMES",
            split = ",",
            description = "Without an adapter: the class names.")
    List<String> classes = List.of();

    @Option(names = "--class", paramLabel = "NAME", description = "The class to explain. Default: the predicted class.")
    @Nullable
    String wanted;

    @Option(
            names = "--against",
            paramLabel = "NAME",
            description = "The class to compare with. Default: the one with the next largest logit.")
    @Nullable
    String against;

    @Option(names = "--top", paramLabel = "N", description = "Units and components to show. Default: ${DEFAULT-VALUE}.")
    int top = 10;

    @Option(
            names = "--dictionary",
            paramLabel = "FILE",
            description = "Dictionary of texts, one per line. Default: about 1,500 texts that ship.")
    @Nullable
    Path dictionary;

    @Option(names = "--no-words", description = "Leave out text descriptions, which need the dictionary encoded.")
    boolean noWords;

    @Option(
            names = "--figure",
            paramLabel = "FILE",
            description = "Also write a bar chart of the largest contributions.")
    @Nullable
    Path svg;

    @Parameters(paramLabel = "IMAGE", description = "An image.")
    Path image = Path.of("");

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        if ((adapterFile == null) == classes.isEmpty()) {
            throw InputException.at(
                    "residual explain",
                    adapterFile == null ? "neither --adapter nor --classes" : "both --adapter and --classes",
                    "one of them",
                    "Give what residual align wrote, or names to choose from");
        }
        Given.atLeast("--top", 1, top);
        if (noWords) {
            Given.refuse(spec, "with --no-words", List.of("--dictionary"));
        }
        Prompts named = classes.isEmpty()
                ? null
                : new Prompts(classes.stream().map(String::strip).toList(), List.of("a photo of a {}."))
                        .requireTellable("--classes");
        Progress progress = output.start();
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            Tracer tracer = new Tracer(model);
            Path file = adapterFile;
            AdapterFile read = file == null ? null : AdapterFile.read(file, tracer.frame(), model);
            Adapter adapter = read == null ? new Adapter.Identity() : read.adapter();
            Classifier classifier =
                    read == null ? Classifier.fromPrompts(model, Objects.requireNonNull(named)) : read.classifier();
            Explanation explanation = new Explainer(tracer.frame(), adapter, classifier).explain(trace(tracer), 0);
            NearestTexts words = noWords || !model.hasText() ? null : words(model);
            Contrast contrast = Contrast.of(explanation, adapter, words)
                    .about(index(explanation, "--class", wanted), index(explanation, "--against", against))
                    .top(top);
            Calibration calibration = read == null ? null : read.info().calibration();
            if (output.json) {
                spec.commandLine().getOut().println(Json.pretty(contrast.json(calibration)));
            } else {
                spec.commandLine().getOut().print(ExplanationReport.text(contrast));
            }
            Path drawn = svg;
            if (drawn != null) {
                AtomicFiles.writeString(drawn, ExplanationReport.svg(contrast));
            }
        }
        return 0;
    }

    private NearestTexts words(ImageTextModel model) {
        Path file = dictionary;
        return new NearestTexts(
                Dictionary.of(file == null ? Dictionary.shippedTexts() : Dictionary.textsOf(file), model));
    }

    private TraceBlock trace(Tracer tracer) {
        try {
            Image decoded = ImageDecoder.decode(image);
            float[] pixels = new float[tracer.model().preprocessing().inputLength()];
            tracer.model().preprocessing().apply(decoded, pixels, 0);
            return tracer.encode(pixels, new int[1], List.of(image.toString()));
        } catch (UnreadableImageException e) {
            throw InputException.at(
                    image, String.valueOf(e.getMessage()), "an image that can be read", "Check the file", e);
        }
    }

    private static @Nullable Integer index(Explanation explanation, String option, @Nullable String name) {
        if (name == null) {
            return null;
        }
        int index = explanation.classes().indexOf(name);
        if (index < 0) {
            throw InputException.at(option, "'" + name + "'", "one of " + explanation.classes(), "Correct the name");
        }
        return index;
    }
}
