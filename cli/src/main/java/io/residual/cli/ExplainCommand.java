package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.data.Prompts;
import io.residual.description.NearestTexts;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.UnreadableImageException;
import io.residual.model.ImageTextModel;
import io.residual.predict.Contrast;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.predict.LogitMap;
import io.residual.provenance.Provenance;
import io.residual.report.ExplanationReport;
import io.residual.report.LensReport;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import io.residual.where.TokenTrace;
import io.residual.zeroshot.Classifier;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
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
            "--where splits the same sum over the image: each head's share by the patches that it read. --lens shows"
                    + " what the",
            "model would answer after each layer.",
            "",
            "Example: residual explain --adapter signs.adapter photo.jpg --figure why.svg",
            "Example: residual explain --adapter signs.adapter photo.jpg --where where.png --where where.npy",
            "Example: residual explain photo.jpg --text 'a red circle' --where circle.svg"
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
            description = "Dictionary of texts, one per line. " + Words.DEFAULT)
    @Nullable
    Path dictionary;

    @Option(names = "--no-words", description = "Leave out text descriptions, which need the dictionary encoded.")
    boolean noWords;

    @ArgGroup(validate = false, heading = "%nWhere in the image:%n")
    WhereOptions where = new WhereOptions();

    @Option(names = "--lens", description = "Also print what the unadapted model would answer after each layer.")
    boolean lens;

    @Option(
            names = "--figure",
            paramLabel = "FILE",
            description = "Also write a bar chart of the largest contributions (.svg or .pdf).")
    @Nullable
    Path svg;

    @Parameters(paramLabel = "IMAGE", description = "An image.")
    Path image = Path.of("");

    @Mixin
    FigureOptions figures = new FigureOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        where.check();
        boolean textAlone = where.text != null && adapterFile == null && classes.isEmpty();
        if (textAlone) {
            Given.refuse(
                    spec,
                    "with --text and no classes",
                    List.of("--class", "--against", "--top", "--dictionary", "--no-words", "--figure", "--lens"));
        } else if ((adapterFile == null) == classes.isEmpty()) {
            throw InputException.at(
                    "residual explain",
                    adapterFile == null ? "neither --adapter nor --classes" : "both --adapter and --classes",
                    "one of them, or --text with --where",
                    "Give what residual align wrote, or names to choose from");
        }
        figures.check(svg);
        Given.atLeast("--top", 1, top);
        if (noWords) {
            Given.refuse(spec, "with --no-words", List.of("--dictionary"));
        }
        Prompts named = classes.isEmpty()
                ? null
                : new Prompts(classes.stream().map(String::strip).toList(), List.of("a photo of a {}."))
                        .requireTellable("--classes");
        Progress progress = output.start();
        try (ImageTextModel model = modelOptions.open(spec, progress, adapterFile)) {
            Path file = adapterFile;
            AdapterFile read = file == null ? null : AdapterFile.read(file, UnitFrame.of(model.image()), model);
            Notes.onUse(spec, modelOptions.name, file, read);
            Notes.ofPass(spec, read);
            Tracer tracer = new Tracer(read == null ? model : read.adapter().on(model));
            Adapter adapter = read == null ? new Adapter.Identity() : read.adapter();
            Image decoded = decoded();
            Image seen = model.preprocessing().fit(decoded);
            float[] pixels = new float[model.preprocessing().inputLength()];
            model.preprocessing().apply(decoded, pixels, 0);
            List<String> name = List.of(image.toString());
            // A plain pass is enough where nothing is asked of the tokens.
            TokenTrace.Traced watched = where.given() ? TokenTrace.of(tracer, pixels, name) : null;
            TraceBlock block = watched == null ? tracer.encode(pixels, new int[1], name) : watched.block();
            if (textAlone) {
                Classifier none = new Classifier(
                        List.of("anything"), new float[tracer.frame().shape().sharedWidth()]);
                TokenTrace.Traced traced = Objects.requireNonNull(watched, "--text needs --where");
                LogitMap map = where.ofText(model, new Explainer(tracer.frame(), adapter, none), traced);
                map(map, seen, read, provenance(tracer, block, pixels));
            } else {
                Classifier classifier =
                        read == null ? Classifier.fromPrompts(model, Objects.requireNonNull(named)) : read.classifier();
                explain(tracer, read, adapter, classifier, new Passed(block, watched, pixels, seen));
            }
            if (watched != null) {
                where.drawAttention(tracer.model(), pixels, watched.tokens(), seen);
            }
        }
        return 0;
    }

    /**
     * An image after its pass.
     *
     * @param watched with the tokens, where they are needed
     * @param seen the image as the model sees it
     */
    private record Passed(TraceBlock block, TokenTrace.@Nullable Traced watched, float[] pixels, Image seen) {}

    private Provenance provenance(Tracer tracer, TraceBlock block, float... pixels) {
        return ImageProvenance.of(tracer, image.toString(), pixels, block);
    }

    private void explain(
            Tracer tracer, @Nullable AdapterFile read, Adapter adapter, Classifier classifier, Passed passed) {
        ImageTextModel model = tracer.model();
        Explainer explainer = new Explainer(tracer.frame(), adapter, classifier);
        Explanation explanation = explainer.explain(passed.block, 0);
        NearestTexts words = noWords || !model.hasText() ? null : words(model);
        Contrast contrast = Contrast.of(explanation, adapter, words)
                .about(index(explanation, "--class", wanted), index(explanation, "--against", against))
                .top(top);
        Calibration calibration = read == null ? null : read.info().calibration();
        TokenTrace.Traced traced = passed.watched;
        LogitMap map = where.targets.isEmpty() || traced == null
                ? null
                : where.text != null
                        ? where.ofText(model, explainer, traced)
                        : where.ofDecision(
                                explainer, explanation, traced, contrast.chosenIndex(), contrast.otherIndex());
        LensReport layers = lens
                ? LensReport.of(model, classifier, passed.pixels, contrast.chosenIndex(), contrast.otherIndex())
                : null;
        PrintWriter out = spec.commandLine().getOut();
        if (output.json) {
            ObjectNode json = contrast.json(calibration);
            if (map != null) {
                json.set("where", map.json(false));
            }
            if (layers != null) {
                json.set("lens", layers.json());
            }
            out.println(Json.pretty(json));
        } else {
            out.print(ExplanationReport.text(contrast, calibration));
            if (layers != null) {
                out.print(layers.text());
            }
        }
        if (map != null) {
            map(map, passed.seen, read, provenance(tracer, passed.block, passed.pixels));
        }
        Path drawn = svg;
        if (drawn != null) {
            figures.write(drawn, contrast.json(calibration));
        }
    }

    /** Writes a map, and says of it what there is to be said; the JSON of a decision holds it already. */
    private void map(LogitMap map, Image seen, @Nullable AdapterFile read, Provenance provenance) {
        where.write(map, seen, read != null && read.adapter().method() != Method.BASE, provenance);
        PrintWriter out = spec.commandLine().getOut();
        if (output.json) {
            if (adapterFile == null && classes.isEmpty()) {
                out.println(Json.pretty(WhereOptions.document(map, false, provenance)));
            }
            return;
        }
        double patches = Arrays.stream(map.after().patches(map.after().all())).sum();
        double total = map.after().total() + map.constantAfter();
        out.println(Printable.line(String.format(
                Locale.ROOT,
                "where: %s, %+.3f; patches %+.3f, other tokens and constants %+.3f; parts add up to it but for %.0e",
                map.what(),
                total,
                patches,
                total - patches,
                map.error())));
        where.targets.forEach(t -> out.println(Printable.line("Written to " + t)));
    }

    private NearestTexts words(ImageTextModel model) {
        return new NearestTexts(Words.of(dictionary, model, true));
    }

    private Image decoded() {
        try {
            return ImageDecoder.decode(image);
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
