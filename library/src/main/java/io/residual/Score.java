package io.residual;

/**
 * A test score.
 *
 * @param right images classified correctly
 * @param images tested
 * @param low lower end of the 95 % interval of the accuracy (Wilson 1927)
 * @param high upper end of it
 * @param coverage share of images whose largest probability reaches the rejection threshold
 * @param selectiveAccuracy accuracy on these images; NaN if there are none
 * @param calibrationError expected calibration error (ECE) after temperature scaling, 15 bins (Guo et al. 2017)
 */
public record Score(
        int right,
        int images,
        double low,
        double high,
        double coverage,
        double selectiveAccuracy,
        double calibrationError) {
    /**
     * Accuracy, from 0 to 1.
     *
     * @return a share
     */
    public double accuracy() {
        return (double) right / images;
    }

    @Override
    public String toString() {
        return String.format(
                java.util.Locale.ROOT,
                "accuracy %.1f %% (95 %% interval %.1f – %.1f, %d images)",
                100 * accuracy(),
                100 * low,
                100 * high,
                images);
    }
}
