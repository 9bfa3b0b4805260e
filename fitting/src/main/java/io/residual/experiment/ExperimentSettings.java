package io.residual.experiment;

import io.residual.adapt.Calibration;
import io.residual.base.InputException;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.FineTuner;

/**
 * The settings of an experiment. Immutable.
 *
 * @param alignment settings of adapters
 * @param tuning settings of full fine-tuning
 * @param targetAccuracy target accuracy on covered images (those that are not rejected), from 0 to 1
 */
public record ExperimentSettings(AlignmentSettings alignment, FineTuner.Settings tuning, double targetAccuracy) {
    /** The defaults. */
    public static final ExperimentSettings DEFAULT = of(AlignmentSettings.DEFAULT);

    public ExperimentSettings {
        if (!(targetAccuracy >= 0 && targetAccuracy <= 1)) {
            throw InputException.at(
                    "target-accuracy", String.valueOf(targetAccuracy), "a share from 0 to 1", "Give one such as 0.95");
        }
    }

    /** A copy with other settings of fine-tuning. */
    public ExperimentSettings with(FineTuner.Settings other) {
        return new ExperimentSettings(alignment, other, targetAccuracy);
    }

    /** The default but for how adapters are fitted. */
    public static ExperimentSettings of(AlignmentSettings alignment) {
        return new ExperimentSettings(alignment, FineTuner.Settings.DEFAULT, Calibration.TARGET_ACCURACY);
    }
}
