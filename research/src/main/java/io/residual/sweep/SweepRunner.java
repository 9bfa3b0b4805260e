package io.residual.sweep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.catalogue.BasisImages;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelledImages;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.FewShots;
import io.residual.experiment.Fit;
import io.residual.experiment.Forgetting;
import io.residual.experiment.Forgetting.Captioned;
import io.residual.experiment.TestScore;
import io.residual.experiment.Traces;
import io.residual.fit.Trainer.Epoch;
import io.residual.model.ImageTextModel;
import io.residual.model.TrainableTower;
import io.residual.provenance.Provenance;
import io.residual.sweep.Sweep.Data;
import io.residual.units.Trace;
import io.residual.units.TraceFolder;
import io.residual.units.Tracer;
import io.residual.world.EmbeddedModels;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a sweep in a folder: {@code results.duckdb}, {@code traces}, {@code adapters} and, while they are needed, {@code
 * towers}. For each model and data set the training and validation images are traced once, every wanted fit is made and
 * stored as it ends, and only when none is missing are the test images traced and everything scored. What is there
 * already is not done again, so a run that was killed goes on where it was.
 */
public final class SweepRunner implements AutoCloseable {
    private final Sweep sweep;
    private final Path folder;
    private final SweepStore store;
    private final Progress shown;
    private final Map<String, SweepCost> costs = new HashMap<>(); // measured once a model

    public SweepRunner(Sweep sweep, Path folder, Progress shown) {
        this.sweep = sweep;
        this.folder = folder;
        this.shown = shown;
        this.store = new SweepStore(made(folder).resolve("results.duckdb"));
    }

    private static Path made(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw InputException.at(folder, "a file", "a folder, or nothing yet", "Give another --out", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + folder + ": " + e.getMessage(), e);
        }
    }

    /** The results so far. */
    public SweepStore store() {
        return store;
    }

    /** A model at work. */
    private record Work(
            String name, ImageTextModel model, Tracer tracer, SweepCost cost, SweepProgress progress, Path traces) {}

    /** A fit with the name that its results have. */
    private record Keyed(Sweep.Fit fit, String key) {}

    /** What a sweep will cost, model by model. */
    public record Estimate(String model, int fitsLeft, int fits, long images, double seconds, double bytes) {
        /** The time in words. */
        public String time() {
            return SweepCost.time(seconds);
        }

        /** The place on disk in words. */
        public String size() {
            return SweepCost.size(bytes);
        }
    }

    /** Estimates what is left to do; models are opened, a few images traced. */
    public List<Estimate> estimate() {
        List<Estimate> all = new ArrayList<>();
        for (String name : sweep.models()) {
            try (ImageTextModel model = Models.open(name, shown)) {
                all.add(estimate(name, model, cost(name, new Tracer(model))));
            }
        }
        return all;
    }

    private SweepCost cost(String name, Tracer tracer) {
        return costs.computeIfAbsent(name, n -> SweepCost.of(tracer));
    }

    private Estimate estimate(String name, ImageTextModel model, SweepCost cost) {
        Set<String> fitted = store.keys(false);
        int fitsLeft = 0;
        int fits = 0;
        long images = 0;
        double seconds = 0;
        List<Keyed> adapters = sweep.forgetting() ? adapters(model) : List.of();
        for (Data data : sweep.data()) {
            Dataset dataset = open(data);
            for (Keyed each : missing(adapters, data.label())) {
                seconds += look(each, dataset, cost);
            }
            int left = untraced(traces(name, model), data, dataset);
            images += left;
            seconds += left * cost.traceSeconds();
            for (Keyed each : keyed(model, data)) {
                fits++;
                if (!fitted.contains(each.key)) {
                    fitsLeft++;
                    seconds += cost.fit(each.fit.variant(), images(each.fit, dataset));
                }
            }
        }
        return new Estimate(name, fitsLeft, fits, images, seconds, (double) images * cost.bytes());
    }

    private static int untraced(Path traces, Data data, Dataset dataset) {
        int left = 0;
        left += Files.exists(trace(traces, data, "train")) ? 0 : dataset.train().size();
        left += Files.exists(trace(traces, data, "validation"))
                ? 0
                : dataset.validation().size();
        left += Files.exists(trace(traces, data, "test")) ? 0 : dataset.test().size();
        return left;
    }

    private static int images(Sweep.Fit fit, Dataset dataset) {
        int classes = dataset.prompts().classes().size();
        return (int) Math.min((long) fit.shots() * classes, dataset.train().size());
    }

    /**
     * A result that the sweep asks for, by the key of its row; the row may have been made under other names.
     *
     * @param key of the row
     * @param dataset its label
     */
    public record Wanted(String key, String model, String dataset, Sweep.Fit fit) {}

    /** Does all that is left to do; gives what was asked for, all of it in the store. */
    public List<Wanted> run() {
        SweepCheck.names(sweep); // a wrong name should show before hours have been spent on the right ones
        List<Wanted> wanted = new ArrayList<>();
        for (String name : sweep.models()) {
            try (ImageTextModel model = Models.open(name, shown)) {
                for (Data data : sweep.data()) {
                    keyed(model, data).forEach(k -> wanted.add(new Wanted(k.key, name, data.label(), k.fit)));
                }
                Tracer tracer = new Tracer(model);
                SweepCost cost = cost(name, tracer);
                SweepProgress progress =
                        new SweepProgress(shown, estimate(name, model, cost).seconds());
                Work work = new Work(name, model, tracer, cost, progress, traces(name, model));
                for (Data data : sweep.data()) {
                    progress.task(name + ", " + data.label());
                    pair(work, data);
                }
                if (sweep.forgetting()) {
                    progress.task(name + ", forgetting");
                    forgetting(work);
                }
                if (!sweep.keepTowers()) {
                    for (Data data : sweep.data()) {
                        keyed(model, data).forEach(k -> AtomicFiles.delete(tower(k.key)));
                    }
                }
            }
        }
        return wanted;
    }

    /**
     * What a finished sweep has of a model and a data set.
     *
     * @param label of the data set
     * @param source where it came from
     * @param traces read from the sweep's folder when asked for, or made
     * @param adapters of all images that have been tested, by the name of their method
     */
    public record Measured(
            String model,
            String label,
            String source,
            Dataset dataset,
            Traces traces,
            Map<String, AdapterFile> adapters) {}

    /** What a visitor of a finished sweep is given: a model with what was measured of every data set, in order. */
    public interface Visitor {
        /** {@code folder}: the model's. */
        void visit(ImageTextModel model, Path folder, List<Measured> measured);
    }

    /**
     * Shows what is there of every model.
     *
     * @throws InputException if something has not been measured
     */
    public void visit(Visitor visitor) {
        SweepCheck.names(sweep);
        for (String name : sweep.models()) {
            try (ImageTextModel model = Models.open(name, shown)) {
                Tracer tracer = new Tracer(model);
                Work work = new Work(
                        name,
                        model,
                        tracer,
                        new SweepCost(0, 1, tracer.frame().shape()),
                        new SweepProgress(shown, 0),
                        traces(name, model));
                visitor.visit(
                        model,
                        Models.folder(name, shown),
                        sweep.data().stream().map(d -> measured(work, d)).toList());
            }
        }
    }

    private Measured measured(Work work, Data data) {
        Dataset dataset = open(data);
        Map<String, AdapterFile> adapters = new LinkedHashMap<>();
        Set<String> tested = store.keys(true);
        for (Keyed each : keyed(work.model, data)) {
            boolean adapter =
                    each.fit.shots() == FewShots.ALL && each.fit.variant().method() != Method.FULL;
            if (adapter && tested.contains(each.key)) {
                adapters.put(each.fit.variant().name(), read(work, each));
            }
        }
        if (adapters.isEmpty()) {
            throw InputException.at(
                    folder,
                    "no fits of " + data.label() + " by " + work.name + " with all images",
                    "a sweep that has been run",
                    "Run residual reproduce with this --out first, or leave the set out with --data");
        }
        return new Measured(
                work.name, data.label(), data.recipe().source(), dataset, new Kept(work, data, dataset), adapters);
    }

    private void pair(Work work, Data data) {
        List<Keyed> wanted = keyed(work.model, data);
        Set<String> tested = store.keys(true);
        if (wanted.stream().allMatch(k -> tested.contains(k.key))) {
            return;
        }
        Dataset dataset = open(data);
        Kept kept = new Kept(work, data, dataset);
        fit(work, data, dataset, wanted, kept);
        // Every choice has been made and stored; only now is the test split opened, and nothing is fitted in what opens
        // it.
        Experiment testing = new Experiments(work.model, work.tracer, null, work.progress)
                .on(dataset, data.recipe(), ExperimentSettings.DEFAULT, kept);
        for (Keyed each : wanted) {
            if (!tested.contains(each.key)) {
                test(work, testing, each, kept);
            }
        }
    }

    private void fit(Work work, Data data, Dataset dataset, List<Keyed> wanted, Traces kept) {
        Set<String> fitted = store.keys(false);
        Map<String, OnBases> prepared = new HashMap<>();
        for (Keyed each : wanted) {
            if (fitted.contains(each.key)) {
                continue;
            }
            Sweep.Fit fit = each.fit;
            OnBases on = prepared.computeIfAbsent(
                    fit.variant().bases(), bases -> new OnBases(work, data, dataset, bases, kept));
            Experiment drawn = on.drawn(fit).with(fit.variant().settings());
            try (Fit made = drawn.fit(fit.variant().method())) {
                keep(work, data, each, drawn, made);
            }
            work.progress.done(work.cost.fit(fit.variant(), images(fit, dataset)));
        }
    }

    /** Traces in the sweep's folder, made when first asked for, and each read once. */
    private final class Kept implements Traces {
        private final Work work;
        private final Data data;
        private final Dataset dataset;
        private @Nullable Trace<Split.Train> train;
        private @Nullable Trace<Split.Validation> validation;
        private @Nullable Trace<Split.Test> test;

        Kept(Work work, Data data, Dataset dataset) {
            this.work = work;
            this.data = data;
            this.dataset = dataset;
        }

        @Override
        public Trace<Split.Train> train() {
            Trace<Split.Train> known = train;
            if (known == null) {
                known = traced(work, data, dataset, dataset.train(), "train", TraceFolder::train);
                train = known;
            }
            return known;
        }

        @Override
        public Trace<Split.Validation> validation() {
            Trace<Split.Validation> known = validation;
            if (known == null) {
                known = traced(work, data, dataset, dataset.validation(), "validation", TraceFolder::validation);
                validation = known;
            }
            return known;
        }

        @Override
        public Trace<Split.Test> test() {
            Trace<Split.Test> known = test;
            if (known == null) {
                known = traced(work, data, dataset, dataset.test(), "test", TraceFolder::test);
                test = known;
            }
            return known;
        }
    }

    /** What fits on one data set share that take their components from the same images. */
    private final class OnBases {
        private final Experiment whole;
        private @Nullable Experiment drawn;
        private int shots;
        private long draw;

        OnBases(Work work, Data data, Dataset dataset, String bases, Traces kept) {
            whole = new Experiments(
                            work.model,
                            work.tracer,
                            BasisImages.of(bases, work.name, data.recipe().source()),
                            work.progress)
                    .on(dataset, data.recipe(), ExperimentSettings.DEFAULT, kept);
        }

        /** The images of a fit: drawn once for all methods that see the same. */
        Experiment drawn(Sweep.Fit fit) {
            Experiment known = drawn;
            if (known == null || shots != fit.shots() || draw != fit.draw()) {
                known = sweep.allImagesOnly() ? whole : whole.few(fit.shots(), fit.draw());
                drawn = known;
                shots = fit.shots();
                draw = fit.draw();
            }
            return known;
        }
    }

    private void keep(Work work, Data data, Keyed each, Experiment experiment, Fit made) {
        TrainableTower tuned = made.tower();
        if (tuned != null) {
            ObjectNode notes = Schema.FINETUNING.document().put("made_by", "residual reproduce");
            notes.put("data", data.recipe().source());
            notes.set("settings", each.fit.variant().settings().tuning().json());
            notes.set("provenance", made.provenance().json());
            tuned.write(tower(each.key), notes);
        }
        made.file().write(adapter(each.key)); // of a tuned tower the identity, which reads back as such
        Sweep.Fit fit = each.fit;
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("key", each.key);
        row.put("model", work.name);
        row.put("model_hash", work.model.hash());
        row.put("dataset", data.label());
        row.put("variant", fit.variant().name());
        row.put("method", fit.variant().method().id());
        row.put("shots", fit.shots() == FewShots.ALL ? 0 : fit.shots());
        row.put("draw", fit.draw());
        row.put("classes", made.classifier().classes().size());
        row.put("train_images", experiment.trainImages());
        row.put("validation_images", experiment.validation().size());
        row.put("parameters", (long) made.parameters());
        row.put("train_accuracy", made.trainAccuracy());
        row.put("validation_accuracy", made.validationAccuracy());
        row.put(
                "held_out_accuracy",
                sweep.allImagesOnly() ? null : made.heldOut().accuracy().value());
        row.put("fit_seconds", made.seconds());
        double strength = made.best().penalty();
        row.put("strength", Double.isFinite(strength) ? strength : null); // none for the unadapted model
        row.put("note", made.note());
        row.put("curve", curve(made.curve()));
        row.put("calibration", Json.line(made.calibration().json()));
        row.put("provenance", Json.line(made.provenance().json()));
        row.put("fitted_at", now());
        store.put("runs", row);
    }

    private void test(Work work, Experiment testing, Keyed each, Traces kept) {
        try (Fit fit = restored(work, testing, each)) {
            store(
                    each,
                    fit.test(),
                    fit.classifier().classes(),
                    kept.test().provenance().data());
        }
    }

    /** A fit that was stored, with its tuned tower where it has one. */
    private Fit restored(Work work, Experiment testing, Keyed each) {
        return each.fit.variant().method() == Method.FULL
                ? testing.restored(read(work, each), ImageTextModel.open(tower(each.key)))
                : testing.restored(read(work, each));
    }

    private void store(Keyed each, TestScore score, List<String> classes, String testHash) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("test_right", score.accuracy().right());
        row.put("test_images", score.accuracy().of());
        row.put("test_hash", testHash);
        row.put("error_before", score.reliability().errorBefore());
        row.put("error_after", score.reliability().errorAfter());
        row.put("coverage", score.reliability().coverage());
        double accepted = score.reliability().accepted();
        row.put("accepted_accuracy", Double.isNaN(accepted) ? null : accepted);
        int worst = score.worst();
        Accuracy least = worst < 0 ? null : score.classes().get(worst);
        row.put("worst_class", worst < 0 ? null : classes.get(worst));
        row.put("worst_right", least == null ? null : least.right());
        row.put("worst_images", least == null ? null : least.of());
        row.put("class_right", each(score.classes(), Accuracy::right));
        row.put("class_images", each(score.classes(), Accuracy::of));
        row.put("tested_at", now());
        store.change(each.key, row);
    }

    /** A number of each class, in order, with spaces between; 0 where the split has no image of it. */
    private static String each(List<@Nullable Accuracy> classes, Function<Accuracy, Integer> number) {
        return classes.stream()
                .map(c -> c == null ? "0" : String.valueOf(number.apply(c)))
                .collect(Collectors.joining(" "));
    }

    private AdapterFile read(Work work, Keyed each) {
        return AdapterFile.read(adapter(each.key), work.tracer.frame(), work.model);
    }

    /** What a fit's image tower makes of images: the model's own what it made before, a tuned one must look itself. */
    private <T> T seen(Keyed each, T plain, Function<Tracer, T> look) {
        if (each.fit.variant().method() != Method.FULL) {
            return plain;
        }
        try (ImageTextModel tuned = ImageTextModel.open(tower(each.key))) {
            return look.apply(new Tracer(tuned));
        }
    }

    /** What changes embeddings, fitted on all images. */
    private List<Keyed> adapters(ImageTextModel model) {
        return sweep.data().stream()
                .flatMap(data -> keyed(model, data).stream())
                .filter(k -> k.fit.shots() == FewShots.ALL
                        && k.fit.variant().method().changesEmbeddings())
                .toList();
    }

    /** Seconds to see what one of them does on a data set: a tuned tower must trace the test images anew. */
    private static double look(Keyed each, Dataset dataset, SweepCost cost) {
        return .1 + (each.fit.variant().method() == Method.FULL ? dataset.testSize() * cost.traceSeconds() : 0);
    }

    /** Every adapter of all images on every other data set's test images, and on captions of the embedded world. */
    private void forgetting(Work work) {
        List<Keyed> adapters = adapters(work.model);
        for (Data data : sweep.data()) {
            List<Keyed> left = missing(adapters, data.label());
            if (left.isEmpty()) {
                continue;
            }
            Dataset dataset = open(data);
            // Under another name than before there may be no trace yet, though every fit is there.
            Trace<Split.Test> test = traced(work, data, dataset, dataset.test(), "test", TraceFolder::test);
            Classifier classifier = Classifier.of(
                    work.model,
                    dataset.prompts(),
                    () -> traced(work, data, dataset, dataset.train(), "train", TraceFolder::train));
            work.progress.start("what adapters do on " + data.label(), left.size());
            int done = 0;
            for (Keyed each : left) {
                Adapter adapter = read(work, each).adapter();
                Trace<Split.Test> seen = seen(
                        each,
                        test,
                        t -> t.trace(dataset.test(), dataset.name() + " for a tuned tower", Progress.silent()));
                Forgetting.Line line = new Forgetting(
                                List.of(new Forgetting.Task(data.label(), classifier, seen)), null)
                        .of(adapter, 1)
                        .get(0);
                line.accuracy().forEach((task, a) -> remember(each.key, task, a.of(), a.value()));
                work.progress.at(++done);
                work.progress.done(look(each, dataset, work.cost));
            }
            work.progress.finish();
        }
        if (EmbeddedModels.has(work.name) && work.model.hasText()) {
            captions(work, adapters);
        }
    }

    private void captions(Work work, List<Keyed> adapters) {
        List<Keyed> left = missing(adapters, "captions found first");
        if (left.isEmpty()) {
            return;
        }
        CaptionedWorld world = new CaptionedWorld(work.model);
        Captioned plain = world.seenBy(work.tracer, work.progress);
        for (Keyed each : left) {
            Captioned seen = seen(each, plain, tracer -> world.seenBy(tracer, work.progress));
            Forgetting.Line line = new Forgetting(List.of(), seen)
                    .of(read(work, each).adapter(), 1)
                    .get(0);
            if (line.retrieval() != null) {
                remember(
                        each.key,
                        "captions found in five",
                        CaptionedWorld.SIZE,
                        line.retrieval().textOfImage5());
                remember(
                        each.key,
                        "captions found first",
                        CaptionedWorld.SIZE,
                        line.retrieval().textOfImage1());
            }
        }
    }

    private List<Keyed> missing(List<Keyed> adapters, String task) {
        Set<String> known = new HashSet<>();
        store.rows("SELECT key FROM forgetting WHERE task = ?", task).forEach(r -> known.add(r.text("key")));
        Set<String> fitted = store.keys(false);
        return adapters.stream()
                .filter(k -> !known.contains(k.key) && !(fitted.contains(k.key) && isGone(k)))
                .toList();
    }

    /** A sweep that ended has deleted its tuned towers; when data are added to it later, nothing is left to look with. */
    private boolean isGone(Keyed each) {
        return each.fit.variant().method() == Method.FULL && !Files.exists(tower(each.key));
    }

    private void remember(String key, String task, int images, double accuracy) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("key", key);
        row.put("task", task);
        row.put("images", images);
        row.put("accuracy", accuracy);
        store.put("forgetting", row);
    }

    /** A trace from the sweep's folder, made first if it is not there. */
    private <S extends Split> Trace<S> traced(
            Work work,
            Data data,
            Dataset dataset,
            LabelledImages<S> images,
            String split,
            Function<Path, Trace<S>> reader) {
        Path target = trace(work.traces, data, split);
        if (!Files.exists(target)) {
            long started = System.nanoTime();
            TraceFolder.Manifest manifest = TraceFolder.write(
                    target,
                    work.tracer,
                    images,
                    split,
                    dataset.prompts().classes(),
                    dataset.name() + " " + split,
                    TraceFolder.Precision.FULL,
                    work.progress);
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("model", work.name);
            row.put("dataset", data.label());
            row.put("split", split);
            row.put("images", images.size() - manifest.skipped().size());
            row.put("skipped", manifest.skipped().size());
            row.put("seconds", (System.nanoTime() - started) / 1e9);
            row.put("data_hash", manifest.provenance().data());
            row.put("decomposition_error", manifest.provenance().decompositionError());
            store.put("traces", row);
            work.progress.done(images.size() * work.cost.traceSeconds());
        }
        return reader.apply(target);
    }

    private static Dataset open(Data data) {
        Dataset dataset = Datasets.open(data.recipe(), data.reading(), Progress.silent());
        List<String> templates = data.templates().isEmpty() ? dataset.prompts().templates() : data.templates();
        List<String> classes = data.reading().classes().isEmpty()
                ? dataset.prompts().classes()
                : data.reading().classes();
        int found = dataset.prompts().classes().size();
        int wanted = data.expected().getOrDefault("classes", classes.size());
        if (classes.size() != found || wanted != found) {
            throw InputException.at(
                    "the data set " + data.label(),
                    found + " classes",
                    (wanted == found ? classes.size() : wanted) + ", as the sweep says",
                    "Correct the sweep's file, or check that these are the right files");
        }
        DatasetSpec recipe = data.recipe();
        int images = dataset.size();
        int published = data.expected().entrySet().stream()
                .filter(e -> !e.getKey().equals("classes"))
                .mapToInt(Map.Entry::getValue)
                .sum();
        boolean whole = recipe.train() + recipe.validation() + recipe.test() == 0;
        if (whole && published > 0 && images != published) {
            throw InputException.at(
                    "the data set " + data.label(),
                    images + " images",
                    published + ", as the sweep says",
                    "Fetch the data again, or correct the sweep's file");
        }
        return dataset.with(new Prompts(classes, templates));
    }

    private List<Keyed> keyed(ImageTextModel model, Data data) {
        return sweep.fits().stream()
                .map(fit -> new Keyed(fit, key(model.hash(), data, fit)))
                .toList();
    }

    private String key(String model, Data data, Sweep.Fit fit) {
        return RunKey.of(model, data.recipe(), data.reading(), data.templates(), fit, sweep.allImagesOnly());
    }

    private Path traces(String name, ImageTextModel model) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[.-]+", ""); // no hidden folder
        return folder.resolve("traces").resolve(plain + "-" + model.hash().substring(0, 8));
    }

    private static Path trace(Path traces, Data data, String split) {
        String recipe = RunKey.ofTraces(data.recipe(), data.reading());
        return traces.resolve(data.label().replaceAll("[^A-Za-z0-9._-]+", "-") + "-" + recipe)
                .resolve(split);
    }

    private Path adapter(String key) {
        return folder.resolve("adapters").resolve(key + ".safetensors");
    }

    private Path tower(String key) {
        return folder.resolve("towers").resolve(key);
    }

    private static String curve(List<Epoch> curve) {
        StringBuilder text = new StringBuilder("epoch,penalty,train_loss,validation_loss,validation_accuracy\n");
        for (Epoch e : curve) {
            text.append(String.format(
                    java.util.Locale.ROOT,
                    "%d,%s,%s,%.6f,%.6f%n",
                    e.epoch(),
                    e.penalty(),
                    Double.isNaN(e.trainLoss()) ? "" : String.valueOf((float) e.trainLoss()),
                    e.validationLoss(),
                    e.validationAccuracy()));
        }
        return text.toString();
    }

    private static String now() {
        return Provenance.now();
    }

    @Override
    public void close() {
        store.close();
    }
}
