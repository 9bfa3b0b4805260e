package io.residual.experiment;

import io.residual.adapt.Calibration;
import io.residual.adapt.Method;
import io.residual.fit.Trainer.Epoch;
import io.residual.zeroshot.Accuracy;
import java.util.List;

/**
 * One method on one data set.
 *
 * @param parameters numbers learned
 * @param validationAccuracy of what was kept
 * @param score the test split's
 * @param calibration fitted on validation
 * @param bestEpoch 0 for the start
 * @param seconds spent on fitting
 * @param curve everything that validation saw
 */
public record MethodResult(
        Method method,
        int parameters,
        double validationAccuracy,
        TestScore score,
        Calibration calibration,
        int bestEpoch,
        double seconds,
        List<Epoch> curve) {
    public MethodResult {
        curve = List.copyOf(curve);
    }

    /** The test split's accuracy. */
    public Accuracy test() {
        return score.accuracy();
    }
}
