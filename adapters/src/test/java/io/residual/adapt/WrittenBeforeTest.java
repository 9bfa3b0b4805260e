package io.residual.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.ComponentDesign.Part;
import io.residual.data.DatasetSpec;
import io.residual.data.Prompts;
import io.residual.fixtures.MadeUpTrace;
import io.residual.fixtures.Recorded;
import io.residual.provenance.Provenance;
import io.residual.provenance.SelfCheck;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Adapter files of formats 2 and 3 as the writers of November 2026 made them, one of each method, are read to the same numbers. The
 * files are a promise to users and are not to be made anew: a change of the format gets files of its own beside them.
 */
class WrittenBeforeTest {
    private static final UnitFrame FRAME = MadeUpTrace.frame(new UnitShape(2, 2, 2, 3), 1);
    private static final String MODEL = "0123456789abcdef";
    private static final List<String> CLASSES = List.of("cat", "größer");

    /** Numbers that a float holds exactly: from, from + 1/8 and so on. */
    private static float[] eighths(int count, double from) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (from + i / 8.0);
        }
        return values;
    }

    private static Part part(int unit, int kept) {
        return new Part(FRAME.shape().unit(unit), kept, eighths(3, -unit), eighths(kept * 3, unit));
    }

    private static Adapter weighted(Design design) {
        return new Adapter.Spectral(design, eighths(design.parameters(), .5));
    }

    static Stream<Arguments> written() {
        return Stream.of(
                Arguments.of("base", new Adapter.Identity()),
                Arguments.of("linear", new Adapter.LinearMap(eighths(9, -1), eighths(3, 2))),
                Arguments.of("probe", new Adapter.Probe(eighths(6, -2), eighths(2, 3))),
                Arguments.of(
                        "tip-adapter",
                        new Adapter.Memory(Method.TIP, eighths(9, -.5), new int[] {0, 1, 1}, 1.5f, 5.5f)),
                Arguments.of(
                        "tip-adapter-f",
                        new Adapter.Memory(Method.TIP_TUNED, eighths(6, .25), new int[] {1, 0}, .5f, 2f)),
                Arguments.of("coarse", weighted(new HeadScaleDesign(FRAME, Others.KEPT))),
                Arguments.of("coarse-of-first-writer", weighted(new HeadScaleDesign(FRAME, Others.DROPPED))),
                Arguments.of("output", weighted(new OutputDesign(part(0, 2), Means.RESTORED))),
                Arguments.of(
                        "residual",
                        weighted(new ComponentDesign(
                                Method.RESIDUAL,
                                FRAME,
                                List.of(part(1, 2), part(2, 1), part(3, 0), part(4, 3), part(5, 1), part(6, 2)),
                                Others.KEPT,
                                Means.RESTORED))),
                Arguments.of(
                        "residual-star",
                        weighted(new ComponentDesign(
                                Method.RESIDUAL_STAR,
                                FRAME,
                                List.of(part(4, 1), part(2, 2)),
                                Others.DROPPED,
                                Means.DROPPED))));
    }

    private static AdapterFile file(String name, Adapter adapter) {
        boolean tested = name.startsWith("residual");
        AdapterFile.Info info = AdapterFile.info(
                adapter,
                new Prompts(CLASSES, List.of("a photo of a {}.")),
                new DatasetSpec("photos", 100, 0, 50, .2, .25, 42),
                .875,
                tested ? .75 : null,
                new Calibration(1.5, .5, .95, .9375, .625),
                tested ? "fedcba98" : null,
                new Provenance(
                        "0.1.0",
                        "2026-11-28T12:00:00Z",
                        MODEL,
                        "d",
                        7,
                        1e-6,
                        new TreeMap<>(Map.of("bases", "own training pictures", "rule", "path"))));
        SelfCheck selfCheck = tested
                ? new SelfCheck(
                        "t",
                        "c",
                        MODEL,
                        "f",
                        "clip",
                        List.of(new SelfCheck.Entry("sum of units", 1e-6, 1e-4, "n")),
                        List.of(),
                        List.of(),
                        List.of())
                : null;
        return new AdapterFile(adapter, new Classifier(CLASSES, eighths(6, 1)), info, selfCheck);
    }

    private static Path resource(int format, String name) {
        return Recorded.file("adapters-of-format-" + format).resolve(name + ".adapter");
    }

    @ParameterizedTest
    @MethodSource("written")
    void fileOfEveryMethod_isReadToTheSameNumbers(String name, Adapter adapter) {
        requireSame(2, name, adapter);
        if (!name.equals("coarse-of-first-writer")) {
            requireSame(3, name, adapter);
        }
    }

    private static void requireSame(int format, String name, Adapter adapter) {
        AdapterFile expected = file(name, adapter);
        AdapterFile read = AdapterFile.read(resource(format, name), FRAME, MODEL);
        SameAdapter.require(adapter, read.adapter());
        assertEquals(CLASSES, read.classifier().classes());
        assertArrayEquals(expected.classifier().weights(), read.classifier().weights());
        assertEquals(expected.selfCheck(), read.selfCheck());
        if (name.equals("coarse-of-first-writer")) { // which did not say yet what becomes of the other units
            assertNull(read.info().others());
        } else {
            assertEquals(expected.info(), read.info());
        }
    }

    /** Programs in other languages read these files, too: a move of code may not move their bytes. */
    @ParameterizedTest
    @MethodSource("written")
    void todaysWriter_writesTheSameBytes(String name, Adapter adapter, @TempDir Path folder) throws IOException {
        if (!name.equals("coarse-of-first-writer")) {
            Path target = folder.resolve("again.adapter");
            file(name, adapter).write(target);
            assertArrayEquals(Files.readAllBytes(resource(3, name)), Files.readAllBytes(target));
        }
    }
}
