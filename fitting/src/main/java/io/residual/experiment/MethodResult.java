package io.residual.experiment;

import io.residual.adapt.Calibration;
import io.residual.adapt.Method;
import io.residual.fit.Trainer.Epoch;
import io.residual.zeroshot.Accuracy;
import java.util.List;

/**
 * The result of one method on one data set. Immutable.
 *
 * @param parameters number of learned parameters
 * @param validationAccuracy accuracy of the selected point
 * @param score score on the test split
 * @param calibration fitted on validation
 * @param bestEpoch the selected epoch or position on the path; 0 for the start
 * @param seconds seconds spent on fitting
 * @param curve all points evaluated on validation
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
