package io.residual.predict;

import java.util.List;

/**
 * The prediction for one image. Immutable.
 *
 * @param chosen the class's index
 * @param label the class's name
 * @param probability its probability, calibrated if there is an adapter
 * @param accepted whether the probability reaches the rejection threshold; false means "unsure"
 * @param probabilities probabilities of all C classes, in order
 */
public record Prediction(int chosen, String label, double probability, boolean accepted, List<Double> probabilities) {
    /** Checks the probability and copies the list. */
    public Prediction {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability of " + probability);
        }
        probabilities = List.copyOf(probabilities);
    }
}
