package io.residual.evaluation;

import io.residual.alignment.Method;
import io.residual.alignment.Trainer.Epoch;
import java.util.List;

/**
 * One method on one data set.
 *
 * @param parameters numbers learned
 * @param validationAccuracy of the epoch that was kept
 * @param test the test split's score
 * @param bestEpoch 0 for the start
 * @param seconds spent on fitting
 * @param curve every epoch
 */
public record MethodResult(
        Method method,
        int parameters,
        double validationAccuracy,
        Accuracy test,
        int bestEpoch,
        double seconds,
        List<Epoch> curve) {
    public MethodResult {
        curve = List.copyOf(curve);
    }
}
