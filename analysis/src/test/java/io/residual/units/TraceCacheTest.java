package io.residual.units;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.base.UserCache;
import io.residual.data.Dataset;
import io.residual.data.ImageFolder;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.fixtures.KitFixture;
import io.residual.model.ImageTextModel;
import io.residual.model.PassHooks;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceCacheTest {
    @TempDir
    Path temporary;

    private final List<String> steps = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Path images = Path.of("");
    private @Nullable ImageTextModel opened;

    private final Progress progress = new Progress() {
        @Override
        public void start(String step, long total) {
            steps.add(step);
        }

        @Override
        public void at(long done, String detail) {}

        @Override
        public void finish() {}
    };

    @BeforeEach
    void make() throws IOException {
        images = temporary.resolve("images");
        for (int i = 0; i < 12; i++) {
            draw(i, i);
        }
        opened = ImageTextModel.open(KitFixture.unpack("clip-hf", temporary.resolve("model")));
    }

    @AfterEach
    void close() {
        model().close();
    }

    private ImageTextModel model() {
        return Objects.requireNonNull(opened);
    }

    private void draw(int image, int colour) throws IOException {
        BufferedImage drawn = new BufferedImage(20, 16, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < 320; p++) {
            drawn.setRGB(p % 20, p / 20, 0x10101 * (p * (colour + 3) % 200));
        }
        Path folder = Files.createDirectories(images.resolve("class-" + image % 2));
        ImageIO.write(drawn, "png", folder.resolve(image + ".png").toFile());
    }

    private TraceCache cache(long most) {
        return new TraceCache(temporary.resolve("traces"), most);
    }

    private Trace<Split.Train> traced(TraceCache cache) {
        Dataset dataset = ImageFolder.open(images, new Splitting(.2, .2, 1));
        return new CachedTracer(new Tracer(model()), cache, notes::add).trace(dataset.train(), "set train", progress);
    }

    private long tracings() {
        return steps.stream().filter(s -> s.startsWith("tracing")).count();
    }

    private static void assertSame(Trace<?> expected, Trace<?> actual) {
        assertEquals(expected.names(), actual.names());
        assertArrayEquals(expected.labels(), actual.labels());
        assertEquals(expected.blocks().size(), actual.blocks().size());
        for (int i = 0; i < expected.blocks().size(); i++) {
            assertArrayEquals(
                    expected.blocks().get(i).heads(), actual.blocks().get(i).heads(), 0);
            assertArrayEquals(
                    expected.blocks().get(i).norm(), actual.blocks().get(i).norm(), 0);
        }
        assertEquals(expected.provenance().data(), actual.provenance().data());
    }

    @Test
    void sameModelAndImages_areTracedOnce_toTheSameBits() {
        Trace<Split.Train> first = traced(cache(1 << 30));
        Trace<Split.Train> second = traced(cache(1 << 30));
        assertEquals(1, tracings());
        assertSame(first, second);
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).contains("set train was traced before"), notes.get(0));
        assertTrue(notes.get(0).contains(temporary.resolve("traces").toString()), notes.get(0));
    }

    /** What one command kept on disk, another finds in memory, and the other way about. */
    @Test
    void storedTraces_andCachedOnes_areTheSame_andNoImageIsEncodedTwice() {
        Dataset dataset = ImageFolder.open(images, new Splitting(.2, .2, 1));
        try (StoredTraces stored = new StoredTraces(new Tracer(model()), cache(1 << 30), notes::add)) {
            Path kept = stored.folder(dataset.train(), "set train", 0, progress);
            assertEquals(kept, stored.folder(dataset.train(), "set train", 0, progress));
            assertEquals(1, tracings());
            Trace<Split.Train> found = traced(cache(1 << 30));
            assertEquals(1, tracings(), "found in memory");
            List<String> names = new ArrayList<>();
            TraceFolder.stream(kept, block -> names.addAll(block.names()));
            assertEquals(found.names(), names);
        }
        assertEquals(1, cache(1 << 30).entries().size(), "closing removes nothing of the cache");
    }

    @Test
    void withoutACache_orOneThatIsTooSmall_tracesAreTemporary() {
        assertTemporary(null);
        assertTemporary(cache(100));
        assertEquals(2, tracings());
        assertTrue(notes.get(0).contains(TraceCache.VARIABLE), notes.toString());
    }

    private void assertTemporary(@Nullable TraceCache cache) {
        Dataset dataset = ImageFolder.open(images, new Splitting(.2, .2, 1));
        Path folder;
        try (StoredTraces stored = new StoredTraces(new Tracer(model()), cache, notes::add)) {
            folder = stored.folder(dataset.train(), "set train", 0, progress);
            assertTrue(TraceFolder.isOne(folder));
            // Where the next process clears away what a killed one left, and not in the system's temporary folder.
            assertTrue(folder.startsWith(UserCache.folder().resolve("traces").toAbsolutePath()), folder.toString());
        }
        assertTrue(Files.notExists(folder));
    }

    @Test
    void withoutAPlaceOnDisk_whatTheHeapHolds_isTracedThere() throws IOException {
        Path noFolder = Files.writeString(temporary.resolve("file"), "");
        Dataset dataset = ImageFolder.open(images, new Splitting(.2, .2, 1));
        Trace<Split.Train> held = new Tracer(model(), PassHooks.NONE, 0, noFolder)
                .noting(notes::add)
                .trace(dataset.train(), "set train", Progress.silent());
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).startsWith("the trace is held in memory"), notes.get(0));
        assertSame(new Tracer(model()).trace(dataset.train(), "set train", Progress.silent()), held);
    }

    @Test
    void damagedEntry_isTracedAgain() throws IOException {
        Dataset dataset = ImageFolder.open(images, new Splitting(.2, .2, 1));
        try (StoredTraces stored = new StoredTraces(new Tracer(model()), cache(1 << 30), notes::add)) {
            Path kept = stored.folder(dataset.train(), "set train", 0, progress);
            try (RandomAccessFile file =
                    new RandomAccessFile(kept.resolve("shard-00000.safetensors").toFile(), "rw")) {
                file.seek(file.length() - 40);
                file.write(new byte[] {0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f});
            }
            stored.folder(dataset.train(), "set train", 0, progress);
        }
        assertEquals(2, tracings());
    }

    /** Same names, sizes and times: the content alone differs. */
    @Test
    void anImageThatChanged_isTracedAnew() throws IOException {
        Trace<Split.Train> first = traced(cache(1 << 30));
        for (int i = 0; i < 12; i++) {
            draw(i, i + 20);
        }
        Trace<Split.Train> second = traced(cache(1 << 30));
        assertEquals(2, tracings());
        assertTrue(!first.provenance().data().equals(second.provenance().data()));
    }

    @Test
    void whatWasDamaged_isTracedAnew() throws IOException {
        Trace<Split.Train> first = traced(cache(1 << 30));
        Path entry = cache(1 << 30).entries().get(0).folder();
        Path shard = entry.resolve("shard-00000.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(shard.toFile(), "rw")) {
            file.seek(file.length() / 2);
            file.writeFloat(1e6f);
        }
        assertSame(first, traced(cache(1 << 30)));
        assertEquals(2, tracings());
        Files.delete(shard);
        Files.createFile(shard);
        assertSame(first, traced(cache(1 << 30)));
        assertEquals(3, tracings());
        assertSame(first, traced(cache(1 << 30)));
        assertEquals(3, tracings());
    }

    @Test
    void beyondTheBound_whatWasUsedLeastRecentlyGoes() throws IOException {
        traced(cache(1 << 30));
        Path old = cache(1 << 30).entries().get(0).folder();
        Files.setLastModifiedTime(old, FileTime.fromMillis(1000));
        long one = cache(1 << 30).entries().get(0).bytes();
        draw(0, 50);
        draw(1, 50);
        draw(2, 50);
        draw(3, 50);
        traced(cache(one + one / 2));
        List<TraceCache.Entry> left = cache(1 << 30).entries();
        assertEquals(1, left.size());
        assertTrue(!left.get(0).folder().equals(old));
        assertEquals(left.get(0).bytes(), cache(1 << 30).clear());
        assertEquals(List.of(), cache(1 << 30).entries());
    }

    @Test
    void withoutRoom_nothingIsKept_andThatIsSaid() {
        traced(cache(0));
        assertEquals(List.of(), cache(0).entries());
        assertTrue(notes.get(0).contains("not kept") && notes.get(0).contains("RESIDUAL_TRACES_MB"), notes.get(0));
    }

    @Test
    void bound_isReadFromTheEnvironment() {
        assertEquals(TraceCache.USUAL, TraceCache.bound(Map.of()));
        assertEquals(0, TraceCache.bound(Map.of("RESIDUAL_TRACES_MB", "0")));
        InputException refused =
                assertThrows(InputException.class, () -> TraceCache.bound(Map.of("RESIDUAL_TRACES_MB", "4g")));
        assertTrue(String.valueOf(refused.getMessage()).contains("RESIDUAL_TRACES_MB"));
    }
}
