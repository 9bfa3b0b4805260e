package io.residual.zeroshot;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The temperature that maximises the likelihood of the labels; logits are divided by it (Guo et al. 2017, section 4).
 * It changes no decision, only how sure of it the probabilities are.
 */
public final class Temperature {
    /** ln of the smallest and largest temperature that is tried. Few images, all right, would want none at all. */
    private static final double LOWEST = Math.log(.005);

    private static final double HIGHEST = Math.log(20);

    /** Where the temperature is at that end, further ones are tried: logits of discriminants can be a hundred times too large. */
    private static final double FURTHER = Math.log(1e5);

    private static final double PRECISION = 1e-4;

    /** Whether a temperature is at the lower end of what is searched: it was not determined by the images. */
    public static boolean isLowest(double temperature) {
        return Math.log(temperature) < LOWEST + .01;
    }

    private Temperature() {}

    /**
     * Fits the temperature.
     *
     * @param logits logits of the images in order, in blocks of n × C numbers
     * @param classes C
     * @param labels one per image
     * @throws IllegalArgumentException if a logit is not finite
     */
    public static double fit(List<double[]> logits, int classes, int... labels) {
        if (!Double.isFinite(loss(logits, classes, labels, 1))) {
            throw new IllegalArgumentException("logits that are not finite have no temperature");
        }
        double usual = search(LOWEST, HIGHEST, logits, classes, labels);
        double found = usual > HIGHEST - 2 * PRECISION ? search(HIGHEST, FURTHER, logits, classes, labels) : usual;
        return Math.exp(found);
    }

    /**
     * Fits the temperature for probabilities that people read. Where all images are right, the likelihood has no maximum: the lower the temperature,
     * the better, until every image is certain. There the labels count (n + 1)/(n + 2) each and the other classes the rest, which is what n
     * images without an error tell of the next (Platt 1999, section 2.2).
     *
     * @param logits as in {@link #fit}
     */
    public static double cautious(List<double[]> logits, int classes, int... labels) {
        if (classes < 2 || !allRight(logits, classes, labels)) {
            return fit(logits, classes, labels);
        }
        double doubt = 1.0 / (labels.length + 2);
        return Math.exp(search(LOWEST, FURTHER, t -> smoothed(logits, classes, labels, t, doubt)));
    }

    private static boolean allRight(List<double[]> logits, int classes, int... labels) {
        int image = 0;
        for (double[] block : logits) {
            for (int from = 0; from < block.length; from += classes, image++) {
                for (int c = 0; c < classes; c++) {
                    if (c != labels[image] && !(block[from + c] < block[from + labels[image]])) {
                        return false;
                    }
                }
            }
        }
        return image > 0;
    }

    /** Mean cross-entropy with labels that count 1 − doubt. */
    private static double smoothed(List<double[]> logits, int classes, int[] labels, double temperature, double doubt) {
        double sum = 0;
        int image = 0;
        for (double[] block : logits) {
            for (int from = 0; from < block.length; from += classes, image++) {
                double[] p = probabilities(block, from, classes, temperature);
                for (int c = 0; c < classes; c++) {
                    double weight = c == labels[image] ? 1 - doubt : doubt / (classes - 1);
                    sum -= weight * Math.log(Math.max(Double.MIN_NORMAL, p[c]));
                }
            }
        }
        return sum / image;
    }

    /** ln of the best temperature of a range. The loss is convex in 1/T and so has one minimum in ln T, which the golden section finds. */
    private static double search(double from, double to, List<double[]> logits, int classes, int... labels) {
        return search(from, to, t -> loss(logits, classes, labels, t));
    }

    private static double search(double from, double to, DoubleUnaryOperator loss) {
        double ratio = (Math.sqrt(5) - 1) / 2;
        double low = from;
        double high = to;
        double left = high - ratio * (high - low);
        double right = low + ratio * (high - low);
        double atLeft = loss.applyAsDouble(Math.exp(left));
        double atRight = loss.applyAsDouble(Math.exp(right));
        while (high - low > PRECISION) {
            if (atLeft <= atRight) {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - ratio * (high - low);
                atLeft = loss.applyAsDouble(Math.exp(left));
            } else {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + ratio * (high - low);
                atRight = loss.applyAsDouble(Math.exp(right));
            }
        }
        return (low + high) / 2;
    }

    /** Mean cross-entropy at a temperature. */
    static double loss(List<double[]> logits, int classes, int[] labels, double temperature) {
        double sum = 0;
        int image = 0;
        for (double[] block : logits) {
            for (int from = 0; from < block.length; from += classes, image++) {
                sum -= Math.log(
                        Math.max(Double.MIN_NORMAL, probabilities(block, from, classes, temperature)[labels[image]]));
            }
        }
        return sum / Math.max(1, image);
    }

    /** softmax(logits / T) of one image. */
    public static double[] probabilities(double[] logits, int from, int classes, double temperature) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            largest = Math.max(largest, logits[from + c]);
        }
        double[] out = new double[classes];
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            out[c] = Math.exp((logits[from + c] - largest) / temperature);
            sum += out[c];
        }
        for (int c = 0; c < classes; c++) {
            out[c] /= sum;
        }
        return out;
    }
}
