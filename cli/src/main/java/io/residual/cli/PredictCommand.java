package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.ImageBatches;
import io.residual.data.ImageFiles;
import io.residual.data.LabelledImages;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.images.Batch;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.predict.PredictionJson;
import io.residual.predict.Predictor;
import io.residual.tables.PredictionFiles;
import io.residual.tables.PredictionFiles.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = "Classifies images with an adapter, or zero-shot with class names.",
        footer = {
            "",
            "An image that cannot be read is reported and left out. With an adapter, probabilities are"
                    + " calibrated, and an image below the rejection threshold is marked as unsure.",
            "",
            "Example: residual predict --adapter signs.adapter photos",
            "         residual predict --classes cat,dog --model openai/clip-vit-base-patch16 pet.jpg"
        })
final class PredictCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(names = "--adapter", paramLabel = "FILE", description = "Adapter file, written by residual align.")
    @Nullable
    Path adapter;

    @Option(
            names = "--classes",
            paramLabel = "NAMES",
            split = ",",
            description = "Without an adapter: the class names.")
    List<String> classes = List.of();

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            description = "With --classes: a prompt template with {} for the class; may be repeated.")
    List<String> templates = List.of("a photo of a {}.");

    @Option(names = "--top", paramLabel = "N", description = "Number of classes to print. Default: ${DEFAULT-VALUE}.")
    int top = 1;

    @Option(
            names = "--scores",
            paramLabel = "SCORES",
            description = "softmax (classes against one another; with an adapter calibrated) or sigmoid (SigLIP's own"
                    + " probability of each class alone, without the adapter: several classes may match, or none)."
                    + " Default: softmax.")
    Scores scores = Scores.SOFTMAX;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write a table instead of printing: .csv, .parquet or .jsonl.")
    @Nullable
    Path target;

    /** What probabilities are of. */
    private enum Scores {
        SOFTMAX,
        SIGMOID
    }

    @Parameters(
            paramLabel = "IMAGE",
            arity = "1..*",
            description =
                    "Files, folders, glob patterns such as 'photos/*.jpg', Parquet files with a column of images, or"
                            + " - for names on standard input.")
    List<String> images = List.of();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        if ((adapter == null) == classes.isEmpty()) {
            throw InputException.at(
                    "residual predict",
                    adapter == null ? "neither --adapter nor --classes" : "both --adapter and --classes",
                    "one of them",
                    "Give what residual align wrote, or names to choose from");
        }
        if (adapter != null) {
            Given.refuse(spec, "with --adapter, which has its classes' embeddings", List.of("--template"));
        }
        Given.atLeast("--top", 1, top);
        Path table = target;
        if (table != null) {
            Given.refuse(spec, "with --out: a table names one class an image", List.of("--top"));
        }
        if (table != null && !PredictionFiles.knows(table)) {
            throw InputException.at(table, "this ending", ".csv, .parquet or .jsonl", "Give the file another ending");
        }
        Progress progress = output.start();
        List<String> names = classes.stream().map(String::strip).toList();
        Prompts prompts = classes.isEmpty() ? null : new Prompts(names, templates).requireTellable("--classes");
        ImageFiles files = ImageFiles.of(images, System.in);
        files.notes().forEach(note -> spec.commandLine().getErr().println("residual: note: " + note));
        try (Predictor predictor = open(modelOptions.open(spec, progress, adapter), prompts)) {
            if (scores == Scores.SIGMOID) {
                predictor.requirePairsAlone();
            }
            Notes.onUse(spec, modelOptions.name, adapter, predictor.warnings());
            int[] read = new int[1];
            if (table == null) {
                read[0] = predict(predictor, files, progress, new Printed(predictor));
            } else {
                PredictionFiles.write(table, rows -> {
                    read[0] = predict(predictor, files, progress, rows);
                    if (read[0] == 0) {
                        throw InputException.at(
                                "the images", "none that can be read", "at least one", "Check the files");
                    }
                });
                output.print(
                        spec.commandLine().getOut(),
                        read[0] + " predictions written to " + table,
                        Schema.WRITTEN,
                        Map.of("written", table.toString(), "predictions", read[0]));
            }
            return read[0] == 0 ? 2 : 0;
        }
    }

    private Predictor open(ImageTextModel model, @Nullable Prompts prompts) {
        Path file = adapter;
        if (file != null) {
            return Predictor.with(model, file);
        }
        return Predictor.zeroShot(model, Objects.requireNonNull(prompts));
    }

    /** Predicts; gives how many images could be read. */
    private int predict(Predictor predictor, ImageFiles files, Progress progress, Rows rows) {
        int read = 0;
        int done = 0;
        progress.start("predicting", files.size());
        try (ImageBatches batches = new ImageBatches(
                LabelledImages.<Split>of(files),
                predictor.preprocessing(),
                IntStream.range(0, files.size()).toArray(),
                predictor.batch())) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                List<Prediction> predictions = predictor.predict(batch.pixels(), batch.size());
                for (int i = 0; i < predictions.size(); i++) {
                    Prediction one = predictions.get(i);
                    rows.add(batch.names().get(i), scores == Scores.SIGMOID ? one.byMatch(predictor.classes()) : one);
                }
                for (int i = 0; i < batch.skipped().size(); i++) {
                    rows.failed(batch.unread().get(i), batch.skipped().get(i));
                }
                read += batch.size();
                done += batch.size() + batch.skipped().size();
                progress.at(done);
            }
        }
        progress.finish();
        return read;
    }

    /** A line each, on the standard output. */
    private final class Printed implements Rows {
        private final Predictor predictor;

        Printed(Predictor predictor) {
            this.predictor = predictor;
        }

        @Override
        public void add(String image, Prediction prediction) {
            spec.commandLine().getOut().println(line(predictor, image, prediction));
        }

        @Override
        public void failed(String image, String reason) {
            if (output.json) {
                spec.commandLine()
                        .getOut()
                        .println(Json.line(
                                Schema.PREDICTION.document().put("image", image).put("error", reason)));
            } else {
                spec.commandLine().getErr().println("residual: " + Printable.line(reason));
            }
        }
    }

    private String line(Predictor predictor, String name, Prediction prediction) {
        if (output.json) {
            ObjectNode node = Schema.PREDICTION.document().put("image", name);
            PredictionJson.write(prediction, node, predictor.classes(), top > 1 ? top : 0);
            return Json.line(node);
        }
        // Classes may all match, so a sigmoid names every one that does.
        int named =
                scores == Scores.SIGMOID ? Math.max(top, prediction.matching().size()) : top;
        List<String> best = new ArrayList<>();
        prediction.ranking().stream()
                .limit(named)
                .forEach(c -> best.add(String.format(
                        Locale.ROOT,
                        "%s %.1f %%",
                        predictor.classes().get(c),
                        100 * prediction.probabilities().get(c))));
        String doubt = prediction.accepted() ? "" : scores == Scores.SIGMOID ? " (no class matches)" : " (unsure)";
        return Printable.line(name + ": " + String.join(", ", best) + doubt);
    }
}
