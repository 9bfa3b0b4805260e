package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.heads.HeadSelection;
import io.residual.model.ImageTextModel;
import io.residual.report.Figures;
import io.residual.report.HeadsReport;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "heads",
        mixinStandardHelpOptions = true,
        description = "Ranks heads, keeps the best and ablates the rest; ablates layers; compares the selected heads"
                + " of several data sets.",
        footer = {
            "",
            "Scores: S, the accuracy of the head alone; U, its correlation with the sum of all heads; U|T,"
                    + " the same within the span of the class embeddings; R, random (mean and deviation of ten"
                    + " rankings). Heads are ranked, and their number is selected, on the validation split; accuracies"
                    + " are measured on the test split. Ablation replaces the direct contribution to the embedding;"
                    + " later layers are not recomputed.",
            "",
            "Example: residual heads --data world:signs",
            "Example: residual heads --data world:all --out heads/ --json"
        })
final class HeadsCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            description = "Data sets: folders, world:TASK or world:all; may be repeated.")
    List<String> dataNames = new ArrayList<>();

    @Option(
            names = "--keep-others",
            description = "Keep the embedding and the MLPs. By default they are ablated together with the other heads.")
    boolean othersKept;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Seed of the random ranking. Default: ${DEFAULT-VALUE}.")
    long seed = 42;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Folder for heads.json and a figure of each data set.")
    @Nullable
    Path target;

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    TraceOptions cache = new TraceOptions();

    @Mixin
    FigureFormats figures = new FigureFormats();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        figures.check();
        cache.check();
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        List<String> sources = dataNames.stream()
                .flatMap(n -> Datasets.expand(n).stream())
                .distinct()
                .toList();
        List<Dataset> datasets = sources.stream().map(data::open).toList();
        List<String> names = datasets.stream().map(Dataset::name).toList();
        if (names.stream().distinct().count() < names.size()) {
            names = sources; // folders of one name in different places
        }
        Map<String, HeadSelection.Result> results = new LinkedHashMap<>();
        ObjectNode provenance = Json.object();
        int heads;
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            Experiments experiments = new Experiments(model, cache.over(new Tracer(model), spec), null, progress);
            heads = UnitFrame.of(model.image()).shape().allHeads();
            for (int i = 0; i < datasets.size(); i++) {
                Dataset dataset = datasets.get(i);
                String name = names.get(i);
                Experiment experiment =
                        experiments.on(dataset, data.recipe(sources.get(i)), ExperimentSettings.DEFAULT);
                HeadSelection.Result result = experiment.heads(othersKept, seed);
                provenance
                        .putArray(name)
                        .add(experiment.validation().provenance().json())
                        .add(experiment.measured(Trace::provenance).json());
                results.put(name, result);
                if (!output.json) {
                    out.printf("%s%n%s", Printable.line(name), HeadsReport.text(result, heads));
                    Notes.on(modelOptions.name, sources.get(i))
                            .forEach(note -> out.println(Printable.line("Note: " + note)));
                    out.println();
                    out.flush();
                }
            }
        }
        ObjectNode json = HeadsReport.json(results, heads);
        json.set("provenance", provenance);
        json.put("others_kept", othersKept).put("seed", seed);
        if (output.json) {
            out.println(Json.pretty(json));
        } else if (results.size() > 1) {
            out.println(HeadsReport.overlap(results, heads));
        }
        if (target != null) {
            write(target, json);
            if (!output.json) {
                out.println(Printable.line("Written to " + target));
            }
        }
        return 0;
    }

    private void write(Path folder, ObjectNode json) {
        AtomicFiles.writeString(folder.resolve("heads.json"), Json.file(json));
        Figures.of(json).forEach(f -> figures.write(folder, f.name(), f.chart(), json));
    }
}
