package io.residual.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.RegularFiles;
import io.residual.base.TextFiles;
import io.residual.catalogue.Datasets;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.Split;
import io.residual.description.Dictionary;
import io.residual.explorer.ReportSource;
import io.residual.explorer.ReportSource.Kind;
import io.residual.explorer.ReportSource.Named;
import io.residual.explorer.ReportSource.Other;
import io.residual.explorer.ResultFiles;
import io.residual.model.ImageTextModel;
import io.residual.units.ImageTracer;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options for the inputs of the pages. */
final class ReportOptions {
    /** Bytes of a file with results, at most: hundreds of fits with their curves need a few million. */
    private static final int LARGEST = 256 << 20;

    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            description = "Data set: a folder, world:TASK, or a name on the hub.")
    String dataName = "";

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            description = "Adapter file; may be repeated. The first one is explained in detail, and its splits are used"
                    + " unless others are given.")
    List<Path> adapterFiles = List.of();

    @Option(
            names = "--results",
            paramLabel = "FILE",
            description = "JSON of residual demo, or of residual evaluate or forget --json; may be repeated.")
    List<Path> resultFiles = List.of();

    @Option(
            names = "--dictionary",
            paramLabel = "FILE",
            description = "Dictionary of texts, one per line. " + Words.DEFAULT)
    @Nullable
    Path dictionary;

    @Option(names = "--no-words", description = "Leave out text descriptions, which need the dictionary encoded.")
    boolean noWords;

    @Option(
            names = "--others",
            paramLabel = "DATA",
            description = "Other data sets to compare the heads with; may be repeated.")
    List<String> otherNames = List.of();

    @Mixin
    TraceOptions cache = new TraceOptions();

    @Spec(Spec.Target.MIXEE)
    CommandSpec command = CommandSpec.create();

    /** Checks what is quick to check, before anything is computed. */
    void check() {
        cache.check();
        resultFiles.forEach(ReportOptions::results);
        if (dictionary != null) {
            if (noWords) {
                throw InputException.at("--dictionary", "it with --no-words", "one of them", "Leave one out");
            }
            Dictionary.textsOf(dictionary);
        }
        for (Path file : adapterFiles) {
            if (!Files.exists(RegularFiles.require(file, "an adapter"))) {
                throw InputException.missing(file, "an adapter");
            }
        }
    }

    /** Opens and checks everything that is quick to open, before anything is computed. */
    Inputs open(CommandSpec spec, ImageTextModel model, DataOptions data) {
        List<JsonNode> results = new ArrayList<>();
        resultFiles.forEach(file -> results.addAll(results(file)));
        ImageTracer tracer = cache.over(new Tracer(model), command);
        List<Named> adapters = adapterFiles.stream()
                .map(f -> {
                    AdapterFile file =
                            AdapterFile.read(f, tracer.frame(), model).requireTraced(f);
                    boolean elsewhere = !same(file.info().data().source(), dataName);
                    return new Named(String.valueOf(f.getFileName()), file, elsewhere);
                })
                .toList();
        Dataset dataset = dataset(spec, data, adapters);
        List<Dataset> comparable = otherNames.stream()
                .flatMap(n -> Datasets.expand(n).stream())
                .filter(n -> !n.equals(dataName))
                .map(data::open)
                .toList();
        adapters.forEach(named -> fits(named, dataset));
        return new Inputs(this, model, tracer, noted(spec, dataset, model, adapters), adapters, results, comparable);
    }

    /** The data, with a note on what the classes of an unadapted model come from, if not from prompts alone. */
    private static Dataset noted(CommandSpec spec, Dataset dataset, ImageTextModel model, List<Named> adapters) {
        if (!adapters.isEmpty() || !Classifier.needsImages(model)) {
            return dataset;
        }
        String note = (model.hasText()
                        ? "the model has no logit scale of its own; the one that suits the training images is used"
                        : "the model has no text tower, so each class is the mean embedding of its training images")
                + " (" + dataset.train().size() + " in all)";
        spec.commandLine().getErr().println("residual: note: " + note);
        return dataset.noted(List.of(note));
    }

    /** The data with the first adapter's own splits, unless others are asked for; notes say which they are. */
    private Dataset dataset(CommandSpec spec, DataOptions data, List<Named> adapters) {
        boolean asked = DataOptions.NAMES.stream()
                .filter(name -> !name.equals("--prompts"))
                .anyMatch(name -> Given.is(spec, name));
        if (adapters.isEmpty()) {
            return data.open(dataName);
        }
        Named first = adapters.get(0);
        DatasetSpec own = first.file().info().data();
        boolean same = same(own.source(), dataName);
        DatasetSpec used = asked || !same ? data.recipe(dataName) : own;
        Dataset dataset = used.equals(own) ? DataOptions.open(own, data.prompts()) : data.open(dataName);
        List<String> notes = new ArrayList<>();
        if (used.equals(own)) {
            notes.add("the splits are those that " + first.name() + " was fitted with: "
                    + dataset.validation().size() + " validation images");
        }
        for (Named named : adapters) {
            DatasetSpec its = named.file().info().data();
            if (!same(its.source(), dataName)) {
                notes.add(named.name() + " was fitted on " + its.source() + ", not on " + dataName
                        + (sameName(its.source(), dataName)
                                ? "; if that is the same data by another path, some of these images may have been its"
                                        + " training images: give the path that it was fitted with"
                                : ""));
            } else if (!splitsOf(its).equals(splitsOf(used))) {
                notes.add(named.name() + " was fitted with other splits, so some of these images may have been its"
                        + " training images; leave out --train, --validation and the like to use its own");
            }
        }
        notes.forEach(note -> spec.commandLine().getErr().println("residual: note: " + note));
        return dataset.noted(notes);
    }

    /** Everything but the name of the source, which may be written in several ways. */
    static List<Object> splitsOf(DatasetSpec s) {
        String corrected = s.corrected() == null ? "" : s.corrected().hash();
        return List.of(s.train(), s.validation(), s.test(), s.validationShare(), s.testShare(), s.seed(), corrected);
    }

    private static boolean sameName(String source, String other) {
        try {
            return Objects.equals(Path.of(source).getFileName(), Path.of(other).getFileName());
        } catch (InvalidPathException e) {
            return false;
        }
    }

    static boolean same(String source, String other) {
        try {
            return source.equals(other)
                    || (Files.exists(Path.of(source)) && Files.isSameFile(Path.of(source), Path.of(other)));
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    /** What a report is made from, before its images are traced. */
    record Inputs(
            ReportOptions options,
            ImageTextModel model,
            ImageTracer tracer,
            Dataset dataset,
            List<Named> adapters,
            List<JsonNode> results,
            List<Dataset> others) {
        /** Traces the images. */
        ReportSource trace(Progress progress) {
            String train = dataset.name() + " train";
            Trace<Split.Train> training = adapters.isEmpty() && Classifier.needsImages(model)
                    ? tracer.trace(dataset.train(), train, progress)
                    : tracer.known(dataset.train(), train, progress);
            Classifier unadapted = adapters.isEmpty()
                    ? Classifier.of(model, dataset.prompts(), () -> Objects.requireNonNull(training))
                    : null;
            return new ReportSource(
                    model,
                    dataset,
                    tracer.trace(dataset.validation(), dataset.name() + " validation", progress),
                    training,
                    adapters,
                    results,
                    others.stream()
                            .map(other -> new Other(
                                    other.name(),
                                    tracer.trace(other.validation(), other.name() + " validation", progress)))
                            .toList(),
                    options.words(model),
                    unadapted);
        }
    }

    private @Nullable Dictionary words(ImageTextModel model) {
        return noWords || !model.hasText() ? null : Words.of(dictionary, model, !cache.off);
    }

    private static void fits(Named named, Dataset dataset) {
        int has = named.file().classifier().classes().size();
        int wanted = dataset.prompts().classes().size();
        if (has != wanted) {
            throw InputException.at(
                    named.name(),
                    has + " classes",
                    wanted + ", as " + dataset.name() + " has",
                    "Give the data that the adapter was fitted on");
        }
        List<String> classes = named.file().classifier().classes();
        List<String> own = dataset.prompts().classes();
        if (!classes.equals(own) && new HashSet<>(classes).equals(new HashSet<>(own))) {
            throw InputException.at(
                    named.name(),
                    "the classes " + classes,
                    own + ", in the order of " + dataset.name(),
                    "Give the data that the adapter was fitted on");
        }
    }

    private static List<JsonNode> results(Path file) {
        try {
            List<JsonNode> all =
                    ResultFiles.results(Json.parse(TextFiles.read(file, "results as JSON", LARGEST), Json.Limits.OWN));
            boolean known =
                    all.stream().allMatch(r -> Arrays.stream(Kind.values()).anyMatch(k -> k.matches(r)));
            if (!known) {
                throw InputException.at(
                        file,
                        "other JSON",
                        "results of residual demo, or of residual evaluate or forget --json",
                        "Check the path");
            }
            return all;
        } catch (JsonProcessingException e) {
            throw InputException.at(file, "invalid JSON", "results as JSON", "Check the file", e);
        }
    }
}
