package io.residual.verify;

/**
 * One quantity compared with its reference.
 *
 * @param quantity its name in the kit
 * @param error largest error found, in the quantity's own measure; NaN if it could not be computed
 * @param tolerance largest error allowed
 * @param note what the measure is, or why it could not be computed
 */
public record Check(String quantity, double error, double tolerance, String note) {
    /** Whether the error lies within the tolerance. */
    public boolean passed() {
        return error <= tolerance;
    }
}
