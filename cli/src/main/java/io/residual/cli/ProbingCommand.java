package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
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
import io.residual.probing.AttributeProbing;
import io.residual.probing.ProbingReport;
import io.residual.probing.RoleProbing;
import io.residual.report.HeadsReport;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.UnitGeometry;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
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
        name = "probing",
        mixinStandardHelpOptions = true,
        description = "Probes heads on the synthetic benchmark, where every attribute is known: which attribute each"
                + " component encodes, whether heads specialise and keep their roles, and whether text"
                + " descriptions are true.",
        footer = {"", "Results and their discussion: docs/findings.md.", "", "Example: residual probing --out study/"})
final class ProbingCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "Images with known attributes. Default: ${DEFAULT-VALUE}.")
    int images = 4000;

    @Option(
            names = "--task-images",
            paramLabel = "N",
            description = "At most N validation and N test images per task. Default: ${DEFAULT-VALUE}.")
    int taskImages = 1000;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Seed of images and permutations. Default: ${DEFAULT-VALUE}.")
    long seed = 7;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Folder for findings.json and figures.")
    @Nullable
    Path target;

    @Mixin
    FigureFormats figures = new FigureFormats();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        figures.check();
        PrintWriter out = spec.commandLine().getOut();
        if (images < 100 || taskImages < 50) {
            throw InputException.at(
                    "--images and --task-images",
                    images + " and " + taskImages,
                    "at least 100 and 50",
                    "Give more; statistics of fewer images are meaningless");
        }
        Progress progress = output.start();
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            model.text(); // refused before anything is computed
            ProbingReport report = study(model, progress);
            ObjectNode json = report.json();
            json.set(
                    "heads",
                    HeadsReport.json(report.selections(), report.shape().allHeads()));
            if (target != null) {
                Path folder = target;
                AtomicFiles.writeString(folder.resolve("findings.json"), Json.file(json));
                report.charts().forEach((name, chart) -> figures.write(folder, name, chart, json));
            }
            out.println(output.json ? Json.pretty(json) : report.text());
            if (!output.json && report.selections().size() > 1) {
                out.println(
                        HeadsReport.overlap(report.selections(), report.shape().allHeads()));
            }
            if (target != null && !output.json) {
                out.println(Printable.line("Written to " + target));
            }
        }
        return 0;
    }

    private ProbingReport study(ImageTextModel model, Progress progress) {
        AttributeProbing.Result attributes = new AttributeProbing(model, seed, progress).run(images);
        Experiments experiments = new Experiments(model, null, progress);
        UnitShape shape = UnitFrame.of(model.image()).shape();
        Map<String, List<UnitGeometry>> geometry = new LinkedHashMap<>();
        Map<String, HeadSelection.Result> selections = new LinkedHashMap<>();
        List<List<Spectrum>> spectra = new ArrayList<>();
        DataOptions data = DataOptions.atMost(null, taskImages, taskImages);
        for (String name : Datasets.expand("world:all")) {
            Dataset dataset = data.open(name);
            Experiment experiment = experiments.on(dataset, data.recipe(name), ExperimentSettings.DEFAULT);
            selections.put(dataset.name(), experiment.heads(false, seed));
            List<Spectrum> own = experiment.measured(test -> Pca.of(test, shape.ids()));
            spectra.add(own);
            geometry.put(dataset.name(), experiment.measured(test -> RoleProbing.geometry(test, own, progress)));
        }
        return new ProbingReport(shape, attributes, geometry, RoleProbing.of(shape, spectra, progress), selections);
    }
}
