package io.residual.spectrum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.fixtures.AnyNumbers;
import io.residual.provenance.Provenance;
import io.residual.units.UnitShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Writing spectra and reading them again gives the same spectra, units without a component among them. */
class SpectrumRoundTripTest {
    private Path file = Path.of("");

    @BeforeTry
    void make() throws IOException {
        file = Files.createTempFile("spectra", ".safetensors");
    }

    @AfterTry
    void delete() throws IOException {
        Files.delete(file);
    }

    @Property(tries = 150)
    void writeThenRead_isTheIdentity(
            @ForAll @IntRange(min = 1, max = 3) int layers,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll @IntRange(min = 1, max = 5) int sharedWidth,
            @ForAll @LongRange(min = 0) long count,
            @ForAll @Size(max = 3) Map<String, String> settings,
            @ForAll Random random) {
        UnitShape shape = new UnitShape(layers, heads, 2, sharedWidth);
        List<Spectrum> spectra = new ArrayList<>();
        for (int u = 0; u < shape.units(); u++) {
            int rank = random.nextInt(sharedWidth + 1);
            spectra.add(new Spectrum(
                    shape.unit(u),
                    count,
                    AnyNumbers.doubles(sharedWidth, random),
                    AnyNumbers.doubles(rank, random),
                    AnyNumbers.doubles(rank * sharedWidth, random)));
        }
        SpectrumFile written =
                new SpectrumFile(shape, spectra, new Provenance("t", "c", "m", "d", 1, 1e-7, settings, "hash"));
        written.write(file);
        SpectrumFile read = SpectrumFile.read(file);
        assertEquals(shape, read.shape());
        assertEquals(written.provenance(), read.provenance());
        assertEquals(spectra.size(), read.spectra().size());
        for (int u = 0; u < spectra.size(); u++) {
            Spectrum one = spectra.get(u);
            Spectrum other = read.spectra().get(u);
            assertEquals(one.unit(), other.unit());
            assertEquals(one.count(), other.count());
            assertArrayEquals(one.mean(), other.mean());
            assertArrayEquals(one.eigenvalues(), other.eigenvalues());
            assertArrayEquals(one.components(), other.components());
        }
    }
}
