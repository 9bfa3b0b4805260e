package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.Fit;
import io.residual.fit.FineTuner;
import io.residual.model.ImageTextModel;
import io.residual.model.TrainableTower;
import io.residual.units.Tracer;
import io.residual.zeroshot.Accuracy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "finetune",
        mixinStandardHelpOptions = true,
        description = "Fine-tunes every weight of the image tower with frozen class embeddings, as an upper reference"
                + " for adapters.",
        footer = {
            "",
            "The epoch is selected on the validation split. The test split is opened once, at the end. The"
                    + " output is a model folder in the original's format.",
            "",
            "Example: residual finetune --data world:street-digits --rate 3e-4 --out street-model"
        })
final class FinetuneCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    ImageOptions imageOptions = new ImageOptions();

    @Mixin
    ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            description = "Data set: a folder, world:TASK, or a name on the hub.")
    String dataName = "";

    @Option(names = "--out", paramLabel = "FOLDER", required = true, description = "Folder to write.")
    Path target = Path.of("");

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Learning rate. Default: ${DEFAULT-VALUE}, as published; small models need more.")
    double rate = FineTuner.Settings.DEFAULT.rate();

    @Option(names = "--batch", paramLabel = "N", description = "Batch size. Default: ${DEFAULT-VALUE}.")
    int batch = FineTuner.Settings.DEFAULT.batch();

    @Option(names = "--epochs", paramLabel = "N", description = "Maximum epochs. Default: ${DEFAULT-VALUE}.")
    int epochs = FineTuner.Settings.DEFAULT.epochs();

    @Option(
            names = "--patience",
            paramLabel = "N",
            description =
                    "Early stopping after N epochs without better validation accuracy. Default: ${DEFAULT-VALUE}.")
    int patience = FineTuner.Settings.DEFAULT.patience();

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Seed of the images' order. Default: ${DEFAULT-VALUE}.")
    long seed = FineTuner.Settings.DEFAULT.seed();

    @Option(
            names = "--interpolation",
            paramLabel = "SHARE",
            description =
                    "Share of the tuned weights in the result, the rest being the model's own (WiSE-FT): from 0 to 1,"
                            + " 0.5 as published, or validation to choose there among 0, 0.1, ... 1. Default:"
                            + " ${DEFAULT-VALUE}, the tuned weights alone.")
    String interpolation = "1";

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    TraceOptions cache = new TraceOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        cache.check();
        FineTuner.Settings published = FineTuner.Settings.DEFAULT;
        FineTuner.Settings settings;
        double share = share();
        try {
            settings = new FineTuner.Settings(
                            rate, published.weightDecay(), published.clip(), batch, epochs, patience, seed)
                    .interpolated(share);
        } catch (InputException e) {
            throw e.in("--");
        }
        TrainableTower.requireRoom(target);
        Progress progress = output.start();
        Dataset dataset = data.open(dataName);
        dataset.requireTrained();
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            Experiment experiment = new Experiments(model, cache.over(new Tracer(model), spec), null, progress)
                    .on(dataset, data.recipe(dataName), ExperimentSettings.DEFAULT.with(settings));
            Fit plain = experiment.fit(Method.BASE);
            try (Fit tuned = experiment.fit(Method.FULL)) {
                Accuracy base = plain.test().accuracy();
                Accuracy reached = tuned.test().accuracy();
                ObjectNode notes = notes(tuned, settings, reached);
                Objects.requireNonNull(tuned.tower()).write(target, notes);
                print(tuned, base, reached, notes);
                PrintWriter out = output.json
                        ? spec.commandLine().getErr()
                        : spec.commandLine().getOut();
                experiment
                        .notes(List.of(plain, tuned), Notes.on(modelOptions.name, dataName))
                        .forEach(note -> out.println("Note: " + Printable.line(note)));
            }
        }
        return 0;
    }

    private double share() {
        if (interpolation.equals(FineTuner.Settings.CHOSEN_NAME)) {
            return FineTuner.Settings.CHOSEN;
        }
        double share;
        try {
            share = Double.parseDouble(interpolation);
        } catch (NumberFormatException e) {
            share = Double.NaN;
        }
        if (!(share >= 0 && share <= 1)) {
            throw InputException.at(
                    "--interpolation",
                    interpolation,
                    "a share from 0 to 1, or " + FineTuner.Settings.CHOSEN_NAME,
                    "Correct it");
        }
        return share;
    }

    private ObjectNode notes(Fit tuned, FineTuner.Settings settings, Accuracy reached) {
        ObjectNode notes = Schema.FINETUNING.document().put("made_by", "residual finetune");
        notes.put("data", dataName)
                .put("validation_accuracy", tuned.validationAccuracy())
                .put("test_accuracy", reached.value())
                .put("test_hash", tuned.testHash())
                .put("best_epoch", tuned.best().epoch())
                .put("interpolation", Objects.requireNonNull(tuned.tower()).interpolation());
        notes.set("settings", settings.json());
        notes.set("provenance", tuned.provenance().json());
        ArrayNode curve = notes.putArray("curve");
        tuned.curve().forEach(e -> {
            ObjectNode epoch = curve.addObject().put("epoch", e.epoch());
            if (!Double.isNaN(e.trainLoss())) {
                epoch.put("train_loss", e.trainLoss());
            }
            epoch.put("validation_loss", e.validationLoss()).put("validation_accuracy", e.validationAccuracy());
        });
        return notes;
    }

    private void print(Fit tuned, Accuracy base, Accuracy reached, ObjectNode notes) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.json) {
            notes.put("model", target.toString())
                    .put("parameters", tuned.parameters())
                    .put("base_test_accuracy", base.value())
                    .put("seconds", tuned.seconds());
            notes.putArray("test_interval_95").add(reached.low()).add(reached.high());
            out.println(Json.pretty(notes));
            return;
        }
        out.printf(
                Locale.ROOT,
                "Full fine-tuning: %,d parameters, %d epochs in %.0f s, epoch %d kept (validation %.1f %%)%n",
                tuned.parameters(),
                tuned.curve().size() - 1,
                tuned.seconds(),
                tuned.best().epoch(),
                100 * tuned.best().validationAccuracy());
        double share = Objects.requireNonNull(tuned.tower()).interpolation();
        if (share != 1) {
            out.printf(Locale.ROOT, "Interpolated (WiSE-FT): %.0f %% of the tuned weights%n", 100 * share);
        }
        out.printf(
                Locale.ROOT,
                "Test accuracy %.1f %% (95 %% interval %.1f – %.1f), Base %.1f %%%nWritten to %s%n",
                100 * reached.value(),
                100 * reached.low(),
                100 * reached.high(),
                100 * base.value(),
                Printable.line(target));
    }
}
