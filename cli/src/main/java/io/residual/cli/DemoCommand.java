package io.residual.cli;

import io.residual.alignment.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.Progress;
import io.residual.catalogue.BasisPictures;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.EmbeddedModels;
import io.residual.catalogue.Models;
import io.residual.evaluation.Comparison;
import io.residual.evaluation.DatasetResult;
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
                if (!output.json) {
                    out.print(ComparisonReport.text(results.subList(results.size() - 1, results.size())));
                    out.flush();
                }
            }
        }
        AtomicFiles.writeString(target, ComparisonReport.json(results) + "\n");
        out.println(output.json ? ComparisonReport.json(results) : "The same as JSON: " + target);
        return 0;
    }
}
