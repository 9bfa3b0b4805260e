package io.residual.spark;

import io.residual.adapt.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.command.DataOptions;
import io.residual.command.FitOptions;
import io.residual.data.ClassNames;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelledImages;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.experiment.DatasetResult;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.fit.FineTuner;
import io.residual.images.ImageSource;
import io.residual.model.ImageTextModel;
import io.residual.report.ComparisonReport;
import io.residual.spark.Cluster.Indexed;
import io.residual.tensor.NativeRuntime;
import io.residual.units.ImageTracer;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        modelTransformer = FitOptions.Added.class,
        description = "Compares methods on labelled images. Tasks trace; the driver samples and fits.",
        footer = {
            "",
            "Labels are the folders of single images, the label column of Parquet files, or .cls and .json entries in"
                    + " tars; the last two need --classes. With the same splits, seeds and settings the numbers equal those"
                    + " of residual evaluate.",
            "",
            "Example: residual-spark evaluate hdfs:///photos --train 10000"
        })
final class EvaluateJob implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    SparkOptions options = new SparkOptions();

    @Option(
            names = "--methods",
            paramLabel = "METHOD",
            split = ",",
            description = "Methods to fit, comma-separated. Default: all adapters.")
    List<String> methodNames = List.of();

    @Option(names = "--test-images", paramLabel = "IMAGES", description = "Separate images of the test split.")
    List<String> testImages = List.of();

    @Option(
            names = "--classes",
            paramLabel = "NAME",
            split = ",",
            description = "The class names, in the order of the labels.")
    List<String> classes = List.of();

    @Mixin
    DataOptions data = new DataOptions();

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the results as JSON.")
    @Nullable
    Path target;

    @Parameters(paramLabel = "IMAGES", arity = "1..*", description = "Folders, Parquet files, tars, patterns.")
    List<String> images = List.of();

    @Override
    public Integer call() {
        List<Method> methods = methodNames.isEmpty()
                ? Method.adapters()
                : methodNames.stream()
                        .map(Method::named)
                        .map(Method::requireFit)
                        .distinct()
                        .toList();
        if (methods.contains(Method.FULL)) {
            throw InputException.at("the method", "finetune", "one that makes an adapter", "Use residual finetune");
        }
        ExperimentSettings settings = FitOptions.settings(spec, methods, FineTuner.Settings.DEFAULT);
        DatasetSpec recipe = data.recipe(String.join(",", images));
        if (recipe.corrected() != null) {
            throw InputException.at(
                    "--labels",
                    "a table of corrections",
                    "none on a cluster",
                    "Correct the folders, or use residual evaluate");
        }
        LabelledImages<Split.Train> general = FitOptions.general(spec, options.model, recipe.source());
        SparkSession session = options.session("evaluate");
        try (ImageTextModel model = options.open(session)) {
            Cluster cluster = options.cluster(session, model, null);
            List<Pieces> parts = new ArrayList<>();
            parts.add(Pieces.list(SparkOptions.require(images), cluster.spark()));
            if (!testImages.isEmpty()) {
                parts.add(Pieces.list(testImages, cluster.spark()));
            }
            parts.forEach(EvaluateJob::requireOneSplit);
            Dataset dataset = dataset(cluster, parts, recipe);
            ImageTracer tracer = tracer(new SparkTracer(cluster, parts, model), new Tracer(model), general);
            Experiment experiment =
                    new Experiments(model, tracer, general, Progress.silent()).on(dataset, recipe, settings);
            NativeRuntime.setThreads(Runtime.getRuntime().availableProcessors()); // fits are the driver's
            DatasetResult result = experiment.run(methods, List.of());
            if (target != null) {
                AtomicFiles.writeString(target, ComparisonReport.json(List.of(result)) + "\n");
            }
            spec.commandLine()
                    .getOut()
                    .println(
                            options.json
                                    ? ComparisonReport.json(List.of(result))
                                    : ComparisonReport.text(List.of(result)));
            return 0;
        } finally {
            OnExecutor.closeAll(session);
        }
    }

    /** The cluster traces what lies on it; general images, which the driver opens, the driver traces. */
    private static ImageTracer tracer(
            ImageTracer cluster, ImageTracer driver, @Nullable LabelledImages<Split.Train> general) {
        return new ImageTracer() {
            @Override
            public UnitFrame frame() {
                return cluster.frame();
            }

            @Override
            public <S extends Split> Trace<S> trace(LabelledImages<S> images, String origin, Progress progress) {
                return (images == general ? driver : cluster).trace(images, origin, progress);
            }
        };
    }

    /** Files of several splits together would put training images into the test. */
    private static void requireOneSplit(Pieces part) {
        if (part.splits().size() > 1) {
            throw InputException.at(
                    "the images",
                    "files of several splits: "
                            + String.join(", ", part.splits().values()),
                    "those of one split",
                    "Give the training images as IMAGES and the test's with --test-images, such as 'data/train-*.parquet'");
        }
    }

    private Dataset dataset(Cluster cluster, List<Pieces> parts, DatasetSpec recipe) {
        List<String> folders = parts.get(0).classes();
        List<String> names = classes.isEmpty() ? ClassNames.readable(String.join(", ", images), folders) : classes;
        for (Pieces part : parts) {
            if (!part.classes().equals(folders)) {
                throw InputException.at(
                        "--test-images",
                        "the class folders " + part.classes(),
                        String.valueOf(folders) + ", as for training",
                        "Give both the same class folders, or take out what only one has");
            }
        }
        if (names.isEmpty()) {
            throw InputException.at(
                    "--classes",
                    "nothing",
                    "the classes' names",
                    "Give them, since only folders name classes themselves");
        }
        Prompts words = new Prompts(names, Prompts.PHOTO_TEMPLATES).overriddenBy(data.prompts());
        List<ImageSource> sources = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (Pieces part : parts) {
            notes.addAll(part.notes());
            List<Indexed> index = cluster.index(part);
            List<String> unreadable = index.stream()
                    .filter(i -> i.problem() != null)
                    .map(i -> i.name() + ": " + i.problem())
                    .toList();
            if (!unreadable.isEmpty()) {
                notes.add(unreadable.size() + " unreadable " + (unreadable.size() == 1 ? "image was" : "images were")
                        + " left out; the first: " + unreadable.get(0));
            }
            sources.add(listed(index, words.classes().size()));
        }
        Splitting shares = new Splitting(recipe.validationShare(), recipe.testShare(), recipe.seed());
        String where = String.join(", ", images);
        return shares.split(
                        where.substring(where.lastIndexOf('/') + 1),
                        where,
                        words,
                        sources.get(0),
                        null,
                        sources.size() > 1 ? sources.get(1) : null)
                .atMost(some(recipe.train()), some(recipe.validation()), some(recipe.test()), recipe.seed())
                .noted(notes);
    }

    private static int some(int wanted) {
        return wanted == 0 ? Integer.MAX_VALUE : wanted;
    }

    private static Listed listed(List<Indexed> index, int classes) {
        List<Indexed> readable = index.stream().filter(i -> i.problem() == null).toList();
        for (Indexed one : readable) {
            if (one.label() == RawImage.UNLABELLED) {
                throw InputException.at(
                        one.name(),
                        "no label",
                        "one in the column of whole numbers that --label-column names, or in a .cls or .json beside the image",
                        "Name the column, or label the image");
            }
            if (one.label() < 0 || one.label() >= classes) {
                throw InputException.at(
                        one.name(),
                        "the label " + one.label(),
                        "0 to " + (classes - 1) + " (" + classes + " classes)",
                        "Name all classes, or correct the label");
            }
        }
        return new Listed(readable);
    }
}
