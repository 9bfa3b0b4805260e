package io.residual.description;

import java.util.List;

/**
 * Texts with their directions in the shared space.
 *
 * @param texts M of them
 * @param directions [M, D], rows of unit length
 */
public record Dictionary(List<String> texts, double[] directions) {
    public Dictionary {
        texts = List.copyOf(texts);
        if (texts.isEmpty() || directions.length % texts.size() != 0) {
            throw new IllegalArgumentException(directions.length + " numbers for " + texts.size() + " texts");
        }
    }

    /** A dictionary of embeddings of any length. {@code embeddings} [M, D]. */
    public static Dictionary of(List<String> texts, float[] embeddings) {
        int d = embeddings.length / texts.size();
        double[] rows = new double[embeddings.length];
        for (int i = 0; i < texts.size(); i++) {
            double square = 0;
            for (int j = 0; j < d; j++) {
                square += (double) embeddings[i * d + j] * embeddings[i * d + j];
            }
            for (int j = 0; j < d; j++) {
                rows[i * d + j] = embeddings[i * d + j] / Math.sqrt(square);
            }
        }
        return new Dictionary(texts, rows);
    }

    /** D. */
    public int width() {
        return directions.length / texts.size();
    }
}
