package io.residual.units;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.base.AtomicFiles;
import io.residual.fixtures.AnyNumbers;
import io.residual.provenance.Provenance;
import io.residual.units.TraceFolder.Manifest;
import io.residual.units.TraceFolder.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Writing a trace and reading it again gives the same trace, whatever its shape, numbers and texts. */
class TraceRoundTripTest {
    private Path folder = Path.of("");

    @BeforeTry
    void make() throws IOException {
        folder = Files.createTempDirectory("trace");
    }

    @AfterTry
    void delete() {
        AtomicFiles.delete(folder);
    }

    @Property(tries = 150)
    void shard(
            @ForAll @IntRange(min = 1, max = 3) int layers,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll @IntRange(min = 1, max = 5) int headWidth,
            @ForAll @IntRange(min = 1, max = 7) int sharedWidth,
            @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 4) Integer> sizes,
            @ForAll Precision precision,
            @ForAll String name,
            @ForAll Random random) {
        UnitShape shape = new UnitShape(layers, heads, headWidth, sharedWidth);
        List<TraceBlock> blocks = new ArrayList<>();
        for (int n : sizes) {
            boolean half = precision == Precision.HALF;
            blocks.add(new TraceBlock(
                    shape,
                    floats(n * shape.allHeads() * headWidth, half, random),
                    floats(n * 2, false, random),
                    floats(n * (1 + layers) * sharedWidth, half, random),
                    floats(n * sharedWidth, false, random),
                    random.ints(n, 0, 5).toArray(),
                    IntStream.range(0, n).mapToObj(i -> name + i).toList()));
        }
        String file = TraceShard.write(folder, random.nextInt(100), blocks, precision);
        TraceBlock read = TraceShard.read(folder.resolve(file), shape, 5);
        TraceBlock written = TraceBlock.joined(blocks);
        assertArrayEquals(written.heads(), read.heads());
        assertArrayEquals(written.norm(), read.norm());
        assertArrayEquals(written.projected(), read.projected());
        assertArrayEquals(written.output(), read.output());
        assertArrayEquals(written.labels(), read.labels());
        assertEquals(written.names(), read.names());
    }

    @Property(tries = 150)
    void manifest(
            @ForAll @Size(max = 4) List<String> classes,
            @ForAll @Size(max = 4) List<String> skipped,
            @ForAll @Size(max = 4) @UniqueElements List<@IntRange(min = 0, max = 99_999) Integer> shards,
            @ForAll @Size(max = 4) Map<String, String> settings,
            @ForAll String split,
            @ForAll long seed,
            @ForAll double error,
            @ForAll Precision precision)
            throws IOException {
        Provenance provenance = new Provenance(split, "c", "m", "d", seed, error, settings);
        Manifest written = new Manifest(
                split,
                new UnitShape(12, 8, 64, 512),
                classes,
                shards.stream().map("shard-%05d.safetensors"::formatted).toList(),
                precision,
                skipped,
                provenance);
        TraceFolder.writeManifest(folder, written);
        assertEquals(written, TraceFolder.manifest(folder));
    }

    /** Any finite numbers; or such as 16 bits hold exactly, which are eighths up to 256. */
    private static float[] floats(int count, boolean half, Random random) {
        float[] values = AnyNumbers.floats(count, random);
        for (int i = 0; half && i < count; i++) {
            values[i] = (random.nextInt(4097) - 2048) / 8f;
        }
        return values;
    }
}
