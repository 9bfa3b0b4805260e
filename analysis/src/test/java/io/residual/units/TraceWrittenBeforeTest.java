package io.residual.units;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.data.Split;
import io.residual.fixtures.Recorded;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceFolder.Manifest;
import io.residual.units.TraceFolder.Precision;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Trace folders of formats 1 and 2 as the writers of November 2026 made them are read to the same numbers. The folders are a promise to
 * users and are not to be made anew: a change of the format gets folders of its own beside them.
 */
class TraceWrittenBeforeTest {
    private static final UnitShape SHAPE = new UnitShape(2, 2, 2, 3);

    /** Numbers that 16 bits hold exactly: from, from + 1/8 and so on. */
    private static float[] eighths(int count, double from) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (from + i / 8.0);
        }
        return values;
    }

    private static UnitFrame frame() {
        return new UnitFrame(SHAPE, eighths(SHAPE.allHeads() * SHAPE.sharedWidth() * (SHAPE.headWidth() + 3), -4));
    }

    private static TraceBlock block(int images, int from) {
        return new TraceBlock(
                SHAPE,
                eighths(images * SHAPE.allHeads() * SHAPE.headWidth(), from),
                eighths(images * 2, -from),
                eighths(images * (1 + SHAPE.layers()) * SHAPE.sharedWidth(), from - .5),
                eighths(images * SHAPE.sharedWidth(), from + 2),
                IntStream.range(0, images).map(i -> (i + from) % 2).toArray(),
                IntStream.range(0, images)
                        .mapToObj(i -> "Größe " + from + "/" + i + ".png")
                        .toList());
    }

    private static List<TraceBlock> blocks() {
        return List.of(block(3, 1), block(2, 2));
    }

    private static Manifest manifest(Precision precision) {
        return new Manifest(
                "validation",
                SHAPE,
                List.of("cat", "größer"),
                List.of("shard-00000.safetensors", "shard-00001.safetensors"),
                precision,
                List.of("broken.png"),
                new Provenance(
                        "0.1.0", "2026-11-28T12:00:00Z", "m", "d", 7, 1e-6, new TreeMap<>(Map.of("source", "5"))));
    }

    private static Path resource(int format, Precision precision) {
        return Recorded.file("traces-of-format-" + format)
                .resolve(precision.name().toLowerCase(Locale.ROOT));
    }

    private static void write(Path folder, Precision precision) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < 2; i++) {
            TraceShard.write(folder, i, List.of(blocks().get(i)), precision);
        }
        try (NativeScope scope = NativeScope.inference()) {
            new SafetensorsWriter().add("maps", frame().maps()).writeTo(folder.resolve("frame.safetensors"));
        }
        TraceFolder.writeManifest(folder, manifest(precision));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void folder_isReadToTheSameNumbers(Precision precision) {
        requireSame(resource(1, precision), precision);
        requireSame(resource(2, precision), precision);
    }

    private static void requireSame(Path folder, Precision precision) {
        Trace<Split.Validation> read = TraceFolder.validation(folder);
        assertEquals(manifest(precision), TraceFolder.manifest(folder));
        assertEquals(manifest(precision).provenance(), read.provenance());
        try (NativeScope scope = NativeScope.inference()) {
            assertArrayEquals(
                    Tensors.floats(frame().maps()), Tensors.floats(read.frame().maps()));
        }
        assertEquals(blocks().size(), read.blocks().size());
        for (int i = 0; i < blocks().size(); i++) {
            TraceBlock written = blocks().get(i);
            TraceBlock block = read.blocks().get(i);
            assertArrayEquals(written.heads(), block.heads());
            assertArrayEquals(written.norm(), block.norm());
            assertArrayEquals(written.projected(), block.projected());
            assertArrayEquals(written.output(), block.output());
            assertArrayEquals(written.labels(), block.labels());
            assertEquals(written.names(), block.names());
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void todaysWriter_writesTheSameBytes(Precision precision, @TempDir Path folder) throws IOException {
        write(folder, precision);
        try (Stream<Path> written = Files.list(folder)) {
            List<Path> files = written.sorted().toList();
            assertEquals(4, files.size());
            for (Path file : files) {
                assertArrayEquals(
                        Files.readAllBytes(resource(2, precision).resolve(file.getFileName())),
                        Files.readAllBytes(file),
                        file.toString());
            }
        }
    }
}
