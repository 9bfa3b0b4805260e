package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.residual.images.Image;
import io.residual.images.Refusal;
import io.residual.images.UnreadableImageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFilesTest {
    private static final int COUNT = 40;
    private static final int ROWS = 3;
    private static final int COLUMNS = 5;
    private static final String IMAGES = "train-images-idx3-ubyte";
    private static final String LABELS = "train-labels-idx1-ubyte";

    @TempDir
    Path folder;

    /** Pixel {@code p} of image {@code i}. */
    private static int pixel(int i, int p) {
        return (i * 37 + p * 11) % 256;
    }

    private static byte[] images(int magic, int count, int rows, int columns, int present) {
        ByteBuffer out = ByteBuffer.allocate(16 + present * ROWS * COLUMNS);
        out.putInt(magic).putInt(count).putInt(rows).putInt(columns);
        for (int i = 0; i < present; i++) {
            for (int p = 0; p < ROWS * COLUMNS; p++) {
                out.put((byte) pixel(i, p));
            }
        }
        return out.array();
    }

    private static byte[] labels(int magic, int count, int present) {
        ByteBuffer out = ByteBuffer.allocate(8 + present).putInt(magic).putInt(count);
        for (int i = 0; i < present; i++) {
            out.put((byte) (i % 4));
        }
        return out.array();
    }

    private static byte[] goodImages() {
        return images(2051, COUNT, ROWS, COLUMNS, COUNT);
    }

    private static byte[] goodLabels() {
        return labels(2049, COUNT, COUNT);
    }

    private void write(byte[] images, byte[] labels) throws IOException {
        Files.write(folder.resolve(IMAGES), images);
        Files.write(folder.resolve(LABELS), labels);
    }

    private static byte[] zipped(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(out)) {
            zip.write(plain);
        }
        return out.toByteArray();
    }

    private Dataset open() {
        return IdxFiles.open(folder, Splitting.DEFAULT);
    }

    /** Images are named by their row, and both pixels and labels are functions of it. */
    private static void assertRows(LabelledImages<?> images) throws UnreadableImageException {
        for (int i = 0; i < images.size(); i++) {
            String name = images.name(i);
            int row = Integer.parseInt(name.substring(name.indexOf('#') + 1));
            assertEquals(row % 4, images.label(i));
            Image image = images.read(i);
            assertEquals(COLUMNS, image.width());
            assertEquals(ROWS, image.height());
            for (int p = 0; p < ROWS * COLUMNS; p++) {
                for (int c = 0; c < 3; c++) {
                    assertEquals(pixel(row, p), image.at(p % COLUMNS, p / COLUMNS, c));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void open_trainAndTest_giveWhatWasWritten(boolean zip) throws IOException, UnreadableImageException {
        for (String part : List.of("train", "t10k")) {
            byte[] images = goodImages();
            byte[] labels = goodLabels();
            String ending = zip ? ".gz" : "";
            Files.write(folder.resolve(part + "-images-idx3-ubyte" + ending), zip ? zipped(images) : images);
            Files.write(folder.resolve(part + "-labels-idx1-ubyte" + ending), zip ? zipped(labels) : labels);
        }
        assertTrue(IdxFiles.isOne(folder));
        Dataset dataset = open();
        assertEquals(List.of("0", "1", "2", "3"), dataset.prompts().classes());
        assertEquals(32, dataset.train().size());
        assertEquals(8, dataset.validation().size());
        assertEquals(40, dataset.test().size());
        assertTrue(dataset.test().name(0).contains("t10k-images"));
        assertTrue(dataset.validation().name(0).contains("train-images"));
        assertRows(dataset.train());
        assertRows(dataset.validation());
        assertRows(dataset.test());
    }

    @Test
    void open_noTestFiles_takesTestFromTrain() throws IOException, UnreadableImageException {
        write(goodImages(), goodLabels());
        Dataset dataset = open();
        assertEquals(24, dataset.train().size());
        assertEquals(8, dataset.validation().size());
        assertEquals(8, dataset.test().size());
        assertRows(dataset.test());
    }

    /** Its mean, or its prompt's row, would be fitted by nothing. */
    @Test
    void open_labelOnlyInTest_isRefused() throws IOException {
        write(goodImages(), goodLabels());
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), images(2051, 1, ROWS, COLUMNS, 1));
        Files.write(folder.resolve("t10k-labels-idx1-ubyte"), new byte[] {0, 0, 8, 1, 0, 0, 0, 1, (byte) 200});
        Refusal.of(this::open, "1 image of the class '200' in t10k", "none for training");
    }

    /** EMNIST's letters are numbered from 1. */
    @Test
    void open_labelWithoutImages_isLeftOutAndNamed() throws IOException, UnreadableImageException {
        byte[] labels = goodLabels();
        for (int i = 8; i < labels.length; i++) {
            labels[i]++;
        }
        write(goodImages(), labels);
        Dataset dataset = open();
        assertEquals(List.of("1", "2", "3", "4"), dataset.prompts().classes());
        assertRows(dataset.train());
        assertEquals(1, dataset.notes().size());
        assertTrue(
                dataset.notes().get(0).contains("1 of 5 classes"),
                dataset.notes().get(0));
    }

    @Test
    void open_labelsInsteadOfImages_isRefused() throws IOException {
        write(goodLabels(), goodLabels());
        Refusal.of(this::open, folder.resolve(IMAGES), "2049", "2051");
    }

    @Test
    void open_imagesInsteadOfLabels_isRefused() throws IOException {
        write(goodImages(), goodImages());
        Refusal.of(this::open, folder.resolve(LABELS), "2051", "2049");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 15, 16, 17, 615})
    void open_truncatedImages_isRefused(int length) throws IOException {
        write(Arrays.copyOf(goodImages(), length), goodLabels());
        Refusal.of(this::open, folder.resolve(IMAGES), "truncated");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 47})
    void open_truncatedLabels_isRefused(int length) throws IOException {
        write(goodImages(), Arrays.copyOf(goodLabels(), length));
        Refusal.of(this::open, folder.resolve(LABELS), "truncated");
    }

    @Test
    void open_truncatedGzip_isRefused() throws IOException {
        byte[] zipped = zipped(goodImages());
        Files.write(folder.resolve(IMAGES + ".gz"), Arrays.copyOf(zipped, zipped.length / 2));
        Files.write(folder.resolve(LABELS + ".gz"), zipped(goodLabels()));
        Refusal.of(this::open, folder.resolve(IMAGES + ".gz"), "truncated");
    }

    @Test
    void open_somethingElseCalledGz_isRefused() throws IOException {
        Files.write(folder.resolve(IMAGES + ".gz"), goodImages());
        Files.write(folder.resolve(LABELS + ".gz"), zipped(goodLabels()));
        Refusal.of(this::open, folder.resolve(IMAGES + ".gz"), "gzip");
    }

    @Test
    void open_fewerOrMoreLabelsThanImages_isRefused() throws IOException {
        write(goodImages(), labels(2049, COUNT - 1, COUNT - 1));
        Refusal.of(this::open, folder.resolve(LABELS), "39 labels", "40");
        write(goodImages(), labels(2049, COUNT + 1, COUNT + 1));
        Refusal.of(this::open, folder.resolve(LABELS), "41 labels", "40");
    }

    @Test
    void open_trailingBytes_isRefused() throws IOException {
        write(Arrays.copyOf(goodImages(), goodImages().length + 1), goodLabels());
        Refusal.of(this::open, folder.resolve(IMAGES), "more data");
        write(goodImages(), Arrays.copyOf(goodLabels(), goodLabels().length + 1));
        Refusal.of(this::open, folder.resolve(LABELS), "more data");
    }

    @ParameterizedTest
    @CsvSource({"0, 3, 5", "-1, 3, 5", "40, 0, 5", "40, 3, -5", "40, 4097, 5", "40, 3, 2147483647"})
    void open_impossibleSizes_isRefused(int count, int rows, int columns) throws IOException {
        write(images(2051, count, rows, columns, COUNT), goodLabels());
        Refusal.of(this::open, folder.resolve(IMAGES), count + " images of " + rows + " x " + columns);
    }

    @ParameterizedTest
    @CsvSource({"2147483647, 3, 5", "2147483647, 4096, 4096", "1000000, 28, 28"})
    void open_countThatLies_isRefusedWithoutBelievingIt(int count, int rows, int columns) throws IOException {
        write(images(2051, count, rows, columns, COUNT), labels(2049, count, COUNT));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Refusal.of(this::open, folder.resolve(IMAGES), "truncated");
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        // Room for one image of the greatest size, 16 MB, and for what reading a file needs.
        assertTrue(allocated < 40_000_000, allocated + " bytes");
    }

    @Test
    void open_labelCountThatLies_isRefusedWithoutBelievingIt() throws IOException {
        write(goodImages(), labels(2049, Integer.MAX_VALUE, COUNT));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Refusal.of(this::open, folder.resolve(LABELS), Integer.MAX_VALUE + " labels");
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 40_000_000, allocated + " bytes");
    }

    @Test
    void open_missingFiles_isRefused() throws IOException {
        Refusal.of(this::open, folder, IMAGES);
        assertFalse(IdxFiles.isOne(folder));
        Files.write(folder.resolve(IMAGES), goodImages());
        Refusal.of(this::open, folder, LABELS);
        Files.write(folder.resolve(LABELS), goodLabels());
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), goodImages());
        Refusal.of(this::open, folder, "t10k-labels-idx1-ubyte");
    }

    @Test
    void open_oneLabelOnly_isRefused() throws IOException {
        byte[] zeros = Arrays.copyOf(Arrays.copyOf(goodLabels(), 8), 8 + COUNT);
        write(goodImages(), zeros);
        Refusal.of(this::open, folder, "one class");
    }
}
