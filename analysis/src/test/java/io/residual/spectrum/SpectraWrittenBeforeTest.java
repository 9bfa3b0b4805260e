package io.residual.spectrum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.fixtures.Recorded;
import io.residual.units.UnitShape;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A file of spectra of format 1, as the writer of November 2026 made it, is read to the same numbers. */
class SpectraWrittenBeforeTest {
    @Test
    void fileOfFormat1_isRead() {
        SpectrumFile read = SpectrumFile.read(Recorded.file("spectra-of-format-1.safetensors"));
        assertEquals(new UnitShape(1, 2, 2, 3), read.shape());
        assertEquals(1.5e-7, read.provenance().decompositionError());
        assertEquals("c".repeat(64), read.provenance().selfCheck());
        assertEquals(
                Map.of("source", "photos", "images", "10", "model_name", "world-clip"),
                read.provenance().settings());
        for (int u = 0; u < read.shape().units(); u++) {
            Spectrum spectrum = read.spectra().get(u);
            assertEquals(10 + u, spectrum.count());
            assertArrayEquals(new double[] {2.0 + u, .125}, spectrum.eigenvalues());
            assertArrayEquals(new double[] {u, .5, -.25}, spectrum.mean());
            assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0}, spectrum.components());
        }
    }
}
