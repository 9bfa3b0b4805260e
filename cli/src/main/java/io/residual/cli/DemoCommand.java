package io.residual.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.alignment.AdapterFile;
import io.residual.alignment.AdapterFile.DataRecipe;
import io.residual.alignment.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.catalogue.BasisPictures;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.EmbeddedModels;
import io.residual.catalogue.Models;
import io.residual.description.Dictionary;
import io.residual.evaluation.Candidate;
import io.residual.evaluation.Comparison;
import io.residual.evaluation.DatasetResult;
import io.residual.explorer.HtmlReport;
import io.residual.explorer.ReportData;
import io.residual.explorer.ReportSource;
import io.residual.explorer.ReportSource.Named;
import io.residual.images.Dataset;
import io.residual.model.ImageTextModel;
import io.residual.report.ComparisonReport;
import io.residual.world.WorldDatasets;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "The main job on the embedded model and world: every method on five tasks, in about a minute.",
        footer = {"", "Example: residual demo", "Example: residual demo --tasks world:all --json"})
final class DemoCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "TASK",
            description = "Tasks to run, or world:all. Default: ${DEFAULT-VALUE}.")
    List<String> tasks =
            List.of("world:street-digits", "world:sketches", "world:textures", "world:signs", "world:counts");

    @Option(names = "--quick", description = "A quarter of the pictures: a check, not a result.")
    boolean quick;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the results are written as JSON. Default: ${DEFAULT-VALUE}.")
    Path target = Path.of("residual-demo.json");

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        List<DatasetResult> results = new ArrayList<>();
        Dataset first = null;
        try (ImageTextModel model = Models.open(EmbeddedModels.WORLD_CLIP)) {
            Comparison comparison = new Comparison(
                    model,
                    Comparison.Settings.DEFAULT,
                    WorldDatasets.general(BasisPictures.WORLD_SIZE / (quick ? 4 : 1)),
                    progress);
            for (String task :
                    tasks.stream().flatMap(t -> Datasets.expand(t).stream()).toList()) {
                Dataset dataset = WorldDatasets.of(WorldDatasets.task(task.substring(task.indexOf(':') + 1)));
                if (quick) {
                    dataset = dataset.atMost(
                            WorldDatasets.TRAIN / 4, WorldDatasets.VALIDATION / 4, WorldDatasets.TEST / 4, 0);
                }
                results.add(comparison.run(dataset, Method.adapters(), List.of()));
                first = first == null ? dataset : first;
                if (!output.json) {
                    out.print(ComparisonReport.text(results.subList(results.size() - 1, results.size())));
                    out.flush();
                }
            }
            AtomicFiles.writeString(target, ComparisonReport.json(results) + "\n");
            if (first != null) {
                report(model, comparison, first, results, progress);
            }
        }
        out.println(
                output.json
                        ? ComparisonReport.json(results)
                        : "The same as JSON: " + Printable.line(target) + "\nTo look at: " + Printable.line(page())
                                + " (open it in a browser)");
        return 0;
    }

    /** The report's file, beside the JSON. */
    private Path page() {
        String name = String.valueOf(target.getFileName());
        return target.resolveSibling(name.replaceFirst("\\.json$", "") + ".html");
    }

    /** A page with all results, and ResiDual on the first task to look into. */
    private void report(
            ImageTextModel model,
            Comparison comparison,
            Dataset dataset,
            List<DatasetResult> results,
            Progress progress) {
        Comparison.Prepared prepared = comparison.prepare(dataset);
        try (Candidate candidate = comparison.fit(prepared, Method.RESIDUAL)) {
            AdapterFile adapter = new AdapterFile(
                    candidate.adapter(),
                    candidate.classifier(),
                    AdapterFile.info(
                            candidate.adapter(),
                            dataset.prompts(),
                            new DataRecipe(
                                    "world:" + dataset.name(),
                                    dataset.train().size(),
                                    dataset.validation().size(),
                                    dataset.test().size(),
                                    0,
                                    0,
                                    0),
                            candidate.best().validationAccuracy(),
                            null,
                            candidate.calibration(),
                            null,
                            comparison.provenance(prepared)),
                    model.certificate());
            List<JsonNode> shown = new ArrayList<>();
            new ObjectMapper().readTree(ComparisonReport.json(results)).forEach(shown::add);
            ReportSource source = new ReportSource(
                    model,
                    dataset,
                    prepared.validation(),
                    List.of(new Named("ResiDual on " + dataset.name(), adapter)),
                    shown,
                    List.of(),
                    Dictionary.of(Dictionary.shippedTexts(), model));
            AtomicFiles.writeString(
                    page(), HtmlReport.file(ReportData.of(source, progress)).html());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
