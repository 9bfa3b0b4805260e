package io.residual;

import io.residual.adapt.Method;
import java.util.List;

/**
 * One model on one data set. Methods are fitted on the training split, every choice is made on the validation split,
 * and {@link Fit#test()} opens the test split. After that, the experiment refuses to fit.
 *
 * <pre>{@code
 * try (Residual residual = Residual.open(args[0])) {
 *     Experiment experiment = residual.on(Images.named(args[1]));
 *     Fit before = experiment.fit(Method.BASE);
 *     Fit fit = experiment.fit(Method.RESIDUAL_STAR); // sees training and validation images only
 *     System.out.printf("%d numbers learned: test %s, before %s%n", fit.parameters(), fit.test(), before.test());
 *     fit.save(Path.of(args[2]));
 * }
 * }</pre>
 *
 * <p>Images are traced once, when first needed, and their traces (about h + 2 numbers per head and image) stay in the
 * Java heap. Not safe for several threads.
 */
public final class Experiment {
    private final io.residual.experiment.Experiment experiment;

    Experiment(io.residual.experiment.Experiment experiment) {
        this.experiment = experiment;
    }

    /**
     * The class names, in the order of the labels.
     *
     * @return C names
     */
    public List<String> classes() {
        return experiment.dataset().prompts().classes();
    }

    /**
     * Fits a method on the training split, selects on validation, and calibrates on validation.
     *
     * @param method what to fit; {@link Method#BASE} is the unadapted model
     * @return the fit, tested only when asked
     * @throws IllegalStateException if the test split has been opened
     * @throws io.residual.base.InputException if a class has no readable training image
     */
    public Fit fit(Method method) {
        return new Fit(experiment.fit(method));
    }

    /**
     * The same experiment with few labels: a random draw of training images per class, with equally scarce validation
     * images. Both experiments share the test split.
     *
     * @param shots training images per class, 1 or more
     * @param draw seed of the draw
     * @return an experiment of its own
     */
    public Experiment few(int shots, long draw) {
        return new Experiment(experiment.few(shots, draw));
    }
}
