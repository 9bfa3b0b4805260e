package io.residual.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingFilesTest {
    private static final float[] FIRST = {1, 2, 3, 4, 5, 6};
    private static final float[] SECOND = {-.5f, 0, 1e-8f};

    @TempDir
    Path temporary;

    private static void rows(EmbeddingFiles.Rows rows) {
        rows.add(List.of("a'1.png", "b\n2.png"), FIRST);
        rows.add(List.of(), new float[0]);
        rows.add(List.of("c3.png"), SECOND);
    }

    /** By NumPy's own description of the format: magic, version, a header padded to a multiple of 64, then the numbers. */
    @Test
    void npy_isWhatNumPyReads() throws IOException {
        Path file = temporary.resolve("e.npy");
        EmbeddingFiles.write(file, 3, EmbeddingFilesTest::rows);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[8];
        bytes.get(magic);
        assertArrayEquals(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, magic);
        byte[] header = new byte[bytes.getShort()];
        bytes.get(header);
        String text = new String(header, StandardCharsets.US_ASCII);
        assertEquals(0, (10 + header.length) % 64);
        assertTrue(text.startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }"), text);
        assertTrue(text.endsWith("\n"), text);
        float[] values = new float[9];
        bytes.asFloatBuffer().get(values);
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, -.5f, 0, 1e-8f}, values);
        assertEquals(10 + header.length + 36, bytes.capacity());
        assertEquals(
                List.of("a'1.png", "b\\n2.png", "c3.png"), Files.readAllLines(temporary.resolve("e.npy.names.txt")));
    }

    @Test
    void parquet_holdsNamesAndNumbers() throws SQLException, IOException {
        Path file = temporary.resolve("it's.parquet");
        EmbeddingFiles.write(file, 3, EmbeddingFilesTest::rows);
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var found = connection
                        .createStatement()
                        .executeQuery("SELECT image, embedding[1], embedding[3], len(embedding) FROM '"
                                + file.toString().replace("'", "''") + "'")) {
            assertTrue(found.next());
            assertEquals("a'1.png", found.getString(1));
            assertEquals(1f, found.getFloat(2));
            assertEquals(3, found.getInt(4));
            assertTrue(found.next());
            assertTrue(found.next());
            assertEquals(1e-8f, found.getFloat(3));
            assertFalse(found.next());
        }
        try (var left = Files.list(temporary)) {
            assertEquals(1, left.count(), "no scratch file stays");
        }
    }

    @Test
    void aFailureInTheMiddle_leavesNothing() throws IOException {
        for (String name : List.of("e.npy", "e.parquet")) {
            assertThrows(
                    IllegalStateException.class,
                    () -> EmbeddingFiles.write(temporary.resolve(name), 3, rows -> {
                        rows.add(List.of("a"), new float[3]);
                        throw new IllegalStateException("disk on fire");
                    }));
        }
        assertThrows(InputException.class, () -> EmbeddingFiles.write(temporary.resolve("e.txt"), 3, rows -> {}));
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
