package io.residual.spectrum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.weights.SafetensorsWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostileSpectraTest {
    private static final String PROVENANCE =
            "{\"tool\":\"t\",\"created\":\"c\",\"model\":\"m\",\"data\":\"d\",\"seed\":0,"
                    + "\"decompositionError\":0.0,\"settings\":{},\"certificate\":null}";

    @TempDir
    Path temporary;

    /** Four units (embedding, two heads, an MLP) of width 4, with these ranks and room for four components. */
    private Path write(String info, long... ranks) {
        Path file = temporary.resolve("a.spectra");
        new SafetensorsWriter()
                .add("ranks", ranks, ranks.length)
                .add("counts", new long[ranks.length], ranks.length)
                .add("means", new double[ranks.length * 4], ranks.length, 4)
                .add("eigenvalues", new double[4], 4)
                .add("components", new double[16], 4, 4)
                .metadata("residual-spectrum", info)
                .write(file);
        return file;
    }

    private static String info(String shape) {
        return "{\"version\":1,\"shape\":" + shape + ",\"provenance\":" + PROVENANCE + "}";
    }

    private static final String SHAPE = "{\"layers\":1,\"heads\":2,\"headWidth\":2,\"sharedWidth\":4}";

    private static void refused(Path file, String saying) {
        InputException e = assertThrows(InputException.class, () -> SpectrumFile.read(file));
        assertTrue(String.valueOf(e.getMessage()).contains(saying), e.getMessage());
    }

    @Test
    void theGoodOne_isRead() {
        assertEquals(
                4, SpectrumFile.read(write(info(SHAPE), 1, 0, 2, 1)).spectra().size());
    }

    /** 2³¹ − 1 twice and 6 more add up to 4 in 32 bits, 2⁶³ − 1 twice and 6 more in 64; their components would fill the memory. */
    @ParameterizedTest
    @CsvSource({
        "2147483647,2147483647,6,0",
        "9223372036854775807,9223372036854775807,6,0",
        "1099511627776,0,2,2",
        "-1,2,2,1",
        "5,-1,0,0",
        "1,1,1,0"
    })
    void ranksThatDoNotAddUp_areRefused(long a, long b, long c, long d) {
        refused(write(info(SHAPE), a, b, c, d), "do not fit together");
    }

    @Test
    void shapesThatCannotBe_areRefused() {
        refused(write("null", 1, 0, 2, 1), "a JSON object");
        refused(write("{\"version\":1}", 1, 0, 2, 1), "'shape'");
        refused(write(info(SHAPE.replace("4}", "65537}")), 1, 0, 2, 1), "'sharedWidth'");
        refused(write(info(SHAPE.replace("\"heads\":2", "\"heads\":3")), 1, 0, 2, 1), "do not fit together");
        refused(write(info(SHAPE).replace("\"version\":1", "\"version\":9"), 1, 0, 2, 1), "'version'");
    }
}
