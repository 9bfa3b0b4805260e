package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.command.DataOptions;
import io.residual.command.FitOptions;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.Fit;
import io.residual.experiment.TestScore;
import io.residual.fit.FineTuner;
import io.residual.model.ImageTextModel;
import io.residual.units.Tracer;
import io.residual.zeroshot.Accuracy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "align",
        mixinStandardHelpOptions = true,
        modelTransformer = FitOptions.Added.class,
        description = "Fits an adapter on labelled images and writes it as one small file.",
        footer = {
            "",
            "Weights are fitted on the training split. The penalty strength (or the epoch, for adamw and"
                    + " schedule-free) is selected on the validation split. The test split is opened once, at the end.",
            "",
            "Example: residual align --data world:street-digits --method residual --out street.adapter"
        })
final class AlignCommand implements Callable<Integer> {
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
            names = "--method",
            paramLabel = "METHOD",
            description =
                    "residual, residual-star, coarse, head-ablation, output (ResiDual^y), linear, probe (starts from"
                            + " nothing), tip-adapter, tip-adapter-f or base; for few labels, without validation:"
                            + " residual-gda, gda, kernel-ridge, text-probe, clap, lp-plus-plus, rla, task-res,"
                            + " cross-modal, transclip-zero or transclip. Default: ${DEFAULT-VALUE}.")
    String methodName = Method.RESIDUAL.id();

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Adapter to write.")
    Path target = Path.of("");

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    TraceOptions cache = new TraceOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        AtomicFiles.requireWritable(target);
        cache.check();
        Method method = Method.named(methodName).requireFit();
        if (method == Method.FULL) {
            throw InputException.at("the method", "finetune", "one that makes an adapter", "Use residual finetune");
        }
        ExperimentSettings settings = FitOptions.settings(spec, List.of(method), FineTuner.Settings.DEFAULT);
        Progress progress = output.start();
        Dataset dataset = data.audited(dataName);
        DatasetSpec recipe = data.recipe(dataName);
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            Experiment experiment = new Experiments(
                            model,
                            cache.over(new Tracer(model), spec),
                            FitOptions.general(spec, modelOptions.name, dataName),
                            progress)
                    .on(dataset, recipe, settings);
            Notes.ofLabels(spec, experiment);
            Fit base = experiment.fit(Method.BASE);
            Fit fit = experiment.fit(method);
            Accuracy before = base.test().accuracy();
            TestScore after = fit.test();
            List<String> notes = Notes.on(modelOptions.name, dataName);
            fit.save(target, notes, base);
            List<Fit> tested = method == Method.BASE ? List.of(fit) : List.of(base, fit);
            print(out, fit, before, after, experiment.notes(tested, notes));
        }
        return 0;
    }

    private void print(PrintWriter out, Fit fitted, Accuracy before, TestScore score, List<String> notes) {
        Accuracy after = score.accuracy();
        if (output.json) {
            ObjectNode node = Schema.FIT.document();
            node.put("adapter", target.toString())
                    .put("method", fitted.method().id())
                    .put("parameters", fitted.parameters())
                    .put("best_epoch", fitted.best().epoch())
                    .put("validation_accuracy", fitted.best().validationAccuracy())
                    .put("test_accuracy", after.value())
                    .put("base_test_accuracy", before.value())
                    .put("seconds", fitted.seconds());
            node.putArray("test_interval_95").add(after.low()).add(after.high());
            node.set("calibration", fitted.calibration().json());
            node.set("test_reliability", score.reliability().json());
            node.set("notes", Json.of(notes));
            out.println(Json.pretty(node));
            return;
        }
        out.printf(
                Locale.ROOT,
                "%s: %,d parameters fitted in %.1f s (validation %.1f %%)%n",
                fitted.method().label(),
                fitted.parameters(),
                fitted.seconds(),
                100 * fitted.best().validationAccuracy());
        out.printf(
                Locale.ROOT,
                "Test accuracy %.1f %% (95 %% interval %.1f – %.1f), Base %.1f %%%n",
                100 * after.value(),
                100 * after.low(),
                100 * after.high(),
                100 * before.value());
        out.printf(
                Locale.ROOT,
                "Expected calibration error on the test %.1f %% after temperature scaling (T = %.2f), %.1f %% before%n",
                100 * score.reliability().errorAfter(),
                fitted.calibration().temperature(),
                100 * score.reliability().errorBefore());
        out.printf(
                Locale.ROOT,
                "Rejection threshold %.2f: coverage %.1f %%, selective accuracy %s (target %.0f %%)%nWritten to %s%n",
                fitted.calibration().threshold(),
                100 * score.reliability().coverage(),
                score.reliability().rightOfAccepted(),
                100 * fitted.calibration().targetAccuracy(),
                Printable.line(target));
        notes.forEach(note -> out.println("Note: " + Printable.line(note)));
        String model = Given.repeated(spec, TracedModelOptions.NAMES);
        out.println(Printable.line("Next: residual predict --adapter " + target + model
                + " IMAGES, or residual report --data " + dataName + " --adapter " + target + model
                + Given.repeated(spec, List.of("--prompts"))));
    }
}
