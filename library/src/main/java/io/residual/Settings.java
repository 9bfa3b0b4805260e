package io.residual;

import io.residual.experiment.ExperimentSettings;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.FineTuner;

/** Settings of fits and calibration. Immutable: every method returns a changed copy. */
public final class Settings {
    /** The defaults: L-BFGS along a regularisation path. They did best on validation in this project's sweeps. */
    public static final Settings DEFAULT = new Settings(ExperimentSettings.DEFAULT);

    /** The published recipe (Basile et al., TMLR 2025). */
    public static final Settings PAPER = new Settings(ExperimentSettings.of(AlignmentSettings.PAPER));

    private final ExperimentSettings settings;

    private Settings(ExperimentSettings settings) {
        this.settings = settings;
    }

    /**
     * The target accuracy on accepted images. It sets the rejection threshold on validation.
     *
     * @param share above 0, at most 1; 0.95 by default
     * @return a changed copy
     * @throws io.residual.base.InputException if it is not
     */
    public Settings targetAccuracy(double share) {
        return new Settings(new ExperimentSettings(settings.alignment(), settings.tuning(), share));
    }

    /**
     * The share of each head's variance that the components of ResiDual* retain.
     *
     * @param share from 0 to 1
     * @return a changed copy
     * @throws io.residual.base.InputException if it is not
     */
    public Settings variance(double share) {
        AlignmentSettings a = settings.alignment();
        return new Settings(new ExperimentSettings(
                new AlignmentSettings(a.start(), a.means(), a.starOthers(), share, a.fitting(), a.seed(), a.goal()),
                settings.tuning(),
                settings.targetAccuracy()));
    }

    /**
     * The seed of the order of images and of random initial weights.
     *
     * @param seed any number
     * @return a changed copy
     */
    public Settings seed(long seed) {
        AlignmentSettings a = settings.alignment();
        FineTuner.Settings t = settings.tuning();
        return new Settings(new ExperimentSettings(
                new AlignmentSettings(a.start(), a.means(), a.starOthers(), a.variance(), a.fitting(), seed, a.goal()),
                new FineTuner.Settings(t.rate(), t.weightDecay(), t.clip(), t.batch(), t.epochs(), t.patience(), seed),
                settings.targetAccuracy()));
    }

    ExperimentSettings internal() {
        return settings;
    }
}
