package io.residual.verify;

/** How far this program's numbers may be from a fixture's; docs/verification.md says the same. */
final class Tolerance {
    /** Relative to the largest value: what 32-bit floats in another order of summation may differ by. */
    static final double VALUES = 1e-4;

    /** Relative to the unit's largest eigenvalue: errors of values count twice in squares, and PCA amplifies them. */
    static final double EIGENVALUES = 1e-3;

    /** Relative to the largest: a gradient passes through the square of everything above. */
    static final double GRADIENTS = 1e-3;

    /** Similarities, correlations and explained shares, absolute: all lie in [-1, 1]. */
    static final double SCORES = 1e-3;

    /** TwoNN, relative: its slope is fitted on ratios of distances, of which nearly equal ones may change places. */
    static final double DIMENSIONS = 1e-2;

    /** Shares of right answers: the counts must be the same, and this is their rounding. */
    static final double COUNTED = 1e-9;

    /** The sum of units against the output, relative: the project's first invariant. */
    static final double SUM = 1e-5;

    /** Counts of what differs. */
    static final double EXACT = 0;

    private Tolerance() {}
}
