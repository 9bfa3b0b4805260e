package io.residual.zeroshot;

/**
 * An accuracy with its 95 % interval (Wilson 1927).
 *
 * @param right number of correct answers
 * @param of number of answers, 1 or more
 */
public record Accuracy(int right, int of) {
    private static final double Z = 1.959963984540054;

    public Accuracy {
        if (right < 0 || of <= 0 || right > of) {
            throw new IllegalArgumentException(right + " right of " + of);
        }
    }

    /** The accuracy, from 0 to 1. */
    public double value() {
        return (double) right / of;
    }

    /** Lower end of the 95 % interval (Wilson 1927), which stays within [0, 1] and is honest near its ends. */
    public double low() {
        return Math.max(0, centre() - half());
    }

    /** Upper end of the 95 % interval. */
    public double high() {
        return Math.min(1, centre() + half());
    }

    private double centre() {
        return (value() + Z * Z / (2.0 * of)) / (1 + Z * Z / of);
    }

    private double half() {
        double p = value();
        return Z * Math.sqrt(p * (1 - p) / of + Z * Z / (4.0 * of * of)) / (1 + Z * Z / of);
    }
}
