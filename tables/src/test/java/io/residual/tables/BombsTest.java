package io.residual.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.data.IdxFiles;
import io.residual.data.ImageFiles;
import io.residual.data.Splitting;
import io.residual.images.Batch;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.Preprocessed;
import io.residual.images.Preprocessing;
import io.residual.images.Refusal;
import io.residual.images.Resampling;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files that stand for a great deal: sizes are found out before anything of that size is made. */
class BombsTest {
    @TempDir
    Path temporary;

    private Path parquet(String select) throws SQLException {
        Path file = temporary.resolve("a.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet, COMPRESSION zstd)");
        }
        return file;
    }

    /** A thousand rows of one value of 8 MB, 8 GB in all, in a file of two kilobytes. */
    @Test
    void oneValueInMoreRowsThanMemoryHolds_isRefused() throws Exception {
        Path file = parquet("SELECT x AS b FROM range(1024), (SELECT repeat('a', 8000000)::BLOB AS x)");
        assertTrue(Files.size(file) < 10_000, Files.size(file) + " bytes");
        ParquetImages images = new ParquetImages(file);
        Refusal.of(() -> images.read(0), "a.parquet", "Out of Memory");
    }

    /** A gigabyte in all, 256 MB a chunk. */
    @Test
    void oneLargeValueInManyRows_isReadRowByRow() throws Exception {
        Path file = parquet("SELECT x AS b FROM range(1024), (SELECT repeat('a', 1000000)::BLOB AS x)");
        assertTrue(Files.size(file) < 10_000, Files.size(file) + " bytes");
        ParquetImages images = new ParquetImages(file);
        assertEquals(1024, images.size());
        long before = held();
        for (int i : new int[] {0, 1, 255, 256, 512, 1023}) {
            Refusal.ofImage(() -> images.read(i), "#" + i, "is not an image");
        }
        long kept = held() - before;
        assertTrue(kept < 128_000_000, kept + " bytes kept");
        assertEquals(1024, images.size()); // which is still there
    }

    private static long held() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void aRowOfMoreThanItsMost_isRefused() throws Exception {
        ParquetImages images = new ParquetImages(parquet("SELECT repeat('a', 110000000)::BLOB AS b"));
        Refusal.ofImage(() -> images.read(0), "110000000 bytes, more than");
    }

    /** Fifty million rows without anything in them: 34 kB. */
    @Test
    void rowsOfNothing_areTooMany() throws Exception {
        Path file = parquet("SELECT NULL::BLOB AS b FROM range(50000000)");
        assertTrue(Files.size(file) < 1_000_000, Files.size(file) + " bytes");
        Refusal.of(() -> new ParquetImages(file), "50000000 rows", "at most 20000000");
    }

    @Test
    void rowsWithoutBytes_areNamedOneByOne() throws Exception {
        Path file = parquet("SELECT NULL::BLOB AS b FROM range(1000000)");
        ImageFiles images = ImageFiles.of(List.of(file.toString()), InputStreams.NONE);
        assertEquals(1_000_000, images.size());
        Refusal.ofImage(() -> images.read(999_999), "a.parquet#999999", "has no bytes");
    }

    private static final class InputStreams {
        static final java.io.InputStream NONE = java.io.InputStream.nullInputStream();
    }

    /** A thousand black images of a megapixel: a gigabyte in a file of one megabyte. */
    @Test
    void gzipOfNothingButZeros_isRefusedBeforeItIsUnpacked() throws IOException {
        Path images = temporary.resolve("train-images-idx3-ubyte.gz");
        try (OutputStream file = Files.newOutputStream(images);
                DataOutputStream out = new DataOutputStream(new GZIPOutputStream(file))) {
            out.writeInt(2051);
            out.writeInt(1000);
            out.writeInt(1000);
            out.writeInt(1000);
            byte[] row = new byte[1_000_000];
            for (int i = 0; i < 1000; i++) {
                out.write(row);
            }
        }
        Files.write(temporary.resolve("train-labels-idx1-ubyte"), new byte[8]);
        Refusal.of(
                () -> IdxFiles.open(temporary, Splitting.DEFAULT), "1000000000 pixels in a file of", "pixels a byte");
    }

    /** Found by the fuzzer: 168 bytes of TIFF, and the decoder wanted an array for 1,351,155,822 samples a pixel. */
    @Test
    void samplesThatNoPixelHas_areRefused() {
        byte[] tiff = new byte[200];
        java.nio.ByteBuffer file = java.nio.ByteBuffer.wrap(tiff).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        file.put("II*\0".getBytes(StandardCharsets.US_ASCII)).putInt(8).putShort((short) 8);
        int[][] entries = {{256, 2}, {257, 2}, {258, 8}, {259, 1}, {262, 1}, {277, 1_351_155_822}, {278, 2}, {279, 4}};
        for (int[] entry : entries) {
            file.putShort((short) entry[0]).putShort((short) 4).putInt(1).putInt(entry[1]);
        }
        Refusal.ofImage(() -> ImageDecoder.decode(tiff, "a.tiff"), "1351155822 samples a pixel");
        byte[] cut = java.util.Arrays.copyOf(tiff, 50);
        Refusal.ofImage(() -> ImageDecoder.decode(cut, "a.tiff"), "ends within its first directory");
        file.putInt(4, 5000);
        Refusal.ofImage(() -> ImageDecoder.decode(tiff, "a.tiff"), "lies at byte 5000 of 200");
    }

    @Test
    void aImageThatIsNoFile_isRefused() {
        Refusal.ofImage(() -> ImageDecoder.decode(temporary), "it is no file");
    }

    /** Parts of one row, none, and many rows, numbered through. */
    @Test
    void filesAndTables_areNumberedThrough() throws Exception {
        Path table = parquet("SELECT 'x'::BLOB AS b FROM range(300)");
        Path empty = temporary.resolve("empty.parquet");
        Files.copy(table, temporary.resolve("b.parquet"));
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT 'x'::BLOB AS b FROM range(0)) TO '" + empty + "' (FORMAT parquet)");
        }
        Path one = Files.writeString(temporary.resolve("one.png"), "no image", StandardCharsets.UTF_8);
        ImageFiles files = ImageFiles.of(
                List.of(one.toString(), empty.toString(), table.toString(), one.toString(), empty.toString()),
                InputStreams.NONE);
        assertEquals(302, files.size());
        assertEquals(one.toString(), files.name(0));
        assertEquals(table + "#0", files.name(1));
        assertEquals(table + "#299", files.name(300));
        assertEquals(one.toString(), files.name(301));
        // A folder of tables alone means their rows.
        assertEquals(
                300, ImageFiles.of(List.of(folderOf(table)), InputStreams.NONE).size());
    }

    private String folderOf(Path table) throws IOException {
        Path folder = Files.createDirectories(temporary.resolve("tables"));
        Files.copy(table, folder.resolve("t.parquet"));
        return folder.toString();
    }

    @Test
    void linksInACircle_andBrokenPatterns_areRefused() throws IOException {
        Path folder = Files.createDirectories(temporary.resolve("circle"));
        Files.createSymbolicLink(folder.resolve("again"), folder);
        Refusal.of(() -> ImageFiles.of(List.of(folder.toString()), InputStreams.NONE), "a link that leads back");
        Refusal.of(() -> ImageFiles.of(List.of(temporary + "/[*"), InputStreams.NONE), "a pattern");
        Refusal.of(() -> ImageFiles.of(List.of("a\0b"), InputStreams.NONE), "a path");
    }

    /** An image that preprocessing leaves at another size than the model's would spill into its neighbour's place. */
    @Test
    void imageOfAnotherSize_whereNothingIsResized_isSkipped() {
        Preprocessing none = new Preprocessing(
                Preprocessing.Resize.NONE, 4, 4, Resampling.BICUBIC, 0, 0, new float[3], new float[] {1, 1, 1});
        Preprocessed batch = new Preprocessed(none, 3);
        for (int side : new int[] {4, 5, 4}) {
            batch.add("p" + side, 0, () -> new Image(side, side, white(side)));
        }
        Batch done = batch.toBatch();
        assertEquals(List.of("p4", "p4"), done.names());
        assertEquals(1, done.skipped().size());
        assertTrue(done.skipped().get(0).contains("p5"), done.skipped().toString());
        float[] ones = new float[2 * 3 * 16];
        java.util.Arrays.fill(ones, 1);
        assertArrayEquals(ones, done.pixels());
    }

    private static byte[] white(int side) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < side * side * 3; i++) {
            bytes.write(255);
        }
        return bytes.toByteArray();
    }
}
