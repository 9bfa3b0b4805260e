package io.residual.predict;

import java.util.List;

/**
 * What an image was taken for.
 *
 * @param chosen the class's index
 * @param label the class's name
 * @param probability of it, calibrated where the adapter was
 * @param accepted whether that is enough for the accuracy that was promised when the adapter was fitted
 * @param probabilities of every class, in order
 */
public record Prediction(int chosen, String label, double probability, boolean accepted, List<Double> probabilities) {
    public Prediction {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability of " + probability);
        }
        probabilities = List.copyOf(probabilities);
    }
}
