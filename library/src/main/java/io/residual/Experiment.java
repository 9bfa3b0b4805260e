package io.residual;

import io.residual.adapt.Method;
import java.util.List;

/**
 * One model on one data set. Methods are fitted on the training split, every choice is made on the validation split, and {@link
 * Fit#test()} opens the test split; after that this experiment fits nothing any more.
 *
 * <p>Images are traced once, when first needed, for all methods. For one thread at a time.
 */
public final class Experiment {
    private final io.residual.experiment.Experiment experiment;

    Experiment(io.residual.experiment.Experiment experiment) {
        this.experiment = experiment;
    }

    /** The classes' names, in the order of labels. */
    public List<String> classes() {
        return experiment.dataset().prompts().classes();
    }

    /**
     * Fits a method and calibrates it on validation.
     *
     * @throws IllegalStateException if the test split has been opened
     * @throws io.residual.base.InputException if a class has no readable training image
     */
    public Fit fit(Method method) {
        return new Fit(experiment.fit(method));
    }

    /**
     * The same experiment with few labels: so many training images per class, validation as scarce. The test split is shared.
     *
     * @param shots training images per class, 1 or more
     * @param draw which images are drawn
     */
    public Experiment few(int shots, long draw) {
        return new Experiment(experiment.few(shots, draw));
    }
}
