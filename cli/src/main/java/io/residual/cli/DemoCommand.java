package io.residual.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.catalogue.BasisImages;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.experiment.DatasetResult;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.Fit;
import io.residual.explorer.HtmlReport;
import io.residual.explorer.ReportData;
import io.residual.explorer.ReportSource;
import io.residual.explorer.ReportSource.Named;
import io.residual.model.ImageTextModel;
import io.residual.report.ComparisonReport;
import io.residual.world.EmbeddedModels;
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
        description = "Fits every adapter on five synthetic tasks with a small model that ships, and writes an HTML"
                + " report.",
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

    @Option(names = "--quick", description = "Use a quarter of the images: a check, not a result.")
    boolean quick;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "File for the results as JSON. Default: ${DEFAULT-VALUE}.")
    Path target = Path.of("residual-demo.json");

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        List<DatasetResult> results = new ArrayList<>();
        try (ImageTextModel model = Models.open(EmbeddedModels.WORLD_CLIP)) {
            Experiments experiments =
                    new Experiments(model, WorldDatasets.general(BasisImages.WORLD_SIZE / (quick ? 4 : 1)), progress);
            Experiment first = null;
            AdapterFile shown = null;
            for (String task :
                    tasks.stream().flatMap(t -> Datasets.expand(t).stream()).toList()) {
                Experiment experiment = experiment(experiments, task.substring(task.indexOf(':') + 1));
                List<Fit> fits = experiment.fit(Method.adapters());
                results.add(experiment.test(fits, List.of()));
                if (first == null) {
                    first = experiment;
                    shown = fits.stream()
                            .filter(fit -> fit.method() == Method.RESIDUAL)
                            .findFirst()
                            .orElseThrow()
                            .file();
                }
                if (!output.json) {
                    out.print(ComparisonReport.text(
                            results.subList(results.size() - 1, results.size()), ComparisonReport.Form.SHORT));
                    out.flush();
                }
            }
            AtomicFiles.writeString(target, ComparisonReport.json(results) + "\n");
            if (first != null && shown != null) {
                report(model, first, shown, results, progress);
            }
        }
        out.println(
                output.json
                        ? ComparisonReport.json(results)
                        : "Results as JSON: " + Printable.line(target) + "\nReport: " + Printable.line(page())
                                + " (open it in a browser)");
        return 0;
    }

    /** The report's file, beside the JSON. */
    private Path page() {
        String name = String.valueOf(target.getFileName());
        return target.resolveSibling(name.replaceFirst("\\.json$", "") + ".html");
    }

    private Experiment experiment(Experiments experiments, String task) {
        Dataset dataset = WorldDatasets.of(WorldDatasets.task(task));
        if (quick) {
            dataset = dataset.atMost(WorldDatasets.TRAIN / 4, WorldDatasets.VALIDATION / 4, WorldDatasets.TEST / 4, 0);
        }
        DatasetSpec spec = new DatasetSpec(
                "world:" + dataset.name(),
                dataset.train().size(),
                dataset.validation().size(),
                dataset.testSize(),
                0,
                0,
                0);
        return experiments.on(dataset, spec, ExperimentSettings.DEFAULT);
    }

    /** A page with all results, and ResiDual on the first task to look into. */
    private void report(
            ImageTextModel model,
            Experiment experiment,
            AdapterFile adapter,
            List<DatasetResult> results,
            Progress progress) {
        Dataset dataset = experiment.dataset();
        List<JsonNode> shown = new ArrayList<>();
        ComparisonReport.document(results).path("datasets").forEach(shown::add);
        ReportSource source = new ReportSource(
                model,
                dataset,
                experiment.validation(),
                experiment.train(),
                List.of(new Named("ResiDual on " + dataset.name(), adapter)),
                shown,
                List.of(),
                Words.of(null, model, false),
                null);
        AtomicFiles.writeString(
                page(), HtmlReport.file(ReportData.of(source, progress)).html());
    }
}
