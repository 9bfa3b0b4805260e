package io.residual.examples;

import io.residual.Classifier;
import io.residual.Embedder;
import io.residual.Experiment;
import io.residual.Explanation;
import io.residual.Fit;
import io.residual.Images;
import io.residual.PatchMap;
import io.residual.Residual;
import io.residual.Settings;
import io.residual.Trace;
import io.residual.WhatIf;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.predict.Prediction;
import io.residual.spectrum.Spectrum;
import io.residual.units.UnitId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/** Answers to what a Java engineer asks first, as methods that a test runs. The Javadoc and docs/ quote them. */
public final class UsingTheLibrary {
    private UsingTheLibrary() {}

    /** Zero-shot: class names instead of an adapter. */
    public static String zeroShot(String model, Path image) {
        try (Residual residual = Residual.open(model);
                Classifier classifier = residual.zeroShot(List.of("circle", "square"))) {
            return classifier.classify(image).label();
        }
    }

    /** Threads: one classifier, as many threads as there are. */
    public static List<String> manyThreads(Classifier classifier, List<Path> images)
            throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<Prediction>> work = new ArrayList<>();
            for (Path image : images) {
                work.add(pool.submit(() -> classifier.classify(image)));
            }
            List<String> labels = new ArrayList<>();
            for (Future<Prediction> one : work) {
                labels.add(one.get().label());
            }
            return labels;
        } finally {
            pool.shutdown();
        }
    }

    /** Batches: one call for many images is faster than many calls. */
    public static long accepted(Classifier classifier, List<Path> images) {
        List<Prediction> predictions = classifier.classify(images);
        return predictions.stream().filter(Prediction::accepted).count();
    }

    /** Errors: what a user can put right is one exception, with a message to show. */
    public static Optional<String> labelOf(Classifier classifier, Path upload) {
        try {
            return Optional.of(classifier.classify(upload).label());
        } catch (InputException e) {
            System.err.println(e.getMessage());
            return Optional.empty();
        }
    }

    /** Upgrades: a new adapter beside the old one, then the exchange, then the end of the old one. */
    public static void replace(Residual residual, AtomicReference<Classifier> current, Path adapter) {
        Classifier next = residual.classifier(adapter); // refuses an adapter of another model or a damaged file
        Classifier last = current.getAndSet(next);
        last.close(); // once no thread uses it any more
    }

    /** Similar images: embeddings have unit length, so their inner product is the cosine. */
    public static double similarity(Classifier classifier, Path one, Path other) {
        float[] a = classifier.embed(one);
        float[] b = classifier.embed(other);
        double cosine = 0;
        for (int i = 0; i < a.length; i++) {
            cosine += a[i] * b[i];
        }
        return cosine;
    }

    /** Images and texts in one space. */
    public static double fit(Embedder embedder, String text, Path image) {
        float[] sought = embedder.text(text);
        float[] shown = embedder.image(image);
        double cosine = 0;
        for (int i = 0; i < sought.length; i++) {
            cosine += sought[i] * shown[i];
        }
        return cosine;
    }

    /** Why this class and not that one: the unit that speaks for it most. */
    public static String reason(Classifier classifier, Path image, String one, String other) {
        Explanation explanation = classifier.explain(image);
        Explanation.Part most = explanation.between(one, other).get(0);
        return most.name();
    }

    /** Where: what the patch adds that speaks most for one class against another. */
    public static double where(Classifier classifier, Path image, String one, String other) {
        PatchMap map = classifier.where(image, one, other);
        double most = Collections.max(map.patches());
        System.out.printf(
                "%s: %+.2f, of it %+.2f on no patch; the strongest patch %+.2f%n",
                map.what(), map.total(), map.elsewhere(), most);
        return most;
    }

    /** What if: by how much the first class's logit would change without a head, or with the head of other images. */
    public static List<Double> whatIf(Classifier classifier, Path image, List<Path> others) {
        UnitId head = new UnitId(UnitId.Kind.HEAD, 5, 0);
        WhatIf without = classifier.whatIf().zero(head);
        WhatIf average = classifier.whatIf().mean(head, others);
        WhatIf patched = classifier.whatIf().mean(head, others.subList(0, 1));
        double logit = classifier.whatIf().logits(image).get(0);
        return List.of(
                without.logits(image).get(0) - logit,
                average.logits(image).get(0) - logit,
                patched.logits(image).get(0) - logit);
    }

    /** Settings: a stricter target, a draw of eight images a class. */
    public static double fewLabels(Residual residual, Path folder) {
        Images images = Images.of(folder).atMost(200, 100, 100);
        Experiment experiment = residual.on(images, Settings.DEFAULT.targetAccuracy(0.99));
        try (Fit fit = experiment.few(8, 1).fit(Method.RESIDUAL_STAR)) {
            return fit.validationAccuracy();
        }
    }

    /** Taking apart: the spectrum of one head over some images. */
    public static double participationRatio(Residual residual, List<Path> images) {
        Trace trace = residual.trace(images);
        UnitId head = new UnitId(UnitId.Kind.HEAD, 5, 0);
        Spectrum spectrum = trace.spectrum(head);
        return spectrum.participationRatio();
    }
}
