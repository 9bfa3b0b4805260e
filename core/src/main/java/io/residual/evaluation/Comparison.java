package io.residual.evaluation;

import io.residual.alignment.Aligner;
import io.residual.alignment.AlignmentSettings;
import io.residual.alignment.Classifier;
import io.residual.alignment.Method;
import io.residual.alignment.Trainer.Fitted;
import io.residual.base.Progress;
import io.residual.images.Dataset;
import io.residual.images.LabelledPictures;
import io.residual.images.Split;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares methods on data sets with one model: each picture is traced once for all methods, every choice is made on
 * validation, and the test split is looked at once, by the adapters that were chosen.
 */
public final class Comparison {
    private final ImageTextModel model;
    private final Tracer tracer;
    private final AlignmentSettings settings;
    private final Progress progress;
    private final @Nullable LabelledPictures<Split.Train> general;
    private @Nullable Trace<Split.Train> generalTrace;

    /**
     * A comparison with one model.
     *
     * @param general pictures whose components serve as bases for every data set; null for each one's own training
     *     pictures
     */
    public Comparison(
            ImageTextModel model,
            AlignmentSettings settings,
            @Nullable LabelledPictures<Split.Train> general,
            Progress progress) {
        this.model = model;
        this.tracer = new Tracer(model);
        this.settings = settings;
        this.general = general;
        this.progress = progress;
    }

    /** What fitting on one data set needs, the test split not among it. */
    public record Prepared(
            Dataset dataset,
            Trace<Split.Train> train,
            Trace<Split.Validation> validation,
            Classifier classifier,
            Aligner aligner,
            double seconds) {}

    /** The tracer, for its frame. */
    public Tracer tracer() {
        return tracer;
    }

    /** Traces what fitting needs. */
    public Prepared prepare(Dataset dataset) {
        long started = System.nanoTime();
        Trace<Split.Train> train = tracer.trace(dataset.train(), dataset.name() + " train", progress);
        Trace<Split.Validation> validation =
                tracer.trace(dataset.validation(), dataset.name() + " validation", progress);
        Classifier classifier = Classifier.of(model, dataset.prompts(), () -> train);
        Aligner aligner = new Aligner(
                train, validation, general == null ? train : generalTrace(), classifier, settings, progress);
        return new Prepared(dataset, train, validation, classifier, aligner, (System.nanoTime() - started) / 1e9);
    }

    private Trace<Split.Train> generalTrace() {
        Trace<Split.Train> known = generalTrace;
        if (known == null) {
            if (general == null) {
                throw new IllegalStateException("no general pictures");
            }
            known = tracer.trace(general, "general pictures", progress);
            generalTrace = known;
        }
        return known;
    }

    /** Traces the test split. To be called when every choice has been made. */
    public Trace<Split.Test> openTest(Dataset dataset) {
        return tracer.trace(dataset.test(), dataset.name() + " test", progress);
    }

    /**
     * Runs methods on a data set.
     *
     * @param fitted is told every adapter as it is fitted
     */
    public DatasetResult run(Dataset dataset, List<Method> methods, List<String> notes, Consumer<Fitted> fitted) {
        Prepared prepared = prepare(dataset);
        Map<Method, Fitted> chosen = new LinkedHashMap<>();
        for (Method method : methods) {
            Fitted result = prepared.aligner.fit(method);
            chosen.put(method, result);
            fitted.accept(result);
        }
        long started = System.nanoTime();
        Trace<Split.Test> test = openTest(dataset);
        double seconds = prepared.seconds + (System.nanoTime() - started) / 1e9;
        List<MethodResult> results = new ArrayList<>();
        chosen.forEach((method, f) -> results.add(new MethodResult(
                method,
                f.adapter().parameters(),
                f.best().validationAccuracy(),
                TestScore.of(f.adapter(), prepared.classifier, test),
                f.best().epoch(),
                f.seconds(),
                f.curve())));
        return new DatasetResult(
                dataset.name(),
                dataset.origin(),
                String.valueOf(model.folder().getFileName()),
                dataset.prompts().classes().size(),
                sizes(prepared, test),
                seconds,
                hashes(prepared, test),
                results,
                notes(prepared, test, notes),
                provenance(prepared, test));
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

    private static List<String> notes(Prepared prepared, Trace<Split.Test> test, List<String> given) {
        List<String> notes = new ArrayList<>(given);
        List<String> skipped = new ArrayList<>(prepared.train.skipped());
        skipped.addAll(prepared.validation.skipped());
        skipped.addAll(test.skipped());
        if (!skipped.isEmpty()) {
            notes.add(skipped.size() + " unreadable " + (skipped.size() == 1 ? "picture was" : "pictures were")
                    + " left out; the first: " + skipped.get(0));
        }
        return notes;
    }

    /** The provenance of what was fitted. */
    public Provenance provenance(Prepared prepared, Trace<Split.Test> test) {
        Map<String, String> all = settings.byName();
        all.put("bases", general == null ? "own training pictures" : "general pictures");
        double error = Math.max(
                prepared.train.provenance().decompositionError(),
                Math.max(
                        prepared.validation.provenance().decompositionError(),
                        test.provenance().decompositionError()));
        return Provenance.now(model.hash(), prepared.train.provenance().data(), settings.seed(), error, all)
                .certified(model.certificate());
    }
}
