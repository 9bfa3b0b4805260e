package io.residual.spark;

import io.residual.alignment.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.command.FitOptions;
import io.residual.evaluation.Comparison;
import io.residual.evaluation.DatasetResult;
import io.residual.evaluation.FitSettings;
import io.residual.images.Dataset;
import io.residual.images.PictureSource;
import io.residual.images.Prompts;
import io.residual.images.Splitting;
import io.residual.model.ImageTextModel;
import io.residual.report.ComparisonReport;
import io.residual.spark.Cluster.Indexed;
import io.residual.tensor.NativeRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        modelTransformer = EvaluateJob.Fitting.class,
        description = "Compares methods on labelled pictures: traced by tasks, sampled and fitted on the driver.",
        footer = {
            "",
            "Labels are the folders of single pictures, the label column of Parquet files, .cls or .json in tars; the last two need",
            "--classes. Splits, seeds and settings are those of residual evaluate, and so are the figures.",
            "",
            "Example: residual-spark evaluate hdfs:///photos --train 10000"
        })
final class EvaluateJob implements Callable<Integer> {
    /** The options of methods; components come from the training pictures, the driver has no others. */
    static final class Fitting implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            return FitOptions.add(command, Set.of(FitSettings.Entry.BASES));
        }
    }

    @Spec
    CommandSpec spec;

    @Mixin
    SparkOptions options = new SparkOptions();

    @Option(
            names = "--methods",
            paramLabel = "METHOD",
            split = ",",
            description = "Methods to fit, with commas between them. Default: all adapters.")
    List<String> methodNames = List.of();

    @Option(
            names = "--train",
            paramLabel = "N",
            description = "At most N training images (0: all). Default: ${DEFAULT-VALUE}.")
    int train = 2000;

    @Option(
            names = "--validation",
            paramLabel = "N",
            description = "At most N validation images (0: all). Default: ${DEFAULT-VALUE}.")
    int validation = 500;

    @Option(
            names = "--test",
            paramLabel = "N",
            description = "At most N test images (0: all). Default: ${DEFAULT-VALUE}.")
    int test = 1000;

    @Option(names = "--test-pictures", paramLabel = "PICTURES", description = "The test split, where it lies apart.")
    List<String> testPictures = List.of();

    @Option(names = "--split-seed", paramLabel = "SEED", description = "Seed of the splits. Default: ${DEFAULT-VALUE}.")
    long splitSeed = Splitting.DEFAULT.seed();

    @Option(
            names = "--classes",
            paramLabel = "NAME",
            split = ",",
            description = "The classes' names, in the order of labels.")
    List<String> classes = List.of();

    @Option(names = "--prompts", paramLabel = "FILE", description = "JSON with \"classes\" and \"templates\".")
    @Nullable
    Path prompts;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the results there too, as JSON.")
    @Nullable
    Path target;

    @Parameters(paramLabel = "PICTURES", arity = "1..*", description = "Folders, Parquet files, tars, patterns.")
    List<String> pictures = List.of();

    @Override
    public Integer call() {
        List<Method> methods = methodNames.isEmpty()
                ? Method.adapters()
                : methodNames.stream().map(Method::named).distinct().toList();
        if (methods.contains(Method.FULL)) {
            throw InputException.at("the method", "finetune", "one that makes an adapter", "Use residual finetune");
        }
        Comparison.Settings settings = FitSettings.of(FitOptions.given(spec), methods);
        atLeastNone("--train", train);
        atLeastNone("--validation", validation);
        atLeastNone("--test", test);
        SparkSession session = options.session("evaluate");
        try (ImageTextModel model = options.open(session)) {
            Cluster cluster = options.cluster(session, model, null);
            List<Pieces> parts = new ArrayList<>();
            parts.add(Pieces.list(SparkOptions.require(pictures), cluster.spark()));
            if (!testPictures.isEmpty()) {
                parts.add(Pieces.list(testPictures, cluster.spark()));
            }
            Dataset dataset = dataset(cluster, parts);
            Comparison comparison =
                    new Comparison(model, new SparkTracer(cluster, parts, model), settings, Progress.silent());
            NativeRuntime.setThreads(Runtime.getRuntime().availableProcessors()); // fits are the driver's
            DatasetResult result = comparison.run(dataset, methods, List.of());
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

    private Dataset dataset(Cluster cluster, List<Pieces> parts) {
        List<String> names = classes.isEmpty()
                ? parts.get(0).classes().stream().map(c -> c.replace('_', ' ')).toList()
                : classes;
        if (names.isEmpty()) {
            throw InputException.at(
                    "--classes",
                    "nothing",
                    "the classes' names",
                    "Give them, since only folders name classes themselves");
        }
        Prompts words = new Prompts(names, Prompts.PHOTO_TEMPLATES).overriddenBy(prompts);
        List<PictureSource> sources = new ArrayList<>();
        for (Pieces part : parts) {
            sources.add(listed(cluster.index(part), words.classes().size()));
        }
        Splitting shares = new Splitting(Splitting.DEFAULT.validation(), Splitting.DEFAULT.test(), splitSeed);
        String where = String.join(", ", pictures);
        return shares.split(
                        where.substring(where.lastIndexOf('/') + 1),
                        where,
                        words,
                        sources.get(0),
                        null,
                        sources.size() > 1 ? sources.get(1) : null)
                .atMost(some(train), some(validation), some(test), splitSeed);
    }

    private static void atLeastNone(String option, int images) {
        if (images < 0) {
            throw InputException.at(option, String.valueOf(images), "0 (all) or more", "Correct the option");
        }
    }

    private static int some(int wanted) {
        return wanted == 0 ? Integer.MAX_VALUE : wanted;
    }

    private static Listed listed(List<Indexed> index, int classes) {
        List<Indexed> readable = index.stream().filter(i -> i.problem() == null).toList();
        for (Indexed one : readable) {
            if (one.label() == RawPicture.UNLABELLED) {
                throw InputException.at(
                        one.name(),
                        "no label",
                        "one in the column of whole numbers that --label-column names, or in a .cls or .json beside the picture",
                        "Name the column, or label the picture");
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
