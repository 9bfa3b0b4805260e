package io.residual.spectrum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.fixtures.MadeUpTrace;
import io.residual.units.Trace;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpectralComparisonTest {
    private static final UnitShape SHAPE = new UnitShape(2, 2, 4, 8);

    private static List<Spectrum> spectra(long seed) {
        Trace<?> trace = MadeUpTrace.trace(
                MadeUpTrace.frame(SHAPE, 1), MadeUpTrace.block(MadeUpTrace.frame(SHAPE, 1), 30, 2, seed));
        return Pca.of(trace, SHAPE.ids());
    }

    private static SpectralComparison comparison(int traces) {
        List<String> names = new ArrayList<>();
        List<List<Spectrum>> spectra = new ArrayList<>();
        for (int i = 0; i < traces; i++) {
            names.add("t" + i);
            spectra.add(spectra(10 + i));
        }
        return SpectralComparison.of(names, SHAPE, spectra, .9, Progress.silent());
    }

    @Test
    void between_findsEachPairWhicheverWayRound() {
        SpectralComparison comparison = comparison(4);
        assertEquals(6, comparison.similarity().size());
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                assertArrayEquals(comparison.between(i, j), comparison.between(j, i));
                for (int h = 0; h < 4 && i != j; h++) {
                    double direct = SpectralSimilarity.of(
                            spectra(10 + Math.min(i, j)).get(1 + h),
                            spectra(10 + Math.max(i, j)).get(1 + h),
                            .9);
                    assertEquals(direct, comparison.between(i, j)[h], 1e-12);
                }
            }
        }
        assertArrayEquals(new double[] {1, 1, 1, 1}, comparison.between(2, 2));
        double[] pair = comparison.between(0, 3);
        assertEquals((pair[2] + pair[3]) / 2, comparison.mean(0, 3, 1), 1e-12);
    }

    @Test
    void correlation_ofAPatternWithItself_isOne() {
        SpectralComparison comparison = comparison(4);
        assertEquals(1, comparison.correlation(comparison), 1e-12);
        assertEquals(1, comparison.correlationOfMeans(comparison), 1e-12);
        assertTrue(Double.isNaN(comparison(2).correlationOfMeans(comparison(2))), "one pair says nothing");
        SpectralComparison three = comparison(3);
        assertThrows(InputException.class, () -> comparison.correlation(three));
        assertThrows(InputException.class, () -> comparison.correlationOfMeans(three));
    }

    @Test
    void pearson_byHand() {
        assertEquals(1, SpectralComparison.pearson(new double[] {1, 2, 3}, new double[] {5, 7, 9}), 1e-12);
        assertEquals(-1, SpectralComparison.pearson(new double[] {1, 2, 3}, new double[] {3, 2, 1}), 1e-12);
        assertEquals(.5, SpectralComparison.pearson(new double[] {1, 2, 3}, new double[] {1, 3, 2}), 1e-12);
        assertEquals(
                1, SpectralComparison.pearson(new double[] {1, Double.NaN, 2, 3}, new double[] {1, 8, 2, 3}), 1e-12);
        assertTrue(Double.isNaN(SpectralComparison.pearson(new double[] {1, 1, 1}, new double[] {1, 2, 3})));
    }

    @Test
    void of_oneTrace_isRefused() {
        assertThrows(InputException.class, () -> comparison(1));
    }
}
