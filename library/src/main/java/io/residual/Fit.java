package io.residual;

import io.residual.adapt.Method;
import io.residual.experiment.TestScore;
import java.nio.file.Path;

/** What a method made of an experiment's training and validation splits. For one thread at a time; close a fine-tuned one. */
public final class Fit implements AutoCloseable {
    private final io.residual.experiment.Fit fit;

    Fit(io.residual.experiment.Fit fit) {
        this.fit = fit;
    }

    /** The method. */
    public Method method() {
        return fit.method();
    }

    /** How many numbers were learned. */
    public int parameters() {
        return fit.parameters();
    }

    /** Share right of the images it was fitted on: far above the validation's, it overfits. */
    public double trainAccuracy() {
        return fit.trainAccuracy();
    }

    /** Share right of the validation images, which choices were made on. */
    public double validationAccuracy() {
        return fit.validationAccuracy();
    }

    /** Seconds that fitting took, tracing not counted. */
    public double seconds() {
        return fit.seconds();
    }

    /** Tests it. The first call of an experiment opens the test split; later calls give the same score. */
    public Score test() {
        TestScore score = fit.test();
        return new Score(
                score.accuracy().right(),
                score.accuracy().of(),
                score.accuracy().low(),
                score.accuracy().high(),
                score.reliability().coverage(),
                score.reliability().accepted(),
                score.reliability().errorAfter());
    }

    /** Writes the adapter as one file, whole or not at all, with where it comes from. */
    public void save(Path target) {
        fit.save(target);
    }

    @Override
    public void close() {
        fit.close();
    }
}
