package io.residual.evaluation;

import io.residual.alignment.Adapter;
import io.residual.alignment.Aligner;
import io.residual.alignment.AlignmentSettings;
import io.residual.alignment.Bases;
import io.residual.alignment.Calibration;
import io.residual.alignment.Classifier;
import io.residual.alignment.FineTuner;
import io.residual.alignment.FineTuner.Tuned;
import io.residual.alignment.Method;
import io.residual.alignment.Trainer.Fitted;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.images.Dataset;
import io.residual.images.LabelledPictures;
import io.residual.images.Orientation;
import io.residual.images.Split;
import io.residual.model.ImageTextModel;
import io.residual.model.TrainableTower;
import io.residual.provenance.Provenance;
import io.residual.units.PictureTracer;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares methods on data sets with one model: each picture is traced once for all methods, every choice is made on
 * validation, and the test split is looked at once, by what was chosen.
 */
public final class Comparison {
    private final ImageTextModel model;
    private final PictureTracer tracer;
    private final Settings settings;
    private final Progress progress;
    private final @Nullable General general;

    /** General pictures and their components, traced when first needed and shared by comparisons of one model. */
    private static final class General {
        private final LabelledPictures<Split.Train> pictures;
        private @Nullable Bases bases;

        General(LabelledPictures<Split.Train> pictures) {
            this.pictures = pictures;
        }

        Bases bases(PictureTracer tracer, Progress progress) {
            Bases known = bases;
            if (known == null) {
                known = new Bases(tracer.trace(pictures, "general pictures", progress));
                bases = known;
            }
            return known;
        }
    }

    /**
     * How.
     *
     * @param alignment of adapters
     * @param tuning of the whole tower
     * @param wanted the accuracy asked of what is not rejected
     */
    public record Settings(AlignmentSettings alignment, FineTuner.Settings tuning, double wanted) {
        /** What is used unless told otherwise. */
        public static final Settings DEFAULT = of(AlignmentSettings.DEFAULT);

        public Settings {
            if (!(wanted >= 0 && wanted <= 1)) {
                throw InputException.at("accept", String.valueOf(wanted), "a share from 0 to 1", "Correct it");
            }
        }

        /** The same with other settings of fine-tuning. */
        public Settings with(FineTuner.Settings other) {
            return new Settings(alignment, other, wanted);
        }

        /** The usual, but for how adapters are fitted. */
        public static Settings of(AlignmentSettings alignment) {
            return new Settings(alignment, FineTuner.Settings.DEFAULT, Calibration.WANTED);
        }
    }

    /**
     * A comparison with one model.
     *
     * @param general pictures whose components serve as bases for every data set; null for each one's own training
     *     pictures
     */
    public Comparison(
            ImageTextModel model,
            Settings settings,
            @Nullable LabelledPictures<Split.Train> general,
            Progress progress) {
        this(model, new Tracer(model), settings, general == null ? null : new General(general), progress);
    }

    /** The same with pictures that are traced elsewhere, by the same model. */
    public Comparison(ImageTextModel model, PictureTracer tracer, Settings settings, Progress progress) {
        this(model, tracer, settings, null, progress);
    }

    private Comparison(
            ImageTextModel model,
            PictureTracer tracer,
            Settings settings,
            @Nullable General general,
            Progress progress) {
        this.model = model;
        this.tracer = tracer;
        this.settings = settings;
        this.general = general;
        this.progress = progress;
    }

    /** The same with other settings; what was prepared by one serves the other. */
    public Comparison with(Settings other) {
        return new Comparison(model, tracer, other, general, progress);
    }

    /** What fitting on one data set needs, the test split not among it. */
    public record Prepared(
            Dataset dataset,
            Trace<Split.Train> train,
            Trace<Split.Validation> validation,
            Classifier classifier,
            Bases bases,
            double seconds) {}

    /** Traces what fitting needs. */
    public Prepared prepare(Dataset dataset) {
        dataset.requireTrained(); // before anything is traced
        long started = System.nanoTime();
        Trace<Split.Train> train = tracer.trace(dataset.train(), dataset.name() + " train", progress);
        Trace<Split.Validation> validation =
                tracer.trace(dataset.validation(), dataset.name() + " validation", progress);
        return prepare(dataset, train, validation, (System.nanoTime() - started) / 1e9);
    }

    /** The same from traces that were made before. */
    public Prepared prepare(
            Dataset dataset, Trace<Split.Train> train, Trace<Split.Validation> validation, double seconds) {
        requireTrained(dataset, train);
        return prepare(dataset, train, validation, Classifier.of(model, dataset.prompts(), () -> train), seconds);
    }

    /** A class whose training pictures cannot be read would be fitted without any. */
    private static void requireTrained(Dataset dataset, Trace<Split.Train> train) {
        List<String> missing = new ArrayList<>(dataset.prompts().classes());
        for (int label : train.labels()) {
            missing.remove(dataset.prompts().classes().get(label));
        }
        if (!missing.isEmpty()) {
            throw InputException.at(
                    dataset.origin(),
                    "no readable training picture of the class '" + missing.get(0) + "'"
                            + (train.skipped().isEmpty()
                                    ? ""
                                    : " (of those left out the first: "
                                            + train.skipped().get(0) + ")"),
                    "at least one of every class",
                    "Add training pictures of it, raise --train, or take the class out");
        }
    }

    /** What fitting on some of the images needs; prompts are put into embeddings again only if the images matter to that. */
    Prepared some(Prepared whole, Dataset dataset, Trace<Split.Train> train, Trace<Split.Validation> validation) {
        return Classifier.needsImages(model)
                ? prepare(dataset, train, validation, 0)
                : prepare(dataset, train, validation, whole.classifier, 0);
    }

    private Prepared prepare(
            Dataset dataset,
            Trace<Split.Train> train,
            Trace<Split.Validation> validation,
            Classifier classifier,
            double seconds) {
        Bases bases = general == null ? new Bases(train) : general.bases(tracer, progress);
        return new Prepared(dataset, train, validation, classifier, bases, seconds);
    }

    /** Fits a method and calibrates it; the caller closes the candidate. */
    public Candidate fit(Prepared prepared, Method method) {
        if (method == Method.FULL) {
            return tune(prepared);
        }
        Fitted fitted = new Aligner(
                        prepared.train,
                        prepared.validation,
                        prepared.bases,
                        prepared.classifier,
                        settings.alignment,
                        progress)
                .fit(method);
        Adapter adapter = fitted.adapter();
        return new Candidate(
                method,
                adapter,
                prepared.classifier,
                null,
                adapter.parameters(),
                TestScore.accuracy(adapter, prepared.classifier, prepared.train).value(),
                fitted.best(),
                fitted.curve(),
                fitted.seconds(),
                Calibration.fit(adapter, prepared.classifier, prepared.validation, settings.wanted));
    }

    private Candidate tune(Prepared prepared) {
        Dataset dataset = prepared.dataset;
        Tuned tuned = new FineTuner(model, prepared.classifier, settings.tuning, progress)
                .tune(dataset.train(), dataset.validation());
        TrainableTower tower = tuned.tower();
        Tracer tunedTracer = new Tracer(tower.model());
        Adapter none = new Adapter.Identity();
        Trace<Split.Validation> validation =
                tunedTracer.trace(dataset.validation(), dataset.name() + " validation, tuned", progress);
        Trace<Split.Train> train = tunedTracer.trace(dataset.train(), dataset.name() + " train, tuned", progress);
        return new Candidate(
                Method.FULL,
                none,
                prepared.classifier,
                tower,
                Math.toIntExact(tower.size()),
                TestScore.accuracy(none, prepared.classifier, train).value(),
                tuned.best(),
                tuned.curve(),
                tuned.seconds(),
                Calibration.fit(none, prepared.classifier, validation, settings.wanted));
    }

    /**
     * What a candidate says of validation images that it was not chosen by.
     *
     * @param pictures that the traced ones are among; a tuned tower sees them anew
     */
    public HeldOut heldOut(
            Candidate candidate, LabelledPictures<Split.Validation> pictures, Trace<Split.Validation> traced) {
        TrainableTower tower = candidate.tower();
        Trace<Split.Validation> seen = tower == null
                ? traced
                : new Tracer(tower.model())
                        .trace(pictures.named(new HashSet<>(traced.names())), "validation, tuned", progress);
        return TestScore.heldOut(candidate.adapter(), candidate.classifier(), seen);
    }

    /** Traces the test split and tests candidates, all of which have been chosen; results in their order. */
    List<MethodResult> test(Dataset dataset, List<Candidate> chosen) {
        Trace<Split.Test> test = openTest(dataset);
        return chosen.stream().map(c -> test(c, dataset, test)).toList();
    }

    /** Traces the test split. To be called when every choice has been made. */
    public Trace<Split.Test> openTest(Dataset dataset) {
        return tracer.trace(dataset.test(), dataset.name() + " test", progress);
    }

    /** Tests a candidate; a tuned tower sees the pictures anew, an adapter their trace. */
    public MethodResult test(Candidate candidate, Dataset dataset, Trace<Split.Test> test) {
        TrainableTower tower = candidate.tower();
        Trace<Split.Test> seen = tower == null
                ? test
                : new Tracer(tower.model()).trace(dataset.test(), dataset.name() + " test, tuned", progress);
        return new MethodResult(
                candidate.method(),
                candidate.parameters(),
                candidate.best().validationAccuracy(),
                TestScore.of(candidate.adapter(), candidate.classifier(), candidate.calibration(), seen),
                candidate.calibration(),
                candidate.best().epoch(),
                candidate.seconds(),
                candidate.curve());
    }

    /** Runs methods on a data set. */
    public DatasetResult run(Dataset dataset, List<Method> methods, List<String> notes) {
        Prepared prepared = prepare(dataset);
        List<Candidate> chosen = new ArrayList<>();
        try {
            methods.forEach(method -> chosen.add(fit(prepared, method)));
            long started = System.nanoTime();
            Trace<Split.Test> test = openTest(dataset);
            double seconds = prepared.seconds + (System.nanoTime() - started) / 1e9;
            List<MethodResult> results =
                    chosen.stream().map(c -> test(c, dataset, test)).toList();
            return new DatasetResult(
                    dataset.name(),
                    dataset.origin(),
                    String.valueOf(model.folder().getFileName()),
                    dataset.prompts().classes().size(),
                    sizes(prepared, test),
                    seconds,
                    hashes(prepared, test),
                    results,
                    notes(prepared, test, chosen, notes),
                    provenance(prepared, test));
        } finally {
            chosen.forEach(Candidate::close);
        }
    }

    private static Map<String, Integer> sizes(Prepared prepared, Trace<Split.Test> test) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("train", prepared.train.size());
        sizes.put("validation", prepared.validation.size());
        sizes.put("test", test.size());
        return sizes;
    }

    private static Map<String, String> hashes(Prepared prepared, Trace<Split.Test> test) {
        Map<String, String> hashes = new LinkedHashMap<>();
        hashes.put("train", prepared.train.provenance().data());
        hashes.put("validation", prepared.validation.provenance().data());
        hashes.put("test", test.provenance().data());
        return hashes;
    }

    /** What is to be known of a data set, of fits, and of pictures that could not be read, after what is given. */
    public static List<String> notes(
            Prepared prepared, Trace<Split.Test> test, List<Candidate> chosen, List<String> given) {
        List<String> notes = new ArrayList<>(given);
        notes.addAll(prepared.dataset.notes());
        chosen.stream().map(Candidate::note).filter(Objects::nonNull).forEach(notes::add);
        List<String> skipped = new ArrayList<>(prepared.train.skipped());
        skipped.addAll(prepared.validation.skipped());
        skipped.addAll(test.skipped());
        if (!skipped.isEmpty()) {
            notes.add(skipped.size() + " unreadable " + (skipped.size() == 1 ? "picture was" : "pictures were")
                    + " left out; the first: " + skipped.get(0));
        }
        return notes;
    }

    /** The provenance of what was fitted and tested. */
    public Provenance provenance(Prepared prepared, Trace<Split.Test> test) {
        return provenance(prepared, test.provenance().decompositionError());
    }

    /** The provenance of what was fitted. */
    public Provenance provenance(Prepared prepared) {
        return provenance(prepared, 0);
    }

    private Provenance provenance(Prepared prepared, double testError) {
        Map<String, String> all = new TreeMap<>(settings.alignment.byName());
        all.putAll(Orientation.settings());
        all.put("bases", general == null ? "own training pictures" : "general pictures");
        all.put(Provenance.MODEL_NAME, model.name());
        double error = Math.max(
                prepared.train.provenance().decompositionError(),
                Math.max(prepared.validation.provenance().decompositionError(), testError));
        return Provenance.now(model.hash(), prepared.train.provenance().data(), settings.alignment.seed(), error, all)
                .certified(model.certificate());
    }
}
