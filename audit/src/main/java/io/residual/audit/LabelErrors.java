package io.residual.audit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Images whose label is probably wrong, by confident learning (Northcutt et al. 2021): an image counts as one of another class if its
 * probability of that class, predicted without it, reaches the mean probability that images with that label have.
 *
 * @param suspects the most suspicious first
 * @param thresholds the mean probability of its own label among the images of each class
 */
public record LabelErrors(List<Suspect> suspects, double[] thresholds) {
    /**
     * A label that is probably wrong.
     *
     * @param row place in the rows of {@link OutOfSample}
     * @param proposed the class that it confidently counts as
     * @param ofGiven probability of its own label
     * @param ofProposed probability of the proposed label
     */
    public record Suspect(int image, int row, int given, int proposed, double ofGiven, double ofProposed) {}

    /** Finds them. */
    static LabelErrors of(OutOfSample predictions, int[] labels) {
        int classes = predictions.classes();
        int[] rows = predictions.rows();
        double[] sums = new double[classes];
        int[] counts = new int[classes];
        for (int r = 0; r < rows.length; r++) {
            int label = labels[rows[r]];
            sums[label] += predictions.probability(r, label);
            counts[label]++;
        }
        double[] thresholds = new double[classes];
        for (int c = 0; c < classes; c++) {
            thresholds[c] = counts[c] == 0 ? Double.POSITIVE_INFINITY : sums[c] / counts[c];
        }
        List<Suspect> suspects = new ArrayList<>();
        for (int r = 0; r < rows.length; r++) {
            int given = labels[rows[r]];
            int confident = -1;
            for (int c = 0; c < classes; c++) {
                double p = predictions.probability(r, c);
                if (p >= thresholds[c] && (confident < 0 || p > predictions.probability(r, confident))) {
                    confident = c;
                }
            }
            if (confident >= 0 && confident != given) {
                suspects.add(new Suspect(
                        rows[r],
                        r,
                        given,
                        confident,
                        predictions.probability(r, given),
                        predictions.probability(r, confident)));
            }
        }
        suspects.sort(Comparator.comparingDouble((Suspect s) -> Math.log(Math.max(1e-9, s.ofGiven))
                        - Math.log(Math.max(1e-9, s.ofProposed)))
                .thenComparing(Suspect::image));
        return new LabelErrors(List.copyOf(suspects), thresholds);
    }
}
