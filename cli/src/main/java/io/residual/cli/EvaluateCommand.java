package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.catalogue.Datasets;
import io.residual.command.DataOptions;
import io.residual.command.FitOptions;
import io.residual.data.Dataset;
import io.residual.experiment.Advice;
import io.residual.experiment.DatasetResult;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.FewShots;
import io.residual.experiment.FewShots.Shot;
import io.residual.experiment.Fit;
import io.residual.experiment.FitSettings;
import io.residual.experiment.KeptFits;
import io.residual.experiment.MethodResult;
import io.residual.experiment.TestScore;
import io.residual.model.ImageTextModel;
import io.residual.report.ComparisonReport;
import io.residual.report.ComparisonReport.Form;
import io.residual.report.FewShotsReport;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import io.residual.zeroshot.Accuracy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        modelTransformer = FitOptions.Added.class,
        description = "Compares methods on data sets, or tests a saved adapter.",
        footer = {
            "",
            "Example: residual evaluate --data world:signs --data world:sketches",
            "Example: residual evaluate --data path/to/cifar10 --methods base,residual,linear --json",
            "Example: residual evaluate --data path/to/folder --shots 1,2,4,8,16,all --figure curves.svg",
            "Example: residual evaluate --adapter street.adapter"
        })
final class EvaluateCommand implements Callable<Integer> {
    private static final List<Method> FEW = List.of(
            Method.BASE,
            Method.LINEAR,
            Method.RESIDUAL,
            Method.RESIDUAL_STAR,
            Method.RESIDUAL_GDA,
            Method.GDA,
            Method.KERNEL_RIDGE,
            Method.TEXT_PROBE,
            Method.CLAP,
            Method.LP_PLUS,
            Method.RLA,
            Method.TASK_RES,
            Method.CROSS_MODAL,
            Method.TRANSCLIP_ZERO,
            Method.TRANSCLIP,
            Method.PROBE,
            Method.TIP,
            Method.TIP_TUNED);

    /** Options without effect where a saved adapter is tested. */
    private static final List<String> FITTING = List.of(
            "--methods", "--shots", "--draws", "--figure", "--out", "--wide", "--tuning-rate", "--tuning-epochs");

    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description = "Data sets: folders, world:TASK or world:all; may be repeated. With --adapter, the default is"
                    + " the data set that it was fitted on.")
    List<String> dataNames = new ArrayList<>();

    @Option(
            names = "--methods",
            split = ",",
            paramLabel = "METHOD",
            description = "base, finetune, linear, residual, residual-star, coarse, head-ablation, output (ResiDual^y),"
                    + " probe (starts from nothing), tip-adapter, tip-adapter-f; for few labels, without"
                    + " validation: residual-gda, gda, kernel-ridge, text-probe, clap, lp-plus-plus, rla,"
                    + " task-res, cross-modal, transclip-zero, transclip. Default: base, linear, residual,"
                    + " residual-star, coarse, output.")
    List<String> methodNames = new ArrayList<>();

    @Option(
            names = "--shots",
            split = ",",
            paramLabel = "N",
            description =
                    "Few labels: fit with these numbers of images per class, such as 1,2,4,8,16,all, and recommend a"
                            + " method. Default methods: base, linear, residual, residual-star, probe, tip-adapter,"
                            + " tip-adapter-f, and those for few labels.")
    List<String> shots = new ArrayList<>();

    @Option(
            names = "--draws",
            paramLabel = "N",
            description = "With --shots: number of random draws of the images. Default: ${DEFAULT-VALUE}.")
    int draws = 5;

    @Option(
            names = "--figure",
            paramLabel = "FILE",
            description =
                    "Write the learning curves (with --shots), or the accuracies with their intervals (.svg or .pdf).")
    @Nullable
    Path figure;

    @Option(
            names = "--wide",
            description = "Also print coverage and selective accuracy: a table of 111 characters instead of 80.")
    boolean wide;

    @Option(names = "--adapter", paramLabel = "FILE", description = "Test this adapter instead of fitting.")
    @Nullable
    Path adapterPath;

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the results as JSON.")
    @Nullable
    Path target;

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    TuningOptions tuning = new TuningOptions();

    @Mixin
    TraceOptions cache = new TraceOptions();

    @Mixin
    FigureOptions figures = new FigureOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        figures.check(figure);
        cache.check();
        if (adapterPath != null) {
            Given.refuse(spec, "with --adapter, which was fitted before", FITTING);
            Given.refuse(spec, "with --adapter, which was fitted before", fitting());
            if (dataNames.isEmpty()) {
                Given.refuse(spec, "without --data: the adapter says which images", DataOptions.NAMES);
            }
            return score(adapterPath);
        }
        if (dataNames.isEmpty()) {
            throw InputException.at("--data", "nothing", "a data set", "Give one, such as --data world:signs");
        }
        List<Method> methods = methodNames.isEmpty()
                ? shots.isEmpty() ? Method.adapters() : FEW
                : methodNames.stream()
                        .map(Method::named)
                        .map(Method::requireFit)
                        .distinct()
                        .toList();
        if (shots.isEmpty()) {
            Given.refuse(spec, "without --shots", List.of("--draws"));
        } else {
            Given.refuse(spec, "with --shots", List.of("--wide"));
        }
        if (!methods.contains(Method.FULL)) {
            Given.refuse(spec, "without the method finetune", TuningOptions.NAMES);
        }
        ExperimentSettings settings = FitOptions.settings(spec, methods, tuning.settings());
        List<Integer> counts = shots.stream().map(FewShots::count).toList();
        Given.atLeast("--draws", 1, draws);
        Progress progress = output.start();
        PrintWriter out = spec.commandLine().getOut();
        List<String> names =
                dataNames.stream().flatMap(n -> Datasets.expand(n).stream()).toList();
        // All data sets are opened before the first is worked on, so that a wrong name costs no time.
        List<Dataset> datasets = names.stream().map(data::audited).toList();
        if (!shots.isEmpty()) {
            fewShots(names, datasets, methods, settings, counts, progress);
            return 0;
        }
        List<DatasetResult> results = new ArrayList<>();
        List<Runnable> unprinted = new ArrayList<>(); // fits stay until their results are somewhere
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            for (int i = 0; i < names.size(); i++) {
                Dataset dataset = datasets.get(i);
                KeptFits kept = cache.fits();
                Experiment experiment = experiment(kept, model, settings, names.get(i), dataset, progress);
                Notes.ofLabels(spec, experiment);
                DatasetResult result = experiment.run(methods, Notes.on(modelOptions.name, names.get(i)));
                results.add(result);
                if (!output.json) {
                    out.print(ComparisonReport.text(List.of(result), wide ? Form.WIDE : Form.SHORT));
                    out.flush();
                }
                if (target != null) {
                    AtomicFiles.writeString(target, ComparisonReport.json(results) + "\n");
                }
                if (figure != null) {
                    figures.write(figure, ComparisonReport.document(results));
                }
                if (output.json && target == null) {
                    unprinted.add(() -> finished(kept, dataset));
                } else {
                    finished(kept, dataset);
                }
            }
        }
        if (output.json) {
            out.println(ComparisonReport.json(results));
            out.flush();
            unprinted.forEach(Runnable::run);
        } else if (names.size() == 1) {
            next(results.get(0), names.get(0));
        }
        return 0;
    }

    /** The command that makes an adapter with the method that validation chooses. */
    private void next(DatasetResult result, String name) {
        result.methods().stream()
                .filter(m -> m.method() != Method.BASE && m.method() != Method.FULL)
                .filter(m -> !Double.isNaN(m.validationAccuracy()))
                .max(Comparator.comparingDouble(MethodResult::validationAccuracy))
                .ifPresent(m -> spec.commandLine()
                        .getOut()
                        .println(Printable.line("Next: residual align --data " + name + " --method "
                                + m.method().id() + Given.repeated(spec, repeated(m.method()))
                                + " --out my.adapter (the best on validation)")));
    }

    /** The options that make the same fit again: those of the model, the data and, as far as the method has them, the fit. */
    private static List<String> repeated(Method method) {
        return Stream.of(
                        TracedModelOptions.NAMES.stream(),
                        DataOptions.NAMES.stream(),
                        FitSettings.keys(method).stream().map(key -> "--" + key))
                .flatMap(Function.identity())
                .toList();
    }

    /** Says that fits were taken from a run that was stopped, and removes them: the results are printed. */
    private void finished(@Nullable KeptFits kept, Dataset dataset) {
        if (kept == null) {
            return;
        }
        if (kept.found() > 0) {
            Notes.print(
                    spec,
                    kept.found() + (kept.found() == 1 ? " fit" : " fits") + " of " + dataset.name()
                            + " were made by a run that was stopped, with the same images and settings; --no-cache"
                            + " fits anew");
        }
        kept.finished();
    }

    private Experiment experiment(
            @Nullable KeptFits kept,
            ImageTextModel model,
            ExperimentSettings settings,
            String name,
            Dataset dataset,
            Progress progress) {
        return new Experiments(
                        model,
                        cache.over(new Tracer(model), spec),
                        FitOptions.general(spec, modelOptions.name, name),
                        progress)
                .keeping(kept)
                .on(dataset, data.recipe(name), settings);
    }

    private static List<String> fitting() {
        return FitSettings.keys().stream().map(key -> "--" + key).toList();
    }

    private void fewShots(
            List<String> names,
            List<Dataset> datasets,
            List<Method> methods,
            ExperimentSettings settings,
            List<Integer> counts,
            Progress progress) {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, List<Shot>> results = new LinkedHashMap<>();
        List<Runnable> unprinted = new ArrayList<>();
        try (ImageTextModel model = modelOptions.open(spec, progress)) {
            for (int i = 0; i < names.size(); i++) {
                Dataset dataset = datasets.get(i);
                KeptFits kept = cache.fits();
                List<Shot> fits = FewShots.run(
                        experiment(kept, model, settings, names.get(i), dataset, progress), methods, counts, draws);
                results.put(dataset.name(), fits);
                if (!output.json) {
                    out.println(FewShotsReport.text(dataset.name(), fits));
                }
                notes(dataset, names.get(i), fits);
                if (figure != null) {
                    figures.write(
                            datasets.size() == 1 ? figure : beside(figure, dataset.name()),
                            FewShotsReport.document(Map.of(dataset.name(), fits)));
                }
                if (target != null) {
                    AtomicFiles.writeString(target, FewShotsReport.json(results) + "\n");
                }
                if (output.json && target == null) {
                    unprinted.add(() -> finished(kept, dataset));
                } else {
                    finished(kept, dataset);
                }
            }
        }
        if (output.json) {
            out.println(FewShotsReport.json(results));
            out.flush();
            unprinted.forEach(Runnable::run);
        }
    }

    /** Prints notes: with the text, or on standard error beside JSON. */
    private void notes(Dataset dataset, String name, List<Shot> fits) {
        PrintWriter writer =
                output.json ? spec.commandLine().getErr() : spec.commandLine().getOut();
        Stream.of(Notes.on(modelOptions.name, name), Advice.onShots(fits), dataset.notes())
                .flatMap(List::stream)
                .forEach(note -> writer.println("Note: " + Printable.line(note)));
        writer.flush();
    }

    /** curves.svg of signs: curves-signs.svg. */
    private static Path beside(Path file, String name) {
        String full = String.valueOf(file.getFileName());
        int dot = full.lastIndexOf('.');
        return dot < 0
                ? file.resolveSibling(full + "-" + name)
                : file.resolveSibling(full.substring(0, dot) + "-" + name + full.substring(dot));
    }

    private int score(Path path) {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        try (ImageTextModel model = modelOptions.open(spec, progress, path)) {
            AdapterFile file = AdapterFile.read(path, UnitFrame.of(model.image()), model);
            ImageTextModel seen = file.adapter().on(model);
            Experiments experiments = new Experiments(seen, cache.over(new Tracer(seen), spec), null, progress);
            boolean own = dataNames.isEmpty();
            for (String name : own ? List.of(file.info().data().source()) : dataNames) {
                Dataset dataset = own ? DataOptions.open(file.info().data(), null) : data.open(name);
                if (!own) {
                    dataset = AdapterClasses.align(
                            dataset, name, file, spec.commandLine().getErr());
                }
                Fit fit = experiments
                        .on(dataset, file.info().data(), ExperimentSettings.DEFAULT)
                        .restored(file);
                TestScore score = fit.test();
                Double saved = file.info().testAccuracy();
                boolean same =
                        saved != null && fit.testHash().equals(file.info().testHash());
                print(out, path, name, file, score, same);
                List<String> notes = new ArrayList<>(Notes.on(modelOptions.name, name));
                String splits = own ? null : Notes.ofSplits(file, name, data.recipe(name));
                if (splits != null) {
                    notes.add(splits + "; leave out --data to test it with its own");
                }
                notes.addAll(Advice.on(List.of(Advice.Tested.of(fit))));
                PrintWriter notesTo = output.json ? spec.commandLine().getErr() : out;
                notes.forEach(note -> notesTo.println("Note: " + Printable.line(note)));
            }
        }
        return 0;
    }

    private void print(PrintWriter out, Path path, String name, AdapterFile file, TestScore score, boolean same) {
        Accuracy accuracy = score.accuracy();
        if (output.json) {
            ObjectNode node = Schema.SCORE.document();
            node.put("adapter", path.toString())
                    .put("dataset", name)
                    .put("method", file.info().method())
                    .put("parameters", file.adapter().parameters())
                    .put("test_accuracy", accuracy.value())
                    .put("test_images", accuracy.of())
                    .put("saved_test_accuracy", file.info().testAccuracy())
                    .put("same_test_images", same);
            node.putArray("test_interval_95").add(accuracy.low()).add(accuracy.high());
            node.set("calibration", file.info().calibration().json());
            node.set("test_reliability", score.reliability().json());
            node.set("provenance", file.info().provenance().json());
            out.println(Json.pretty(node));
            return;
        }
        out.printf(
                Locale.ROOT,
                "%s on %s: test accuracy %.1f %% (95 %% interval %.1f – %.1f, %d images)%n",
                file.adapter().method().label(),
                Printable.line(name),
                100 * accuracy.value(),
                100 * accuracy.low(),
                100 * accuracy.high(),
                accuracy.of());
        out.printf(
                Locale.ROOT,
                "Rejection threshold %.2f: coverage %.1f %%, selective accuracy %s (target %.0f %%)%n",
                file.info().calibration().threshold(),
                100 * score.reliability().coverage(),
                score.reliability().rightOfAccepted(),
                100 * file.info().calibration().targetAccuracy());
        out.println(
                file.info().testAccuracy() == null
                        ? "No test accuracy is stored in the adapter."
                        : same
                                ? String.format(
                                        Locale.ROOT,
                                        "Same test images as stored in the adapter (stored accuracy %.1f %%).",
                                        100 * file.info().testAccuracy())
                                : "Other test images than those of the accuracy stored in the adapter.");
    }
}
