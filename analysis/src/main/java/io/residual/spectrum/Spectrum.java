package io.residual.spectrum;

import io.residual.base.InputException;
import io.residual.units.UnitId;

/**
 * A unit's mean and principal components in the shared space.
 *
 * @param unit which unit
 * @param count images it was computed from
 * @param mean [D]
 * @param eigenvalues [k] variances along the components, falling, with divisor n − 1; those of rounding left out
 * @param components [k, D], orthonormal rows; the sign of each is such that its largest entry is positive
 */
public record Spectrum(UnitId unit, long count, double[] mean, double[] eigenvalues, double[] components) {
    /** Checks that the lengths agree. The arrays are not copied. */
    public Spectrum {
        if (components.length != eigenvalues.length * mean.length) {
            throw new IllegalArgumentException(
                    eigenvalues.length + " eigenvalues, " + components.length + " numbers of components");
        }
    }

    /**
     * k, how many components have variance; 0 for a unit that is constant.
     *
     * @return at most D
     */
    public int rank() {
        return eigenvalues.length;
    }

    /**
     * The sum of the eigenvalues.
     *
     * @return the variance in all D directions
     */
    public double totalVariance() {
        double sum = 0;
        for (double value : eigenvalues) {
            sum += value;
        }
        return sum;
    }

    /**
     * The number of leading components whose cumulative share of the variance first exceeds {@code threshold}; all, if
     * none does (a threshold of 1, or rounding); 0 for a constant unit.
     *
     * @param threshold a share from 0 to 1
     * @return from 0 to {@link #rank()}
     * @throws InputException if the threshold lies outside [0, 1]
     */
    public int kept(double threshold) {
        if (!(threshold >= 0 && threshold <= 1)) {
            throw InputException.at(
                    "the variance to keep", String.valueOf(threshold), "a share from 0 to 1", "Give such a share");
        }
        double total = totalVariance();
        double sum = 0;
        for (int k = 0; k < rank(); k++) {
            sum += eigenvalues[k];
            if (sum / total > threshold) {
                return k + 1;
            }
        }
        return rank();
    }

    /**
     * The first component's share of the variance; 0 for a constant unit.
     *
     * @return a share
     */
    public double firstShare() {
        return rank() == 0 ? 0 : eigenvalues[0] / totalVariance();
    }

    /**
     * (Σ e)²/Σ e², a soft count of components; 0 for a constant unit.
     *
     * @return from 1 to {@link #rank()}, or 0
     */
    public double participationRatio() {
        double squares = 0;
        for (double value : eigenvalues) {
            squares += value * value;
        }
        double total = totalVariance();
        return rank() == 0 ? 0 : total * total / squares;
    }
}
