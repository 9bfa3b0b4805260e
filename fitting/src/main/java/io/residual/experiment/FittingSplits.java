package io.residual.experiment;

import io.residual.base.InputException;
import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.fit.Bases;
import io.residual.fit.Unlabelled;
import io.residual.units.Trace;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What fitting sees of a data set, traced when first needed; the test split is not among it. For one thread at a time. */
final class FittingSplits {
    private final Experiments home;
    private final Dataset dataset;
    private final Traces traces;
    private @Nullable Trace<Split.Train> train;
    private @Nullable Trace<Split.Validation> validation;
    private @Nullable Trace<Split.Validation> heldOut; // images that no fit sees, where some were set aside
    private @Nullable Classifier classifier;
    private @Nullable Bases bases;
    private Unlabelled unlabelled = Unlabelled.NONE; // training images beside these, where these were drawn
    private final LabelledImages<Split.Validation> whole; // the held-out images among it
    private double seconds; // spent on tracing

    FittingSplits(Experiments home, Dataset dataset, Traces traces, LabelledImages<Split.Validation> whole) {
        this.home = home;
        this.dataset = dataset;
        this.traces = traces;
        this.whole = whole;
    }

    Trace<Split.Train> train() {
        Trace<Split.Train> known = train;
        if (known == null) {
            dataset.requireTrained(); // before anything is traced
            long started = System.nanoTime();
            known = traces.train();
            seconds += (System.nanoTime() - started) / 1e9;
            requireTrained(known);
            train = known;
        }
        return known;
    }

    Trace<Split.Validation> validation() {
        Trace<Split.Validation> known = validation;
        if (known == null) {
            long started = System.nanoTime();
            known = traces.validation();
            validation = known;
            seconds += (System.nanoTime() - started) / 1e9;
        }
        return known;
    }

    /** The images that no fit sees; null if none were set aside. */
    @Nullable
    Trace<Split.Validation> heldOut() {
        return heldOut;
    }

    /** The training images that are not among these, without their labels. */
    Unlabelled unlabelled() {
        return unlabelled;
    }

    /** The data set as fitting sees it. */
    Dataset dataset() {
        return dataset;
    }

    /** All validation images, the held-out ones among them. */
    LabelledImages<Split.Validation> whole() {
        return whole;
    }

    /** Seconds spent on tracing. */
    double seconds() {
        return seconds;
    }

    Classifier classifier() {
        Classifier known = classifier;
        if (known == null) {
            known = Classifier.of(home.model(), dataset.prompts(), this::train);
            classifier = known;
        }
        return known;
    }

    Bases bases() {
        Bases known = bases;
        if (known == null) {
            known = home.bases(train());
            bases = known;
        }
        return known;
    }

    /** A class whose training images cannot be read would be fitted without any. */
    private void requireTrained(Trace<Split.Train> traced) {
        List<String> missing = new ArrayList<>(dataset.prompts().classes());
        for (int label : traced.labels()) {
            missing.remove(dataset.prompts().classes().get(label));
        }
        if (!missing.isEmpty()) {
            throw InputException.at(
                    dataset.origin(),
                    "no readable training image of the class '" + missing.get(0) + "'"
                            + (traced.skipped().isEmpty()
                                    ? ""
                                    : " (of those left out the first: "
                                            + traced.skipped().get(0) + ")"),
                    "at least one of every class",
                    "Add training images of it, raise --train, or take the class out");
        }
    }

    /** Some of the images; class embeddings are made again only where they depend on the training images. */
    FittingSplits some(FewShots.Rows rows) {
        Trace<Split.Train> fewer = train().some(rows.train());
        Trace<Split.Validation> choosing = validation().some(rows.validation());
        FittingSplits few = new FittingSplits(
                home,
                dataset.with(
                        dataset.train().named(new HashSet<>(fewer.names())),
                        dataset.validation().named(new HashSet<>(choosing.names()))),
                traces,
                whole);
        few.requireTrained(fewer);
        few.train = fewer;
        few.validation = choosing;
        few.unlabelled = Unlabelled.of(train().some(others(rows.train(), train().size())));
        few.heldOut = validation().some(rows.heldOut());
        few.classifier = Classifier.needsImages(home.model()) ? null : classifier();
        return few;
    }

    /** The rows from 0 to n that are not among some ascending ones. */
    private static int[] others(int[] rows, int n) {
        return IntStream.range(0, n)
                .filter(row -> Arrays.binarySearch(rows, row) < 0)
                .toArray();
    }
}
