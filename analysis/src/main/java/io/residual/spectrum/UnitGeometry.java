package io.residual.spectrum;

import io.residual.units.UnitId;

/**
 * Numbers that describe a unit's geometry (Basile et al. 2025, section 3.1).
 *
 * @param unit the unit
 * @param rank number of components with non-zero variance
 * @param variance total variance
 * @param kept90 components for 90 % of it
 * @param kept99 components for 99 % of it: the linear dimension
 * @param participationRatio a soft count of components
 * @param firstShare the first component's share
 * @param twoNn the nonlinear dimension; NaN where it was not or could not be measured
 */
public record UnitGeometry(
        UnitId unit,
        int rank,
        double variance,
        int kept90,
        int kept99,
        double participationRatio,
        double firstShare,
        double twoNn) {
    /** The figures of a spectrum, with a dimension measured elsewhere. */
    public static UnitGeometry of(Spectrum s, double twoNn) {
        return new UnitGeometry(
                s.unit(),
                s.rank(),
                s.totalVariance(),
                s.kept(.9),
                s.kept(.99),
                s.participationRatio(),
                s.firstShare(),
                twoNn);
    }

    /** Linear over nonlinear dimension: 1 for a flat cloud, more for a curved one; NaN without the latter. */
    public double curvature() {
        return kept99 / twoNn;
    }
}
