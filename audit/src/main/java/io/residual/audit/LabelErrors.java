package io.residual.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images whose label is probably wrong, by confident learning (Northcutt et al. 2021, pruning by noise rate): an image counts as
 * confidently of a class if its probability of that class, predicted without it, reaches the mean probability that images with that
 * label have. These counts estimate how many images of each label are of each other class, and so many are suspects, those with the
 * largest margin, where the likeliest class is another one.
 *
 * @param suspects the most suspicious first
 * @param thresholds the mean probability of its own label among the images of each class
 */
public record LabelErrors(List<Suspect> suspects, double[] thresholds) {
    /**
     * A label that is probably wrong.
     *
     * @param row place in the rows of {@link OutOfSample}
     * @param proposed the likeliest class
     * @param ofGiven probability of its own label
     * @param ofProposed probability of the proposed label
     */
    public record Suspect(int image, int row, int given, int proposed, double ofGiven, double ofProposed) {}

    /** Finds them. */
    static LabelErrors of(OutOfSample predictions, int[] labels) {
        int classes = predictions.classes();
        int[] rows = predictions.rows();
        int[] counts = new int[classes];
        double[] thresholds = thresholds(predictions, labels, counts);
        double[][] joint = joint(predictions, labels, thresholds, counts);
        boolean[] marked = new boolean[rows.length];
        for (int given = 0; given < classes; given++) {
            for (int other = 0; other < classes; other++) {
                if (other != given) {
                    mark(predictions, labels, given, other, (int) Math.round(joint[given][other]), marked);
                }
            }
        }
        List<Suspect> suspects = new ArrayList<>();
        for (int r = 0; r < rows.length; r++) {
            int given = labels[rows[r]];
            int predicted = predictions.predicted(r);
            if (marked[r] && predicted != given) {
                suspects.add(new Suspect(
                        rows[r],
                        r,
                        given,
                        predicted,
                        predictions.probability(r, given),
                        predictions.probability(r, predicted)));
            }
        }
        suspects.sort(Comparator.comparingDouble(Suspect::ofGiven).thenComparing(Suspect::image));
        return new LabelErrors(List.copyOf(suspects), thresholds);
    }

    /** The mean probability of its own label among the images of each class, which {@code counts} takes the number of. */
    private static double[] thresholds(OutOfSample predictions, int[] labels, int[] counts) {
        int[] rows = predictions.rows();
        double[] sums = new double[counts.length];
        for (int r = 0; r < rows.length; r++) {
            int label = labels[rows[r]];
            sums[label] += predictions.probability(r, label);
            counts[label]++;
        }
        double[] thresholds = new double[counts.length];
        for (int c = 0; c < thresholds.length; c++) {
            thresholds[c] = counts[c] == 0 ? Double.POSITIVE_INFINITY : sums[c] / counts[c];
        }
        return thresholds;
    }

    /** Whether each row's likeliest class is confidently another one than its label. */
    static boolean[] contradicted(OutOfSample predictions, int[] labels) {
        int[] rows = predictions.rows();
        double[] thresholds = thresholds(predictions, labels, new int[predictions.classes()]);
        boolean[] found = new boolean[rows.length];
        for (int r = 0; r < rows.length; r++) {
            int likeliest = predictions.predicted(r);
            found[r] = likeliest != labels[rows[r]] && predictions.probability(r, likeliest) >= thresholds[likeliest];
        }
        return found;
    }

    /** The confident joint: how many images with each label are of each class, every label's row summing to its count. [C][C]. */
    private static double[][] joint(OutOfSample predictions, int[] labels, double[] thresholds, int[] counts) {
        int classes = predictions.classes();
        int[] rows = predictions.rows();
        double[][] joint = new double[classes][classes];
        for (int r = 0; r < rows.length; r++) {
            int confident = -1;
            for (int c = 0; c < classes; c++) {
                double p = predictions.probability(r, c);
                if (p >= thresholds[c] && (confident < 0 || p > predictions.probability(r, confident))) {
                    confident = c;
                }
            }
            if (confident >= 0) {
                joint[labels[rows[r]]][confident]++;
            }
        }
        for (int given = 0; given < classes; given++) {
            double sum = Arrays.stream(joint[given]).sum();
            for (int c = 0; c < classes; c++) {
                joint[given][c] *= sum == 0 ? 0 : counts[given] / sum;
            }
        }
        return joint;
    }

    /** Marks the images of a label that are likeliest of another class, as many as the joint says. */
    private static void mark(OutOfSample predictions, int[] labels, int given, int other, int count, boolean[] marked) {
        int[] rows = predictions.rows();
        IntStream.range(0, rows.length)
                .filter(r -> labels[rows[r]] == given)
                .boxed()
                .sorted(Comparator.comparingDouble(
                        (Integer r) -> predictions.probability(r, given) - predictions.probability(r, other)))
                .limit(count)
                .forEach(r -> marked[r] = true);
    }
}
