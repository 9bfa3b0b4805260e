package io.residual.zeroshot;

/**
 * The difference of two accuracies on the same images.
 *
 * @param gained images that only the second is right on
 * @param lost images that only the first is right on
 * @param images all of them, 1 or more
 */
public record PairedDifference(int gained, int lost, int images) {
    private static final double Z = 1.959963984540054;
    private static final double LEVEL = .05;

    /** Checks the counts. */
    public PairedDifference {
        if (gained < 0 || lost < 0 || images < 1 || gained + lost > images) {
            throw new IllegalArgumentException(gained + " gained and " + lost + " lost of " + images);
        }
    }

    /** Accuracy of the second less that of the first. */
    public double value() {
        return (double) (gained - lost) / images;
    }

    /** Lower end of the 95 % interval (Agresti and Min 2005: half an image is added to each of the four counts). */
    public double low() {
        return Math.max(-1, centre() - half());
    }

    /** Upper end of the 95 % interval. */
    public double high() {
        return Math.min(1, centre() + half());
    }

    private double centre() {
        return (double) (gained - lost) / (images + 2);
    }

    private double half() {
        double n = images + 2.0;
        double difference = gained - lost;
        return Z * Math.sqrt(Math.max(0, gained + lost + 1 - difference * difference / n)) / n;
    }

    /** The two-sided p-value of {@link #p(int, int)}. */
    public double p() {
        return p(gained, lost);
    }

    /**
     * The two-sided p-value of the exact sign test, that is McNemar's test (McNemar 1947): of the images that one method alone is right
     * on, each method has half if they are equally good.
     */
    public static double p(int gained, int lost) {
        int n = gained + lost;
        double sum = 0;
        double log = -n * Math.log(2); // log of C(n, 0) / 2^n
        for (int k = 0; k <= Math.min(gained, lost); k++) {
            sum += Math.exp(log);
            log += Math.log((double) (n - k) / (k + 1));
        }
        return Math.min(1, 2 * sum);
    }

    /** Whether the two can be told apart, at the 5 % level. */
    public boolean told() {
        return p() < LEVEL;
    }
}
