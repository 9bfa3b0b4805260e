package io.residual.probing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.Progress;
import io.residual.spectrum.Spectrum;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoleProbingTest {
    private static final UnitShape SHAPE = new UnitShape(3, 4, 2, 8);

    /** One component of length 1 a unit. */
    private static Spectrum spectrum(UnitId unit, double... direction) {
        double norm = 0;
        for (double x : direction) {
            norm += x * x;
        }
        for (int i = 0; i < direction.length; i++) {
            direction[i] /= Math.sqrt(norm);
        }
        return new Spectrum(unit, 10, new double[direction.length], new double[] {1}, direction);
    }

    /** Head h along axis h, on every data set. */
    private static List<Spectrum> planted() {
        List<Spectrum> spectra = new ArrayList<>();
        for (UnitId unit : SHAPE.ids()) {
            double[] axis = new double[8];
            axis[unit.head()] = 1;
            spectra.add(spectrum(unit, axis));
        }
        return spectra;
    }

    private static List<Spectrum> random(Random random) {
        return SHAPE.ids().stream()
                .map(unit -> spectrum(unit, random.doubles(8).map(x -> x - .5).toArray()))
                .toList();
    }

    @Test
    void headsThatKeepTheirRoles_areRecognised() {
        RoleProbing.Result found = RoleProbing.of(SHAPE, List.of(planted(), planted(), planted()), Progress.silent());
        assertEquals(1, found.recognised());
        assertArrayEquals(new double[] {1, 1, 1}, found.same(), 1e-9);
        assertArrayEquals(new double[] {0, 0, 0}, found.other(), 1e-9);
    }

    /**
     * By chance one of four: of 12 heads, 30 pairs of data sets and both ways 180 of 720. A pair's two ways hang together, which
     * at most doubles the variance of 135.
     */
    @Test
    void headsWithoutRoles_areRecognisedByChance() {
        Random random = new Random(1);
        List<List<Spectrum>> spectra = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            spectra.add(random(random));
        }
        int recognised = 0;
        for (int i = 0; i < 60; i += 2) {
            RoleProbing.Result found = RoleProbing.of(SHAPE, spectra.subList(i, i + 2), Progress.silent());
            recognised += (int) Math.round(found.recognised() * 24);
            for (int l = 0; l < 3; l++) {
                assertTrue(found.same()[l] < 1 && found.other()[l] > 0);
            }
        }
        assertEquals(180, recognised, 3 * Math.sqrt(2 * 135));
    }

    /** A constant head has no directions: it is left out of the means, and not recognised. */
    @Test
    void constantHeads_areLeftOut() {
        List<Spectrum> spectra = new ArrayList<>(planted());
        UnitId constant = new UnitId(UnitId.Kind.HEAD, 1, 2);
        spectra.set(SHAPE.index(constant), new Spectrum(constant, 10, new double[8], new double[0], new double[0]));
        RoleProbing.Result found = RoleProbing.of(SHAPE, List.of(spectra, spectra), Progress.silent());
        assertArrayEquals(new double[] {1, 1, 1}, found.same(), 1e-9);
        assertEquals(11 / 12.0, found.recognised(), 1e-9);
    }
}
