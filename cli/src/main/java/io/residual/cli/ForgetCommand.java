package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.catalogue.Datasets;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.Forgetting;
import io.residual.experiment.Forgetting.Captioned;
import io.residual.experiment.Forgetting.Line;
import io.residual.experiment.Forgetting.Task;
import io.residual.model.ImageTextModel;
import io.residual.report.ForgettingReport;
import io.residual.sweep.CaptionedWorld;
import io.residual.units.Tracer;
import io.residual.world.EmbeddedModels;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "forget",
        mixinStandardHelpOptions = true,
        description = "Measures catastrophic forgetting on other tasks, as a function of the interpolation between the"
                + " unadapted and the adapted model.",
        footer = {
            "",
            "At interpolation coefficient 0 every weight is 1 (the unadapted model); at 1 it is the learned"
                    + " weight. Choose the coefficient on validation; report with --split test.",
            "",
            "Example: residual forget --adapter street.adapter --others world:all --figure interpolation.svg"
        })
final class ForgetCommand implements Callable<Integer> {
    /** The split that is measured on. */
    enum Part {
        /** For choosing a coefficient. */
        VALIDATION,
        /** For the reported result. */
        TEST
    }

    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            required = true,
            description = "Adapter file, written by residual align.")
    Path adapterPath = Path.of("");

    @Option(
            names = "--others",
            paramLabel = "DATA",
            description = "Other data sets; may be repeated. Default: world:all with an embedded model.")
    List<String> others = new ArrayList<>();

    @Option(
            names = "--interpolation",
            split = ",",
            paramLabel = "T",
            description = "Interpolation coefficients. Default: 0,0.25,0.5,0.75,1.")
    List<Double> interpolation = new ArrayList<>(List.of(0.0, .25, .5, .75, 1.0));

    @Option(names = "--split", paramLabel = "SPLIT", description = "validation or test. Default: ${DEFAULT-VALUE}.")
    Part part = Part.VALIDATION;

    @Option(names = "--figure", paramLabel = "FILE", description = "Write the trade-off (.svg or .pdf).")
    @Nullable
    Path figure;

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    TraceOptions cache = new TraceOptions();

    @Mixin
    FigureOptions figures = new FigureOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        cache.check();
        figures.check(figure);
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        boolean embedded = EmbeddedModels.has(modelOptions.name);
        List<String> names = others.isEmpty() && embedded ? List.of("world:all") : others;
        if (names.isEmpty()) {
            throw InputException.at("--others", "nothing", "other data sets", "Give at least one");
        }
        try (ImageTextModel model = modelOptions.open(spec, progress, adapterPath)) {
            Tracer tracer = new Tracer(model);
            AdapterFile file =
                    AdapterFile.read(adapterPath, tracer.frame(), model).requireTraced(adapterPath);
            if (!file.adapter().method().changesEmbeddings()) {
                throw InputException.at(
                        adapterPath,
                        file.adapter().method().label() + ", which does not change embeddings",
                        "a method that changes embeddings",
                        "Such an adapter causes no forgetting");
            }
            Experiments experiments = new Experiments(model, cache.over(tracer, spec), null, progress);
            boolean onTest = part == Part.TEST;
            String own = file.info().data().source();
            Dataset fitted = DataOptions.open(file.info().data(), null);
            List<Task> tasks = new ArrayList<>();
            tasks.add(experiments
                    .on(fitted, file.info().data(), ExperimentSettings.DEFAULT)
                    .task(fitted.name(), file.classifier(), onTest));
            for (String name :
                    names.stream().flatMap(n -> Datasets.expand(n).stream()).toList()) {
                if (!name.equals(own)) {
                    Dataset other = data.open(name);
                    Experiment experiment = experiments.on(other, data.recipe(name), ExperimentSettings.DEFAULT);
                    tasks.add(experiment.task(other.name(), experiment.classifier(), onTest));
                }
            }
            Captioned captioned =
                    embedded && model.hasText() ? new CaptionedWorld(model).seenBy(tracer, progress) : null;
            double[] places =
                    interpolation.stream().mapToDouble(Double::doubleValue).toArray();
            List<Line> lines = new Forgetting(tasks, captioned).of(file.adapter(), places);
            print(out, fitted.name(), file, lines);
        }
        return 0;
    }

    private void print(PrintWriter out, String own, AdapterFile file, List<Line> lines) {
        ObjectNode node = Schema.FORGETTING.document();
        node.put("adapter", adapterPath.toString())
                .put("own", own)
                .put("split", part.name().toLowerCase(java.util.Locale.ROOT));
        node.set("lines", ForgettingReport.json(own, lines));
        node.set("provenance", file.info().provenance().json());
        if (figure != null) {
            figures.write(figure, node);
        }
        if (output.json) {
            out.println(Json.pretty(node));
            return;
        }
        out.print(ForgettingReport.text(own, lines));
        if (figure != null) {
            out.println(Printable.line("Figure: " + figure));
        }
    }
}
