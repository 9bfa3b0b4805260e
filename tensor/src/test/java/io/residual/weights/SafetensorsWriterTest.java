package io.residual.weights;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    @Test
    void write_layout_isTheFormats() throws IOException {
        Path path = folder.resolve("two.safetensors");
        new SafetensorsWriter()
                .add("b", new long[] {-2}, 1)
                .metadata("made", "by hand")
                .add("a", new float[] {1.5f})
                .write(path);
        String json = "{\"__metadata__\":{\"made\":\"by hand\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[4,12]}}";
        int padded = (json.length() + 7) / 8 * 8;
        ByteBuffer expected = ByteBuffer.allocate(8 + padded + 12).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded)
                .put(json.getBytes(UTF_8))
                .put(" ".repeat(padded - json.length()).getBytes(UTF_8))
                .putFloat(1.5f)
                .putLong(-2);
        assertArrayEquals(expected.array(), Files.readAllBytes(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "xx", "xxx", "xxxx", "xxxxx", "xxxxxx", "xxxxxxx"})
    void header_ofAnyLength_isPaddedToEightBytes(String value) throws IOException {
        Path path = folder.resolve("padded.safetensors");
        new SafetensorsWriter().metadata("k", value).write(path);
        byte[] bytes = Files.readAllBytes(path);
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, header % 8);
        assertEquals(bytes.length, 8 + header);
        assertEquals('{', bytes[8]); // the format demands that nothing stands before it
    }

    @ParameterizedTest
    @EnumSource(StoredType.class)
    void add_ofATensor_keepsItsElementType(StoredType type) {
        Path path = folder.resolve("typed.safetensors");
        try (NativeScope scope = NativeScope.inference()) {
            Tensor tensor = Tensors.of(new float[] {0, 1, 1, 0, 1, 0}, 2, 3).to(type.scalarType());
            new SafetensorsWriter().add("x", tensor).write(path);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertEquals(new TensorInfo("x", type, List.of(2L, 3L), 0, 6L * type.bytes()), file.info("x"));
                Tensor read = file.read("x");
                assertEquals(type.scalarType().intern(), read.scalar_type().intern());
                assertArrayEquals(new float[] {0, 1, 1, 0, 1, 0}, Tensors.floats(read));
            }
        }
    }

    @Test
    void add_ofATransposedTensor_writesItRowByRow() {
        Path path = folder.resolve("transposed.safetensors");
        try (NativeScope scope = NativeScope.inference()) {
            Tensor tensor = Tensors.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).t();
            new SafetensorsWriter().add("x", tensor).write(path);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertEquals("[3, 2]", file.info("x").shapeText());
                assertArrayEquals(new double[] {1, 4, 2, 5, 3, 6}, Tensors.doubles(file.read("x")));
            }
        }
    }

    @Test
    void add_ofATensor_copiesItsValues() {
        Path path = folder.resolve("copied.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor tensor = Tensors.of(new float[] {1, 2}, 2);
            writer.add("x", tensor);
            tensor.zero_();
        }
        writer.write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path);
                NativeScope scope = NativeScope.inference()) {
            assertArrayEquals(new float[] {1, 2}, Tensors.floats(file.read("x")));
        }
    }

    @Test
    void add_ofANameTwice_isRefused() {
        SafetensorsWriter writer = new SafetensorsWriter().add("x", new float[] {1});
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> writer.add("x", new double[] {2}));
        assertEquals("tensor 'x' added twice", e.getMessage());
    }

    @Test
    void add_withAShapeOfAnotherSize_isRefused() {
        SafetensorsWriter writer = new SafetensorsWriter();
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> writer.add("x", new float[5], 2, 3));
        assertEquals("tensor 'x' has 5 values, shape [2, 3]", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> writer.add("x", new long[2]));
        assertThrows(IllegalArgumentException.class, () -> writer.add("x", new double[1], 0));
    }

    @Test
    void write_thatFails_keepsWhatWasThereAndLeavesNothing() throws IOException {
        Path target = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(target.resolve("inside"), "old");
        SafetensorsWriter writer = new SafetensorsWriter().add("x", new float[] {1});
        assertThrows(InputException.class, () -> writer.write(target));
        assertEquals("old", Files.readString(target.resolve("inside")));
        assertEquals(List.of("taken"), names(folder));
    }

    @Test
    void write_overAnOlderFile_replacesItWhole() throws IOException {
        Path target = folder.resolve("x.safetensors");
        new SafetensorsWriter().add("old", new double[1000], 1000).write(target);
        new SafetensorsWriter().add("new", new float[] {3}).write(target);
        try (SafetensorsFile file = SafetensorsFile.open(target)) {
            assertEquals(List.of("new"), List.copyOf(file.names()));
        }
        assertEquals(List.of("x.safetensors"), names(folder));
    }

    @Test
    void writeTo_aFolderThatIsNotThere_fails() {
        SafetensorsWriter writer = new SafetensorsWriter().add("x", new float[] {1});
        assertThrows(NoSuchFileException.class, () -> writer.writeTo(folder.resolve("none/x.safetensors")));
    }

    @Test
    void write_twice_givesTheSameBytes() throws IOException {
        SafetensorsWriter writer =
                new SafetensorsWriter().add("x", new float[] {1, 2}, 2).metadata("k", "v");
        writer.write(folder.resolve("one"));
        writer.write(folder.resolve("two"));
        assertTrue(Files.size(folder.resolve("one")) > 8);
        assertEquals(-1, Files.mismatch(folder.resolve("one"), folder.resolve("two")));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
