package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.FoldedAdapter;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.data.Prompts;
import io.residual.images.Image;
import io.residual.intervene.Change;
import io.residual.intervene.Interventions;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.ImageTextModel;
import io.residual.predict.CausalTrace;
import io.residual.predict.EffectStudy;
import io.residual.predict.Predictor;
import io.residual.report.EffectsReport;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "intervene",
        mixinStandardHelpOptions = true,
        description =
                "Changes heads and MLPs inside the forward pass and says what that does, directly and through later"
                        + " layers.",
        footer = {
            "",
            "On a data set, every unit is changed by itself; --change makes some changes together instead. Total"
                    + " effect: later",
            "layers are computed anew from what the change leaves. Direct effect: everything that later layers write"
                    + " is held as",
            "it was. Data sets are measured on validation images.",
            "",
            "Between two images: the second, with one unit at a time as it is on the first, and how much of the"
                    + " difference",
            "between their logits that brings back.",
            "",
            "Example: residual intervene --data world:signs --validation 100 --figure effects.svg",
            "Example: residual intervene --data world:signs --change L2.H6=zero --change L4.MLP=0.5",
            "Example: residual intervene --from cat.jpg --to dog.jpg --classes cat,dog",
            "Example: residual intervene --from cat.jpg --corrupt 0.5 --adapter pets.adapter"
        })
final class InterveneCommand implements Callable<Integer> {
    /** The tokens as users write them. */
    enum At {
        all,
        class_token
    }

    /** Between two images. */
    static final class BetweenImages {
        @Option(names = "--from", paramLabel = "FILE", description = "The image whose units are put in.")
        @Nullable
        Path from;

        @Option(names = "--to", paramLabel = "FILE", description = "The image that they are put into.")
        @Nullable
        Path to;

        @Option(
                names = "--corrupt",
                paramLabel = "SIZE",
                description =
                        "In place of --to: the first image with normal noise of this deviation on its preprocessed"
                                + " pixels.")
        @Nullable
        Double corrupt;

        @Option(names = "--seed", paramLabel = "SEED", description = "Of the noise. Default: ${DEFAULT-VALUE}.")
        long seed = 42;

        @Option(
                names = "--classes",
                paramLabel = "NAMES",
                split = ",",
                description = "Without an adapter: the classes to choose from.")
        List<String> classes = List.of();
    }

    private static final List<String> OF_DATA =
            List.of("--with", "--change", "--reference", "--search", "--objective", "--groups", "--out");
    private static final List<String> OF_IMAGES = List.of("--to", "--corrupt", "--seed", "--classes");

    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(names = "--adapter", paramLabel = "FILE", description = "Measure with what residual align wrote.")
    @Nullable
    Path adapterFile;

    @Option(
            names = "--tokens",
            paramLabel = "WHICH",
            description = "all, or class_token: where units are changed. Default: ${DEFAULT-VALUE}.")
    At at = At.all;

    @Option(names = "--top", paramLabel = "N", description = "Units to show. Default: ${DEFAULT-VALUE}.")
    int top = 20;

    @Option(
            names = "--figure",
            paramLabel = "FILE",
            description = "Also draw every unit's effects, layers by heads (.svg or .pdf).")
    @Nullable
    Path svg;

    @ArgGroup(validate = false, heading = "%nOn a data set:%n")
    InterveneOnData on = new InterveneOnData();

    @Mixin
    DataOptions data = new DataOptions();

    @ArgGroup(validate = false, heading = "%nBetween two images (causal trace):%n")
    BetweenImages between = new BetweenImages();

    @Mixin
    FigureOptions figures = new FigureOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    private @Nullable Groups groups; // once the command line is checked

    @Override
    public Integer call() {
        check();
        Progress progress = output.start();
        try (ImageTextModel model = modelOptions.open(spec, progress, adapterFile)) {
            UnitFrame frame = UnitFrame.of(model.image());
            AdapterFile file = adapterFile == null ? null : AdapterFile.read(adapterFile, frame, model);
            String name = on.name;
            boolean drawings = name != null && Notes.on(modelOptions.name, name).isEmpty();
            if (!drawings) {
                Notes.onUse(spec, modelOptions.name, adapterFile, file);
            }
            Notes.ofPass(spec, file);
            if (on.search > 0 && file != null && file.adapter().method().changesPass()) {
                throw InputException.at(
                        String.valueOf(adapterFile),
                        file.adapter().method().label() + " already",
                        "with --search, an adapter that leaves the forward pass as it is",
                        "Search without --adapter");
            }
            ImageTextModel seen = file == null ? model : file.adapter().on(model);
            if (name != null) {
                onData(seen, frame, file, name, progress);
            } else {
                betweenImages(seen, frame, file);
            }
        }
        return 0;
    }

    private void check() {
        if ((on.name == null) == (between.from == null)) {
            throw InputException.at(
                    "residual intervene",
                    on.name == null ? "neither --data nor --from" : "both --data and --from",
                    "one of them",
                    "Give a data set, or two images");
        }
        figures.check(svg);
        Given.atLeast("--top", 1, top);
        Given.atLeast("--reference", 1, on.reference);
        if (on.name != null) {
            Given.refuse(spec, "with --data", OF_IMAGES);
            if (!on.changes.isEmpty()) {
                Given.refuse(spec, "with --change", List.of("--with", "--figure", "--top", "--search"));
            }
            if (Given.is(spec, "--search")) {
                Given.atLeast("--search", 1, on.search);
                Given.refuse(spec, "with --search", List.of("--figure", "--top", "--tokens"));
                groups = on.groups == null ? null : Groups.read(on.groups);
                HeadSearchRun.objective(on.objective, groups != null);
                if (on.out != null) {
                    Given.refuse(spec, "with --out, which saves heads of the plain model", List.of("--adapter"));
                    AtomicFiles.requireWritable(on.out);
                }
            } else {
                Given.refuse(spec, "without --search", List.of("--objective", "--groups", "--out"));
            }
        } else {
            Given.refuse(spec, "without --data", OF_DATA);
            Given.refuse(spec, "without --data", DataOptions.NAMES);
            if ((between.to == null) == (between.corrupt == null)) {
                throw InputException.at(
                        "--from",
                        between.to == null ? "alone" : "with --to and --corrupt",
                        "--to or --corrupt",
                        "Give one");
            }
            if (between.corrupt != null && !(between.corrupt > 0 && between.corrupt < 1e6)) {
                throw InputException.at("--corrupt", "" + between.corrupt, "a number above 0", "Correct it");
            }
            if (between.corrupt == null) {
                Given.refuse(spec, "without --corrupt", List.of("--seed"));
            }
            if ((adapterFile == null) == between.classes.isEmpty()) {
                throw InputException.at(
                        "residual intervene",
                        adapterFile == null ? "neither --adapter nor --classes" : "both --adapter and --classes",
                        "one of them",
                        "Give what residual align wrote, or names to choose from");
            }
        }
    }

    private Tokens tokens() {
        return at == At.all ? Tokens.ALL : Tokens.CLASS;
    }

    private static List<UnitId> units(UnitShape shape) {
        List<UnitId> units = new ArrayList<>(shape.headIds());
        units.addAll(shape.blockMlpIds());
        return units;
    }

    private void onData(
            ImageTextModel model, UnitFrame frame, @Nullable AdapterFile file, String name, Progress progress) {
        Dataset opened = data.open(name);
        Dataset dataset = file == null
                ? opened
                : AdapterClasses.align(opened, name, file, spec.commandLine().getErr());
        PrintWriter out = spec.commandLine().getOut();
        Tracer tracer = new Tracer(model);
        try (FoldedAdapter adapter = file == null
                ? FoldedAdapter.plain(
                        Classifier.of(
                                model,
                                dataset.prompts(),
                                () -> tracer.trace(dataset.train(), dataset.name() + " train", progress)),
                        model.image())
                : FoldedAdapter.of(file.adapter(), file.classifier(), frame, model.image())) {
            EffectStudy study = new EffectStudy(model, adapter, progress);
            ChangeReader reader = new ChangeReader(
                    model,
                    frame.shape(),
                    file == null ? null : file.adapter(),
                    tokens(),
                    () -> study.mean(dataset.train().atMost(on.reference, 0), dataset.name() + " train"));
            String of = dataset.name() + " validation";
            if (!on.changes.isEmpty()) {
                Interventions changes = Interventions.NONE;
                for (String change : on.changes) {
                    changes = changes.with(reader.intervention(change));
                }
                EffectStudy.Together both = study.together(dataset.validation(), of, changes);
                if (output.json) {
                    out.println(Json.pretty(EffectsReport.json(both)));
                } else {
                    out.print(EffectsReport.text(both));
                }
                return;
            }
            Change change = reader.change(on.with, "--with");
            if (on.search > 0) {
                String splits = file == null ? null : Notes.ofSplits(file, name, data.recipe(name));
                if (splits != null) {
                    Notes.print(spec, splits);
                }
                search(new HeadSearchRun(model, adapter, dataset, data.recipe(name), progress), name, change);
                return;
            }
            EffectStudy.Result result = study.each(dataset.validation(), of, units(frame.shape()), change, tokens());
            ObjectNode json = EffectsReport.json(result)
                    .put("data", dataset.name())
                    .put("with", on.with)
                    .put("tokens", at.name());
            if (output.json) {
                out.println(Json.pretty(json));
            } else {
                out.print(EffectsReport.text(result, top));
            }
            if (svg != null) {
                figures.write(svg, json);
            }
        }
    }

    private void search(HeadSearchRun run, String name, Change change) {
        String objective = HeadSearchRun.objective(on.objective, groups != null);
        ObjectNode found = run.run(
                new HeadSearchRun.Search(objective, change, on.with, on.search, groups),
                on.out,
                Notes.on(modelOptions.name, name));
        PrintWriter out = spec.commandLine().getOut();
        out.print(output.json ? Json.pretty(found) + System.lineSeparator() : HeadSearchRun.text(found));
        if (on.out != null && !output.json) {
            out.println(Printable.line(
                    found.path("adapter").isTextual()
                            ? "Next: residual predict --adapter " + on.out
                                    + Given.repeated(spec, TracedModelOptions.NAMES) + " IMAGES, or residual evaluate"
                                    + " --adapter " + on.out + Given.repeated(spec, TracedModelOptions.NAMES)
                            : on.out + " was not written: there is nothing to switch off"));
        }
    }

    static float[] pixels(ImageTextModel model, Path file) {
        Image image = Predictor.read(file);
        float[] pixels = new float[model.preprocessing().inputLength()];
        model.preprocessing().apply(image, pixels, 0);
        return pixels;
    }

    private void betweenImages(ImageTextModel model, UnitFrame frame, @Nullable AdapterFile file) {
        Path source = between.from;
        Path target = between.to;
        if (source == null) {
            return;
        }
        float[] from = pixels(model, source);
        float[] to;
        if (target != null) {
            to = pixels(model, target);
        } else {
            Random random = new Random(between.seed);
            double size = between.corrupt == null ? 0 : between.corrupt;
            to = from.clone();
            for (int i = 0; i < to.length; i++) {
                to[i] += (float) (size * random.nextGaussian());
            }
        }
        Classifier classifier = file == null
                ? Classifier.fromPrompts(
                        model,
                        new Prompts(between.classes.stream().map(String::strip).toList(), List.of("a photo of a {}."))
                                .requireTellable("--classes"))
                : file.classifier();
        try (FoldedAdapter adapter = file == null
                ? FoldedAdapter.plain(classifier, model.image())
                : FoldedAdapter.of(file.adapter(), classifier, frame, model.image())) {
            CausalTrace trace = CausalTrace.of(model, adapter, from, to, units(frame.shape()), tokens());
            PrintWriter out = spec.commandLine().getOut();
            if (output.json) {
                ObjectNode json = EffectsReport.json(trace, classifier.classes());
                String second = target == null ? "its corrupted copy" : target.toString();
                json.set(
                        "provenance",
                        ImageProvenance.of(new Tracer(model), source + ", " + second, List.of(from, to))
                                .json());
                out.println(Json.pretty(json));
            } else {
                out.print(EffectsReport.text(trace, classifier.classes(), top));
                if (Math.abs(trace.source() - trace.target()) < .1) {
                    out.println(Printable.line("Note: the two images' logits hardly differ; shares mean little here."));
                }
            }
            if (svg != null) {
                figures.write(svg, EffectsReport.json(trace, classifier.classes()));
            }
        }
    }
}
