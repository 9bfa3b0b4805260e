package io.residual.experiment;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.AdapterFile.Tested;
import io.residual.adapt.Calibration;
import io.residual.adapt.Method;
import io.residual.data.Split;
import io.residual.fit.PathEnd;
import io.residual.fit.Trainer.Epoch;
import io.residual.model.ImageTextModel;
import io.residual.model.TrainableTower;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.zeroshot.Classifier;
import io.residual.zeroshot.PairedDifference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fitted method of an experiment. {@link #test()} is the only way to a test score, and {@link #save(Path)} the only
 * way to an adapter's file. Not safe for several threads. Close it: after full fine-tuning it owns a tower.
 */
public final class Fit implements AutoCloseable {
    private final Experiment experiment;
    private final Method method;
    private final Adapter adapter;
    private final Classifier classifier;
    private final Calibration calibration;
    private final @Nullable TrainableTower tower;
    private final @Nullable ImageTextModel tuned; // the tuned tower's model, or one that was tuned before
    private final Course course;
    private @Nullable TestScore score;
    private @Nullable String testHash;

    /**
     * The course of a fit.
     *
     * @param parameters number of learned parameters
     * @param trainAccuracy accuracy on the training images; NaN if unknown
     * @param best the point that validation selected
     * @param curve all points evaluated on validation, the start first
     * @param note what is to be known of the fit; null for nothing
     */
    record Course(
            int parameters,
            double trainAccuracy,
            Epoch best,
            List<Epoch> curve,
            double seconds,
            @Nullable String note) {
        Course {
            curve = List.copyOf(curve);
        }

        /** The course of an adapter that was read from a file. */
        static Course unknown(AdapterFile file) {
            Epoch kept = new Epoch(0, 0, Double.NaN, Double.NaN, file.info().validationAccuracy());
            return new Course(file.adapter().parameters(), Double.NaN, kept, List.of(kept), 0, null);
        }
    }

    Fit(
            Experiment experiment,
            Method method,
            Adapter adapter,
            Classifier classifier,
            Calibration calibration,
            @Nullable TrainableTower tower,
            @Nullable ImageTextModel tuned,
            Course course) {
        this.experiment = experiment;
        this.method = method;
        this.adapter = adapter;
        this.classifier = classifier;
        this.calibration = calibration;
        this.tower = tower;
        this.tuned = tuned;
        this.course = course;
    }

    Course course() {
        return course;
    }

    /** The method. */
    public Method method() {
        return method;
    }

    /** The adapter; the identity where the whole tower was tuned. */
    public Adapter adapter() {
        return adapter;
    }

    /** The frozen class embeddings it was fitted against. */
    public Classifier classifier() {
        return classifier;
    }

    /** Temperature and rejection threshold, fitted on validation. */
    public Calibration calibration() {
        return calibration;
    }

    /** The tuned tower, or null for an adapter. */
    public @Nullable TrainableTower tower() {
        return tower;
    }

    /** The tuned model that traces images instead of the experiment's model, or null. */
    @Nullable
    ImageTextModel tuned() {
        return tuned;
    }

    /** The number of learned parameters. */
    public int parameters() {
        return course.parameters;
    }

    /** Share right of the images it was fitted on. */
    public double trainAccuracy() {
        return course.trainAccuracy;
    }

    /** Share right of the validation images, of what was kept. */
    public double validationAccuracy() {
        return course.best.validationAccuracy();
    }

    /**
     * Its results on held-out validation images, which neither fitting nor selection saw.
     *
     * @throws IllegalStateException if none were set aside: see {@link Experiment#few}
     */
    public HeldOut heldOut() {
        return experiment.heldOut(this);
    }

    /**
     * A line about the fit: of the strength that validation chose, where the path ended without its having turned, or of images that
     * taught nothing; else null.
     */
    public @Nullable String note() {
        return course.note != null ? course.note : PathEnd.note(method, course.best, course.curve);
    }

    /** The point that validation selected. */
    public Epoch best() {
        return course.best;
    }

    /** Everything that validation saw, the start first. */
    public List<Epoch> curve() {
        return course.curve;
    }

    /** Seconds spent on fitting. */
    public double seconds() {
        return course.seconds;
    }

    /** The score on the test split, which the first call of an experiment opens. Later calls give the same score. */
    public TestScore test() {
        TestScore known = score;
        if (known == null) {
            Trace<Split.Test> seen = experiment.openTest(tuned);
            known = TestScore.of(adapter, classifier, calibration, seen);
            testHash = seen.provenance().data();
            score = known;
        }
        return known;
    }

    /** The hash of the test images and labels it was tested on; tests it if that has not happened. */
    public String testHash() {
        test();
        return Objects.requireNonNull(testHash);
    }

    /** Its row in tables; opens the test split if that has not happened. */
    public MethodResult result() {
        return new MethodResult(
                method, parameters(), validationAccuracy(), test(), calibration, best().epoch(), seconds(), curve());
    }

    /** The provenance of the fit. */
    public Provenance provenance() {
        return experiment.provenance();
    }

    /** The adapter with all that is needed to use it beside its model, and with the test's accuracy once it was tested. */
    public AdapterFile file() {
        TestScore known = score;
        return new AdapterFile(
                adapter,
                classifier,
                AdapterFile.info(
                        adapter,
                        experiment.dataset().prompts(),
                        experiment.spec(),
                        validationAccuracy(),
                        known == null ? null : known.accuracy().value(),
                        calibration,
                        testHash,
                        provenance()),
                experiment.model().selfCheck());
    }

    /**
     * Writes the adapter as one file, whole or not at all.
     *
     * @throws IllegalStateException if the whole tower was tuned: see {@link #tower()}
     */
    public void save(Path target) {
        save(target, List.of());
    }

    /**
     * As {@link #save(Path)}, with warnings for whoever uses the adapter, one sentence each; those that its test gave are added.
     *
     * @throws IllegalStateException if the whole tower was tuned: see {@link #tower()}
     */
    public void save(Path target, List<String> warnings) {
        save(target, warnings, null);
    }

    /**
     * As {@link #save(Path, List)}; the file also counts what the test gained over the unadapted model.
     *
     * @param base the unadapted model's fit of the same experiment, tested; null for none
     */
    public void save(Path target, List<String> warnings, @Nullable Fit base) {
        if (tuned != null) {
            throw new IllegalStateException("full fine-tuning makes a model's folder, not an adapter's file");
        }
        List<String> all = new ArrayList<>(warnings);
        all.addAll(Advice.onCalibration(experiment.validation().size()));
        if (score != null) {
            all.addAll(Advice.onUse(Advice.Tested.of(this)));
        }
        AdapterFile file = file().warned(all);
        TestScore known = score;
        (known == null ? file : file.tested(counts(known, base))).write(target);
    }

    private static Tested counts(TestScore known, @Nullable Fit base) {
        BitSet right = known.right();
        BitSet before = base == null || base.score == null ? null : base.score.right();
        if (right == null || before == null) {
            return new Tested(known.accuracy(), null);
        }
        int both = right.cardinality();
        int plain = before.cardinality();
        before.and(right);
        int shared = before.cardinality();
        return new Tested(
                known.accuracy(),
                new PairedDifference(
                        both - shared, plain - shared, known.accuracy().of()));
    }

    @Override
    public void close() {
        if (tower != null) {
            tower.close();
        } else if (tuned != null) {
            tuned.close();
        }
    }
}
