package io.residual.serve;

import io.residual.predict.Prediction;
import org.jspecify.annotations.Nullable;

/** Checks answers for finite numbers. Finite weights can be large enough to overflow on an image. */
final class Sanity {
    /** Probabilities add up to 1, and embeddings are of length 1, but for this. */
    private static final double ROUNDING = 1e-3;

    private Sanity() {}

    /** The problem of a prediction, or null. */
    static @Nullable String of(Prediction prediction) {
        double sum = prediction.probabilities().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        boolean fine = Math.abs(sum - 1) <= ROUNDING && Double.isFinite(prediction.probability());
        return fine ? null : "probabilities that add up to " + sum;
    }

    /** The problem of an embedding, or null. */
    static @Nullable String of(float... embedding) {
        double squares = 0;
        for (float value : embedding) {
            squares += (double) value * value;
        }
        double length = Math.sqrt(squares);
        return Math.abs(length - 1) <= ROUNDING ? null : "an embedding of length " + length;
    }
}
