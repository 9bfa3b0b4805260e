package io.residual;

import io.residual.adapt.Method;
import io.residual.experiment.TestScore;
import java.nio.file.Path;

/**
 * A fitted method of an experiment: its accuracy, its test score, its adapter file. Not safe for several threads. Close
 * it: after full fine-tuning it owns a model.
 */
public final class Fit implements AutoCloseable {
    private final io.residual.experiment.Fit fit;

    Fit(io.residual.experiment.Fit fit) {
        this.fit = fit;
    }

    /**
     * The method.
     *
     * @return as it was given
     */
    public Method method() {
        return fit.method();
    }

    /**
     * The number of learned parameters.
     *
     * @return 0 for {@link Method#BASE}
     */
    public int parameters() {
        return fit.parameters();
    }

    /**
     * Accuracy on the training images, from 0 to 1. A value far above {@link #validationAccuracy()} means overfitting.
     *
     * @return a share
     */
    public double trainAccuracy() {
        return fit.trainAccuracy();
    }

    /**
     * Accuracy on the validation images, from 0 to 1. Choices were made on them, so it is optimistic.
     *
     * @return a share
     */
    public double validationAccuracy() {
        return fit.validationAccuracy();
    }

    /**
     * Seconds spent on fitting, without tracing.
     *
     * @return wall-clock seconds
     */
    public double seconds() {
        return fit.seconds();
    }

    /**
     * Measures the test score. The first call within an experiment opens its test split and ends fitting. Later calls
     * return the same score.
     *
     * @return the score with its interval
     */
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

    /**
     * Writes the adapter and its provenance atomically as one safetensors file.
     *
     * @param target the file, replaced if it is an adapter
     * @throws io.residual.base.InputException if the file cannot be written
     * @throws IllegalStateException after full fine-tuning, which makes a model and no adapter
     */
    public void save(Path target) {
        fit.save(target);
    }

    /** Frees what this fit holds. A second call does nothing. */
    @Override
    public void close() {
        fit.close();
    }
}
