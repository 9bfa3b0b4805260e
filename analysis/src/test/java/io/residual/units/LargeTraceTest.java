package io.residual.units;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.data.Split;
import io.residual.fixtures.MadeUpTrace;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TraceStatistics;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceFolder.Precision;
import io.residual.weights.SafetensorsFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces that stay on disk give the same numbers as traces in memory. */
class LargeTraceTest {
    private static final UnitShape SHAPE = new UnitShape(3, 4, 8, 16);
    private static final int IMAGES = 50;

    @TempDir
    Path temporary;

    private final Trace<Split.Train> held = MadeUpTrace.trace(SHAPE, IMAGES, 3, 1);

    private Path written() {
        Path folder = temporary.resolve("trace");
        TraceFolder.write(folder, held);
        return folder;
    }

    private static Trace<Split.Train> onDisk(Path folder) {
        return TraceFolder.read(folder, "cached", 0);
    }

    private Trace<Split.Train> large() {
        try (LargeTrace large = new LargeTrace(SHAPE, temporary.resolve("place"), 1)) {
            held.blocks().forEach(large::add);
            return new Trace<>(held.frame(), large.finish(), List.of(), held.provenance());
        }
    }

    private static void assertSameNumbers(TraceBlock expected, TraceBlock actual) {
        assertArrayEquals(expected.heads(), actual.heads());
        assertArrayEquals(expected.norm(), actual.norm());
        assertArrayEquals(expected.projected(), actual.projected());
        assertArrayEquals(expected.output(), actual.output());
        assertArrayEquals(expected.labels(), actual.labels());
        assertEquals(expected.names(), actual.names());
        try (NativeScope scope = NativeScope.inference()) {
            int n = expected.size();
            assertArrayEquals(Tensors.floats(expected.headColumns()), Tensors.floats(actual.headColumns()));
            assertArrayEquals(
                    Tensors.floats(expected.headCoordinates(n / 3, n)),
                    Tensors.floats(actual.headCoordinates(n / 3, n)));
            assertArrayEquals(Tensors.floats(expected.others()), Tensors.floats(actual.others()));
            assertArrayEquals(Tensors.floats(expected.outputs()), Tensors.floats(actual.outputs()));
        }
        for (UnitId unit : SHAPE.ids()) { // twice: narrow readings first, whole ones once there were many
            assertArrayEquals(expected.values(unit), actual.values(unit), unit.toString());
        }
        for (int round = 0; round < 3; round++) {
            for (UnitId unit : SHAPE.ids()) {
                assertArrayEquals(expected.values(unit), actual.values(unit), unit.toString());
            }
        }
    }

    private static void assertSame(Trace<?> expected, Trace<?> actual) {
        assertEquals(expected.size(), actual.size());
        assertEquals(expected.names(), actual.names());
        assertArrayEquals(expected.labels(), actual.labels());
        assertEquals(expected.decompositionError(), actual.decompositionError(), 1e-12);
        assertSameNumbers(TraceBlock.joined(expected.blocks()), TraceBlock.joined(actual.blocks()));
    }

    @Test
    void blocksOnDisk_haveTheNumbersOfThoseInMemory() {
        Trace<Split.Train> read = onDisk(written());
        assertEquals(held.blocks().size(), read.blocks().size());
        for (int i = 0; i < held.blocks().size(); i++) {
            TraceBlock expected = held.blocks().get(i);
            TraceBlock actual = read.blocks().get(i);
            assertSameNumbers(expected, actual);
            assertSameNumbers(expected.slice(2, 9), actual.slice(2, 9));
            assertSameNumbers(expected.some(4, 5, 6, 1, 9), actual.some(4, 5, 6, 1, 9));
            assertSameNumbers(
                    expected.some(4, 5, 6, 1).some(2, 3, 0),
                    actual.some(4, 5, 6, 1).some(2, 3, 0));
            float[] other = new float[expected.size() * SHAPE.sharedWidth()];
            other[3] = 2;
            assertSameNumbers(expected.withOutput(other), actual.withOutput(other));
            int[] labels = new int[expected.size()];
            assertSameNumbers(expected.withLabels(labels), actual.withLabels(labels));
        }
        assertSame(held.some(0, 7, 16, 17, 49), read.some(0, 7, 16, 17, 49));
    }

    @Test
    void whatWasTracedToDisk_hasTheSameNumbers_alsoWhenItIsKept() {
        Trace<Split.Train> large = large();
        assertSame(held, large);
        Path again = temporary.resolve("kept");
        TraceFolder.write(again, large);
        assertSame(held, TraceFolder.cached(again));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void bothPrecisions_areReadAsTheyAreHeld(Precision precision) throws IOException {
        Path folder = written();
        List<String> shards = new ArrayList<>();
        for (TraceBlock block : held.blocks()) {
            shards.add(TraceShard.write(folder, shards.size(), List.of(block), precision));
        }
        assertSame(TraceFolder.<Split.Train>cached(folder), onDisk(folder));
    }

    @Test
    void spectra_areTheSame() {
        List<Spectrum> expected = new TraceStatistics().add(held.blocks()).spectra(held.frame());
        List<Spectrum> actual = new TraceStatistics().add(large().blocks()).spectra(held.frame());
        assertEquals(SHAPE.units(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).unit(), actual.get(i).unit());
            double largest = expected.get(i).eigenvalues()[0];
            for (int k = 0; k < expected.get(i).eigenvalues().length; k++) { // blocks of other sizes: other rounding
                assertEquals(expected.get(i).eigenvalues()[k], actual.get(i).eigenvalues()[k], 1e-12 * largest);
            }
        }
    }

    /** Blocks of a shard that is larger than a block should be. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 1000})
    void aShard_isDividedIntoBlocks(int most) {
        List<TraceBlock> blocks = TraceShard.open(written().resolve("shard-00001.safetensors"), SHAPE, 3, most, null);
        TraceBlock whole = held.blocks().get(1);
        assertTrue(blocks.stream().allMatch(b -> b.size() <= most));
        assertEquals((whole.size() + most - 1) / most, blocks.size());
        assertSameNumbers(whole, TraceBlock.joined(blocks));
    }

    @Test
    void readersOnManyThreads_readTheSame_whoeverIsInterrupted() throws Exception {
        TraceBlock actual = onDisk(written()).blocks().get(1);
        TraceBlock expected = held.blocks().get(1);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> readers = new ArrayList<>();
            for (int reader = 0; reader < 4; reader++) {
                readers.add(pool.submit(() -> {
                    for (int i = 0; i < 200; i++) {
                        assertArrayEquals(
                                expected.heads(),
                                actual.some(all(expected.size())).heads());
                    }
                }));
            }
            // Three at once: a channel that was opened again is closed again before it is read.
            for (int i = 0; i < 100; i++) {
                List<Thread> interrupted = new ArrayList<>();
                for (int k = 0; k < 3; k++) {
                    Thread thread = new Thread(() -> {
                        Thread.currentThread().interrupt();
                        assertThrows(UncheckedIOException.class, () -> actual.slice(0, 2)
                                .heads());
                    });
                    thread.start();
                    interrupted.add(thread);
                }
                for (Thread thread : interrupted) {
                    thread.join();
                }
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static int[] all(int n) {
        return java.util.stream.IntStream.range(0, n).toArray();
    }

    @Test
    void numbersThatAreNone_areRefusedWhenTheyAreRead() throws IOException {
        Path folder = written();
        Path shard = folder.resolve("shard-00000.safetensors");
        long heads;
        try (SafetensorsFile file = SafetensorsFile.open(shard)) {
            heads = Files.size(shard)
                    - file.names().stream()
                            .mapToLong(n -> file.info(n).end())
                            .max()
                            .orElseThrow()
                    + file.info("heads").begin();
        }
        try (RandomAccessFile file = new RandomAccessFile(shard.toFile(), "rw")) {
            file.seek(heads);
            file.writeInt(Integer.reverseBytes(Float.floatToIntBits(Float.NaN)));
        }
        TraceBlock block = onDisk(folder).blocks().get(0);
        InputException e = assertThrows(InputException.class, block::heads);
        assertTrue(String.valueOf(e.getMessage()).contains("tensor 'heads'"), e.getMessage());
    }

    @Test
    void aShardThatWasCutOff_isRefusedWhenItIsOpened() throws IOException {
        Path folder = written();
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("shard-00001.safetensors").toFile(), "rw")) {
            file.setLength(file.length() - 4);
        }
        assertThrows(InputException.class, () -> onDisk(folder));
    }

    @Test
    void withoutRoom_nothingBeginsAndNothingStays() throws IOException {
        Path place = temporary.resolve("place");
        InputException e = assertThrows(InputException.class, () -> new LargeTrace(SHAPE, place, Long.MAX_VALUE));
        assertTrue(String.valueOf(e.getMessage()).contains("free space"), e.getMessage());
        assertEquals(List.of(), entries(place));
    }

    @Test
    void failuresOfTheDisk_areToldFromThoseOfTheInput() {
        Path target = temporary.resolve("cache/entry");
        InputException full = assertThrows(
                InputException.class,
                () -> AtomicFiles.writeFolder(target, p -> true, "an entry", p -> {
                    throw new IOException("No space left on device");
                }));
        assertTrue(StoredTraces.isOfDisk(full, temporary));
        InputException none = InputException.at("photos", "no readable image", "at least one", "Check the files");
        assertFalse(StoredTraces.isOfDisk(none, temporary));
        assertTrue(StoredTraces.isOfDisk(none, temporary.resolve("missing")));
    }

    @Test
    void whatWasNotFinished_isDeleted() throws IOException {
        Path place = temporary.resolve("place");
        try (LargeTrace large = new LargeTrace(SHAPE, place, 1)) {
            large.add(held.blocks().get(0));
            assertEquals(1, entries(place).size());
        }
        assertEquals(List.of(), entries(place));
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }
}
