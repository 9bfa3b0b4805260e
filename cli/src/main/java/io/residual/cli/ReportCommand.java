package io.residual.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.alignment.AdapterFile;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.description.Dictionary;
import io.residual.explorer.HtmlReport;
import io.residual.explorer.ReportData;
import io.residual.explorer.ReportSource;
import io.residual.explorer.ReportSource.Named;
import io.residual.images.Dataset;
import io.residual.model.ImageTextModel;
import io.residual.units.Tracer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes one HTML file to look at: results, heads, what they stand for, decisions taken apart.",
        footer = {
            "",
            "The file needs no network and can be mailed. Heads are looked at on validation pictures, so that choosing by eye",
            "does not touch the test split.",
            "",
            "Example: residual report --data world:signs --adapter signs.adapter --out signs.html"
        })
final class ReportCommand implements Callable<Integer> {
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
            names = "--adapter",
            paramLabel = "FILE",
            description = "What residual align wrote; may be repeated, the first is explained in detail.")
    List<Path> adapterFiles = List.of();

    @Option(
            names = "--results",
            paramLabel = "FILE",
            description = "JSON of residual demo, or of residual evaluate --json; may be repeated.")
    List<Path> resultFiles = List.of();

    @Option(
            names = "--dictionary",
            paramLabel = "FILE",
            description = "Sentences to name components with, one a line. Default: about 1,500 that ship.")
    @Nullable
    Path dictionary;

    @Option(names = "--no-words", description = "Do not name components: saves encoding the dictionary.")
    boolean noWords;

    @Option(names = "--out", paramLabel = "FILE", description = "The file. Default: ${DEFAULT-VALUE}.")
    Path target = Path.of("residual-report.html");

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Progress progress = output.start();
        List<JsonNode> results = new ArrayList<>();
        resultFiles.forEach(file -> results.addAll(results(file)));
        Dataset dataset = data.open(dataName);
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            Tracer tracer = new Tracer(model);
            List<Named> adapters = adapterFiles.stream()
                    .map(f -> new Named(
                            String.valueOf(f.getFileName()), AdapterFile.read(f, tracer.frame(), model.hash())))
                    .toList();
            Dictionary words = noWords || !model.hasText()
                    ? null
                    : Dictionary.of(
                            dictionary == null ? Dictionary.shippedTexts() : Dictionary.textsOf(dictionary), model);
            ReportSource source = new ReportSource(
                    model,
                    dataset,
                    tracer.trace(dataset.validation(), dataset.name() + " validation", progress),
                    adapters,
                    results,
                    words);
            ObjectNode found = ReportData.of(source, progress);
            String page = HtmlReport.page(found);
            AtomicFiles.writeString(target, page);
            spec.commandLine().getOut().printf(Locale.ROOT, "Report: %s (%.1f MB)%n", target, page.length() / 1e6);
        }
        return 0;
    }

    private static List<JsonNode> results(Path file) {
        try {
            JsonNode root = new ObjectMapper().readTree(Files.readAllBytes(file));
            List<JsonNode> all = new ArrayList<>();
            root.forEach(all::add);
            boolean known = root.isArray()
                    && all.stream().allMatch(r -> r.path("methods").isArray());
            if (!known) {
                throw InputException.at(
                        file, "other JSON", "results of residual demo or residual evaluate --json", "Check the path");
            }
            return all;
        } catch (NoSuchFileException e) {
            throw InputException.missing(file, "results as JSON");
        } catch (JsonProcessingException e) {
            throw InputException.at(file, "invalid JSON", "results as JSON", "Check the file", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
