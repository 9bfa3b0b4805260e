package io.residual.experiment;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.Method;
import io.residual.data.Audit;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.Split;
import io.residual.fit.Aligner;
import io.residual.fit.FineTuner;
import io.residual.fit.FineTuner.Tuned;
import io.residual.fit.Trainer.Fitted;
import io.residual.fit.Unlabelled;
import io.residual.heads.HeadSelection;
import io.residual.images.Orientation;
import io.residual.model.ImageTextModel;
import io.residual.model.TrainableTower;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One model on one data set: methods are fitted on the training split, every choice is made on the validation split, and what
 * was chosen is tested once on the test split.
 *
 * <p>The test split is traced by the first {@link Fit#test()} and not before. From then on this experiment, and every one
 * derived from it, fits nothing any more: no choice can follow a look at the test. For one thread at a time.
 */
public final class Experiment {
    private final Experiments home;
    private final Dataset dataset;
    private final DatasetSpec spec;
    private final ExperimentSettings settings;
    private final FittingSplits splits;
    private final TestSplit test;

    Experiment(Experiments home, Dataset dataset, DatasetSpec spec, ExperimentSettings settings, Traces traces) {
        this(
                home,
                dataset,
                spec,
                settings,
                new FittingSplits(home, dataset, traces, dataset.validation()),
                new TestSplit(dataset.name(), traces));
    }

    private Experiment(
            Experiments home,
            Dataset dataset,
            DatasetSpec spec,
            ExperimentSettings settings,
            FittingSplits splits,
            TestSplit test) {
        this.home = home;
        this.dataset = dataset;
        this.spec = spec;
        this.settings = settings;
        this.splits = splits;
        this.test = test;
    }

    /** The data set. */
    public Dataset dataset() {
        return dataset;
    }

    /** The same with other settings; traces, bases and the test split are shared. */
    public Experiment with(ExperimentSettings other) {
        return new Experiment(home, dataset, spec, other, splits, test);
    }

    /**
     * The same with few labels: so many training images a class, as scarce validation images, and half of the validation split
     * held out to compare methods by ({@link Fit#heldOut()}). The test split is shared.
     *
     * @param shots training images a class, or {@link FewShots#ALL}
     * @param draw which images are drawn
     */
    public Experiment few(int shots, long draw) {
        FittingSplits few =
                splits.some(FewShots.rows(dataset.name(), splits.train(), splits.validation(), shots, draw));
        return new Experiment(home, few.dataset(), spec, settings, few, test);
    }

    /** The training images. */
    public Trace<Split.Train> train() {
        return splits.train();
    }

    /** The validation images. */
    public Trace<Split.Validation> validation() {
        return splits.validation();
    }

    /** The frozen class embeddings. */
    public Classifier classifier() {
        return splits.classifier();
    }

    /** How many images fitting sees. */
    public int trainImages() {
        return splits.train().size();
    }

    /**
     * Fits a method and calibrates it on validation.
     *
     * @throws IllegalStateException if the test split has been opened
     */
    public Fit fit(Method method) {
        test.requireUnopened();
        method.requireFit();
        if (method == Method.FULL) {
            return tune();
        }
        KeptFits kept = home.kept();
        String key = kept == null
                ? ""
                : KeptFits.key(
                        home.computing(),
                        method,
                        settings,
                        home.basesHash(),
                        splits.classifier(),
                        splits.train(),
                        splits.validation());
        KeptFits.Kept before =
                kept == null ? null : kept.find(key, splits.train().frame(), model().hash());
        if (before != null) {
            AdapterFile file = before.file();
            return new Fit(
                    this,
                    method,
                    file.adapter(),
                    splits.classifier(),
                    file.info().calibration(),
                    null,
                    null,
                    before.course());
        }
        Fit made = align(method);
        if (kept != null) {
            kept.keep(key, made.file(), made.course());
        }
        return made;
    }

    private Fit align(Method method) {
        Fitted fitted = new Aligner(
                        splits.train(),
                        splits.validation(),
                        splits.bases(),
                        splits.classifier(),
                        settings.alignment(),
                        method.readsUnlabelled() ? splits.unlabelled() : Unlabelled.NONE,
                        home.progress())
                .fit(method);
        Adapter adapter = fitted.adapter();
        return new Fit(
                this,
                method,
                adapter,
                splits.classifier(),
                Calibration.fit(adapter, splits.classifier(), splits.validation(), settings.targetAccuracy()),
                null,
                null,
                new Fit.Course(
                        adapter.parameters(),
                        TestScore.accuracy(adapter, splits.classifier(), splits.train())
                                .value(),
                        fitted.best(),
                        fitted.curve(),
                        fitted.seconds(),
                        fitted.note()));
    }

    /** Fits several methods, in order; the caller closes the fits. */
    public List<Fit> fit(List<Method> methods) {
        List<Fit> fits = new ArrayList<>();
        try {
            methods.forEach(method -> fits.add(fit(method)));
            return fits;
        } catch (RuntimeException | Error e) {
            fits.forEach(Fit::close);
            throw e;
        }
    }

    private Fit tune() {
        Tuned tuned = new FineTuner(home.model(), splits.classifier(), settings.tuning(), home.progress())
                .tune(dataset.train(), dataset.validation());
        TrainableTower tower = tuned.tower();
        Tracer tracer = new Tracer(tower.model());
        Adapter none = new Adapter.Identity();
        Trace<Split.Validation> validation =
                tracer.trace(dataset.validation(), dataset.name() + " validation, tuned", home.progress());
        Trace<Split.Train> train = tracer.trace(dataset.train(), dataset.name() + " train, tuned", home.progress());
        return new Fit(
                this,
                Method.FULL,
                none,
                splits.classifier(),
                Calibration.fit(none, splits.classifier(), validation, settings.targetAccuracy()),
                tower,
                tower.model(),
                new Fit.Course(
                        Math.toIntExact(tower.size()),
                        TestScore.accuracy(none, splits.classifier(), train).value(),
                        tuned.best(),
                        tuned.curve(),
                        tuned.seconds(),
                        null));
    }

    /** What was fitted before and read from a file, to be tested here. It is not calibrated or chosen anew. */
    public Fit restored(AdapterFile file) {
        return restored(file, null);
    }

    /**
     * The same where the whole tower was tuned.
     *
     * @param tuned the tuned model, which the fit owns from now on; null for an adapter
     */
    public Fit restored(AdapterFile file, @Nullable ImageTextModel tuned) {
        return new Fit(
                this,
                tuned == null ? Method.named(file.info().method()) : Method.FULL,
                file.adapter(),
                file.classifier(),
                file.info().calibration(),
                null,
                tuned,
                Fit.Course.unknown(file));
    }

    /** Fits methods and tests them when all are fitted. */
    public DatasetResult run(List<Method> methods, List<String> notes) {
        List<Fit> fits = fit(methods);
        try {
            return test(fits, notes);
        } finally {
            fits.forEach(Fit::close);
        }
    }

    /** Tests what was fitted. */
    public DatasetResult test(List<Fit> fits, List<String> notes) {
        List<MethodResult> results = fits.stream().map(Fit::result).toList();
        Trace<Split.Test> tested = test.open();
        return new DatasetResult(
                dataset.name(),
                dataset.origin(),
                String.valueOf(model().folder().getFileName()),
                dataset.prompts().classes().size(),
                sizes(tested),
                splits.seconds() + test.seconds(),
                hashes(tested),
                results,
                notes(fits, notes),
                provenance());
    }

    /** Ranks heads on validation, then measures what was ranked on the test split, which this opens. */
    public HeadSelection.Result heads(boolean othersKept, long seed) {
        HeadSelection selection =
                new HeadSelection(splits.validation(), splits.classifier(), othersKept, seed, home.progress());
        return measured(selection::measure);
    }

    /**
     * What the test split says of something that is finished, and is no score of a fit. This opens the test split: nothing is
     * fitted from then on.
     *
     * @param measure sees the test images' trace, and keeps nothing of it but what it gives
     */
    public <T> T measured(Function<Trace<Split.Test>, T> measure) {
        return measure.apply(test.open());
    }

    /** What an adapter costs on this data set: its validation images, or its test images, which this opens. */
    public Forgetting.Task task(String name, Classifier with, boolean onTest) {
        return new Forgetting.Task(name, with, onTest ? test.open() : splits.validation());
    }

    /** The provenance of what is fitted here; the test split's is part of it once that has been opened. */
    public Provenance provenance() {
        Map<String, String> all = new TreeMap<>(settings.alignment().byName());
        all.putAll(Orientation.settings());
        all.put("bases", home.basesInWords());
        all.put(Provenance.MODEL_NAME, model().name());
        Trace<Split.Test> tested = test.opened();
        double error = Math.max(
                splits.train().provenance().decompositionError(),
                Math.max(
                        splits.validation().provenance().decompositionError(),
                        tested == null ? 0 : tested.provenance().decompositionError()));
        return Provenance.now(
                        model().hash(),
                        splits.train().provenance().data(),
                        settings.alignment().seed(),
                        error,
                        all)
                .checked(model().selfCheck());
    }

    ImageTextModel model() {
        return home.model();
    }

    DatasetSpec spec() {
        return spec;
    }

    /** The test split as an image tower sees it: the model's own, or a tuned one. */
    Trace<Split.Test> openTest(@Nullable ImageTextModel tuned) {
        Trace<Split.Test> plain = test.open();
        return tuned == null
                ? plain
                : new Tracer(tuned).trace(dataset.test(), dataset.name() + " test, tuned", home.progress());
    }

    /** What a fit says of the validation images that no fit sees. */
    HeldOut heldOut(Fit fit) {
        Trace<Split.Validation> plain = splits.heldOut();
        if (plain == null) {
            throw new IllegalStateException("no validation images were set aside: see few");
        }
        ImageTextModel tuned = fit.tuned();
        Trace<Split.Validation> seen = tuned == null
                ? plain
                : new Tracer(tuned)
                        .trace(
                                splits.whole().named(new HashSet<>(plain.names())),
                                "validation, tuned",
                                home.progress());
        return TestScore.heldOut(fit.adapter(), fit.classifier(), seen);
    }

    private Map<String, Integer> sizes(Trace<Split.Test> tested) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("train", splits.train().size());
        sizes.put("validation", splits.validation().size());
        sizes.put("test", tested.size());
        return sizes;
    }

    private Map<String, String> hashes(Trace<Split.Test> tested) {
        Map<String, String> hashes = new LinkedHashMap<>();
        hashes.put("train", splits.train().provenance().data());
        hashes.put("validation", splits.validation().provenance().data());
        hashes.put("test", tested.provenance().data());
        return hashes;
    }

    /**
     * What is to be known of the results of fits that were tested, of the data set, of the fits, and of images that could not be
     * read, after what is given.
     */
    public List<String> notes(List<Fit> fits, List<String> given) {
        List<String> notes = new ArrayList<>(given);
        notes.addAll(Advice.on(fits.stream().map(Advice.Tested::of).toList()));
        notes.addAll(Advice.onCalibration(splits.validation().size()));
        fits.stream().map(Fit::note).filter(Objects::nonNull).forEach(notes::add);
        List<String> skipped = new ArrayList<>(splits.train().skipped());
        skipped.addAll(splits.validation().skipped());
        Trace<Split.Test> tested = test.opened();
        skipped.addAll(tested == null ? List.of() : tested.skipped());
        dataset.notes().stream()
                .filter(note -> skipped.isEmpty() || !Audit.isOfNoImages(note)) // the last note names them
                .forEach(notes::add);
        if (!skipped.isEmpty()) {
            notes.add(skipped.size() + " unreadable " + (skipped.size() == 1 ? "image was" : "images were")
                    + " left out; the first: " + skipped.get(0));
        }
        return notes;
    }
}
