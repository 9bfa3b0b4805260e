package io.residual.weights;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.residual.base.InputException;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
    private static final String ALL_TYPES = "one of [BOOL, U8, I8, I16, F16, BF16, I32, F32, I64, F64]";

    @TempDir
    Path folder;

    /**
     * A file that must be refused when it is opened.
     *
     * @param tensor the tensor that the message must name, or nothing
     * @param found what the message must say was found
     * @param expected what it must say was expected
     */
    private record Hostile(String name, byte[] content, String tensor, String found, String expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Hostile> wrongLengths() {
        return Stream.of(
                new Hostile("empty", new byte[0], "", "0 bytes", "at least the 8 bytes of a header length"),
                new Hostile("seven bytes", new byte[7], "", "7 bytes", "at least the 8 bytes of a header length"),
                headerLength(0, "0"),
                headerLength(1, "1"),
                headerLength(-1, "18446744073709551615"),
                headerLength(Long.MIN_VALUE, "9223372036854775808"),
                headerLength(Long.MAX_VALUE, "9223372036854775807"),
                headerLength(100_000_001, "100000001"),
                new Hostile(
                        "header longer than the file",
                        start(99_999_999, "{}"),
                        "",
                        "a header length of 99999999 bytes in a file of 10",
                        "at most 2"),
                new Hostile(
                        "header one byte longer than the file",
                        start(3, "{}"),
                        "",
                        "a header length of 3 bytes in a file of 10",
                        "at most 2"));
    }

    static Stream<Hostile> wrongJson() {
        return Stream.of(
                notJson("not JSON", "hello world", "Unrecognized token 'hello'"),
                notJson("cut off", "{\"a\":", "Unexpected end-of-input"),
                notJson("padded with zeros", "{}\0\0\0\0\0\0", "CTRL-CHAR, code 0"),
                notJson("trailing word", "{} x", "Unrecognized token 'x'"),
                notJson("trailing object", "{}{}", "Trailing token"),
                notJson(
                        "tensor twice",
                        "{" + entry("a", "F32", "[1]", 0, 4) + "," + entry("a", "F32", "[1]", 0, 4) + "}",
                        "Duplicate field 'a'"),
                notJson(
                        "key twice",
                        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]}}",
                        "Duplicate field 'dtype'"),
                notJson("nested nine deep", "{\"a\":" + "[".repeat(8) + "]".repeat(8) + "}", "nesting depth (9)"),
                notJson("nested a million deep", "[".repeat(1_000_000), "nesting depth (9)"),
                notJson("a number of a thousand digits", "{\"a\":" + "9".repeat(1000) + "}", "Number value length"),
                new Hostile(
                        "bytes that are not UTF-8",
                        file(new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'}),
                        "",
                        "a header that is not valid JSON (nor UTF-8)",
                        "JSON"),
                notAnObject("array", "[]"),
                notAnObject("string", "\"a\""),
                notAnObject("number", "42"),
                notAnObject("null", "null"),
                notAnObject("blanks", "        "));
    }

    static Stream<Hostile> wrongEntries() {
        return Stream.of(
                type("\"F8_E4M3\"", "F8_E4M3"),
                type("\"f32\"", "f32"),
                type("32", "32"),
                type("null", "nothing"),
                new Hostile("entry that is a number", file("{\"a\":5}"), "a", "element type nothing", ALL_TYPES),
                new Hostile(
                        "no shape",
                        file("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}"),
                        "a",
                        "shape ",
                        "an array of at most 16 sizes"),
                shape("3", "an array of at most 16 sizes"),
                shape("[" + "1,".repeat(16) + "1]", "an array of at most 16 sizes"),
                shape("[-1]", "sizes of 0 or more"),
                shape("[2,-2,-1]", "sizes of 0 or more"),
                shape("[1.5]", "sizes of 0 or more"),
                shape("[\"4\"]", "sizes of 0 or more"),
                shape("[null]", "sizes of 0 or more"),
                shape("[[4]]", "sizes of 0 or more"),
                shape("[9223372036854775808]", "sizes of 0 or more"),
                shape("[9223372036854775807]", "a size that fits in 63 bits"),
                shape("[2147483648,1073741824]", "a size that fits in 63 bits"), // 2^61 elements of 4 bytes
                shape("[4294967296,4294967296]", "a size that fits in 63 bits"),
                offsets("[4,0]"),
                offsets("[-4,0]"),
                offsets("[0]"),
                offsets("[0,2,4]"),
                offsets("[0.0,4.0]"),
                offsets("[\"0\",\"4\"]"),
                offsets("[0,9223372036854775808]"),
                offsets("{\"0\":0,\"1\":4}"),
                offsets("4"),
                new Hostile(
                        "no offsets",
                        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4),
                        "a",
                        "data_offsets ",
                        "[begin, end] with 0 <= begin <= end"),
                new Hostile(
                        "fewer bytes than the shape needs",
                        file("{" + entry("a", "F32", "[2,3]", 0, 20) + "}", 20),
                        "a",
                        "data_offsets [0, 20], that is 20 bytes",
                        "24 bytes for F32 [2, 3]"),
                new Hostile(
                        "more bytes than the shape needs",
                        file("{" + entry("a", "F64", "[]", 0, 16) + "}", 16),
                        "a",
                        "data_offsets [0, 16], that is 16 bytes",
                        "8 bytes for F64 []"));
    }

    static Stream<Hostile> wrongCovers() {
        String first = entry("a", "F32", "[2]", 0, 8);
        return Stream.of(
                new Hostile(
                        "overlap",
                        file("{" + first + "," + entry("b", "F32", "[2]", 4, 12) + "}", 12),
                        "b",
                        "data that begins at byte 4",
                        "byte 8, where the tensor before it ends"),
                new Hostile(
                        "the same bytes twice",
                        file("{" + first + "," + entry("b", "F32", "[2]", 0, 8) + "}", 8),
                        "b",
                        "data that begins at byte 0",
                        "byte 8, where the tensor before it ends"),
                new Hostile(
                        "hole between",
                        file("{" + first + "," + entry("b", "F32", "[1]", 12, 16) + "}", 16),
                        "b",
                        "data that begins at byte 12",
                        "byte 8, where the tensor before it ends"),
                new Hostile(
                        "hole at the beginning",
                        file("{" + entry("a", "F32", "[1]", 4, 8) + "}", 8),
                        "a",
                        "data that begins at byte 4",
                        "byte 0, where the tensor before it ends"),
                new Hostile(
                        "beyond the file",
                        file("{" + entry("a", "U8", "[1099511627776]", 0, 1L << 40) + "}", 4),
                        "",
                        "4 bytes of data",
                        "1099511627776 bytes, as its header says"),
                new Hostile(
                        "offsets at the end of the number range",
                        file("{" + entry("a", "U8", "[1]", Long.MAX_VALUE - 1, Long.MAX_VALUE) + "}", 4),
                        "a",
                        "data that begins at byte 9223372036854775806",
                        "byte 0, where the tensor before it ends"),
                new Hostile(
                        "data cut off",
                        file("{" + first + "}", 7),
                        "",
                        "7 bytes of data",
                        "8 bytes, as its header says"),
                new Hostile(
                        "data too long",
                        file("{" + first + "}", 9),
                        "",
                        "9 bytes of data",
                        "8 bytes, as its header says"),
                new Hostile("data of no tensor", file("{}", 1), "", "1 bytes of data", "0 bytes, as its header says"));
    }

    @ParameterizedTest
    @MethodSource({"wrongLengths", "wrongEntries", "wrongCovers"})
    void open_refusesWhatCannotBeTrue(Hostile hostile) throws IOException {
        Path file = Files.write(folder.resolve("hostile.safetensors"), hostile.content());
        String where = file + (hostile.tensor().isEmpty() ? "" : ", tensor '" + hostile.tensor() + "'");
        String start = where + ": found " + hostile.found() + ", expected " + hostile.expected() + ". ";
        String message = refusal(file);
        assertTrue(message.startsWith(start), () -> message + "\nshould start with\n" + start);
    }

    @ParameterizedTest
    @MethodSource("wrongJson")
    void open_refusesAHeaderThatIsNoJsonObject(Hostile hostile) throws IOException {
        Path file = Files.write(folder.resolve("hostile.safetensors"), hostile.content());
        // What the JSON parser says goes on after the part that we look for.
        String message = refusal(file);
        assertTrue(message.startsWith(file + ": found a header that is not "), message);
        assertTrue(message.contains(hostile.found()), () -> message + "\nshould contain\n" + hostile.found());
        assertTrue(message.contains(", expected " + hostile.expected() + ". "), message);
    }

    /** Empty tensors take no room in the file, so only their number bounds what their names take in memory. */
    @Test
    void open_refusesMoreTensorsThanAnyModelHas() throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i <= SafetensorsFile.MAX_TENSORS; i++) {
            header.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(i)
                    .append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        Path file = Files.write(
                folder.resolve("hostile.safetensors"), file(header.append('}').toString(), 0));
        assertEquals(
                file
                        + ": found more than 65536 tensors, expected at most so many. No model has so many; fetch or export"
                        + " the file again.",
                refusal(file));
    }

    /** One entry must not be able to hold what a hundred thousand may not. */
    @Test
    void open_refusesAnEntryOfMillionsOfParts() throws IOException {
        String many = "[" + "0,".repeat(4_200_000) + "0]";
        Path file = Files.write(
                folder.resolve("hostile.safetensors"),
                file("{\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"more\":" + many + ",\"data_offsets\":[0,0]}}", 0));
        assertTrue(refusal(file).contains("a header that is not valid JSON (Token count"), refusal(file));
    }

    @Test
    void open_ofAFolder_isRefused() {
        assertEquals(
                folder + ": found a folder, expected a safetensors file. Name the file inside it.", refusal(folder));
    }

    @Test
    void open_ofNothing_isRefused() {
        Path file = folder.resolve("none.safetensors");
        assertEquals(
                file + ": found no such file or folder, expected a safetensors file. Check the path.", refusal(file));
    }

    @ParameterizedTest
    @ValueSource(longs = {50_000_000, 99_999_999, 100_000_000, Integer.MAX_VALUE, Long.MAX_VALUE, -1})
    void open_withALyingHeaderLength_allocatesNothingOfThatSize(long claimed) throws IOException {
        Path file = Files.write(folder.resolve("liar.safetensors"), start(claimed, "{}"));
        refusal(file); // what is allocated once, such as classes, is not of interest
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        refusal(file);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        // The smallest claim is 50 MB; a message, a stack trace and a few buffers take some kilobytes.
        assertTrue(allocated < 1_000_000, () -> allocated + " bytes allocated for a file of 10");
    }

    @Test
    void open_ofAWellFormedFile_tellsWhatItHolds() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(1.5f).putFloat(-2).putLong(1L << 40).putFloat(7);
        // Neither the order of the names nor blanks in the header mean anything.
        String header = " {\"z\" : {\"dtype\":\"F32\", \"shape\":[2,1], \"data_offsets\":[0,8]},\n"
                + "\"__metadata__\":{\"format\":\"pt\"},"
                + entry("scalar", "F32", "[]", 16, 20) + ","
                + entry("none", "F64", "[3,0]", 8, 8) + ","
                + entry("m", "I64", "[1]", 8, 16) + "}   ";
        Path path = Files.write(folder.resolve("good.safetensors"), file(header.getBytes(UTF_8), data.array()));
        try (SafetensorsFile file = SafetensorsFile.open(path);
                NativeScope scope = NativeScope.inference()) {
            assertEquals(path, file.path());
            assertEquals(Set.of("z", "scalar", "none", "m"), file.names());
            assertEquals(Map.of("format", "pt"), file.metadata());
            assertEquals(new TensorInfo("z", StoredType.F32, List.of(2L, 1L), 0, 8), file.info("z"));
            assertArrayEquals(new float[] {1.5f, -2}, Tensors.floats(file.read("z")));
            assertArrayEquals(new long[] {2, 1}, Tensors.shape(file.read("z")));
            assertArrayEquals(new long[] {1L << 40}, Tensors.longs(file.read("m")));
            assertArrayEquals(new float[] {7}, Tensors.floats(file.read("scalar")));
            assertArrayEquals(new long[0], Tensors.shape(file.read("scalar")));
            assertArrayEquals(new long[] {3, 0}, Tensors.shape(file.read("none")));
        }
    }

    @Test
    void aTensorThatIsNotThere_isRefusedByName() throws IOException {
        Path path = Files.write(folder.resolve("good.safetensors"), file("{" + entry("a", "U8", "[3]", 0, 3) + "}", 3));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertTrue(file.has("a"));
            assertFalse(file.has("b"));
            for (InputException e : List.of(
                    assertThrows(InputException.class, () -> file.info("b")),
                    assertThrows(InputException.class, () -> file.read("b")))) {
                assertEquals(
                        path + ": found no tensor 'b', expected one of that name. Use a file of the expected kind.",
                        e.getMessage());
            }
        }
    }

    @Test
    void read_ofAFileCutOffAfterOpening_isRefused() throws IOException {
        Path path = Files.write(
                folder.resolve("shrinking.safetensors"), file("{" + entry("a", "U8", "[3]", 0, 3) + "}", 3));
        try (SafetensorsFile file = SafetensorsFile.open(path);
                NativeScope scope = NativeScope.inference()) {
            byte[] all = Files.readAllBytes(path);
            Files.write(path, new byte[0]);
            InputException e = assertThrows(InputException.class, () -> file.read("a"));
            assertEquals(
                    path + ": found the end of the file at byte " + (all.length - 3)
                            + ", expected more data. Fetch or export the file again.",
                    e.getMessage());
        }
    }

    private static String refusal(Path file) {
        InputException e = assertThrows(
                InputException.class, () -> SafetensorsFile.open(file).close());
        return String.valueOf(e.getMessage());
    }

    private static Hostile headerLength(long claimed, String said) {
        return new Hostile(
                "header length " + said,
                start(claimed, "{}      "),
                "",
                "a header length of " + said + " bytes",
                "2 to 100000000");
    }

    private static Hostile notJson(String name, String header, String detail) {
        return new Hostile(name, file(header), "", detail, "JSON");
    }

    private static Hostile notAnObject(String name, String header) {
        return new Hostile(name, file(header), "", "a header that is not a JSON object", "an object");
    }

    private static Hostile type(String json, String said) {
        return new Hostile(
                "type " + json,
                file("{\"a\":{\"dtype\":" + json + ",\"shape\":[1],\"data_offsets\":[0,4]}}", 4),
                "a",
                "element type " + said,
                ALL_TYPES);
    }

    private static Hostile shape(String json, String expected) {
        return new Hostile(
                "shape " + json, file("{" + entry("a", "F32", json, 0, 4) + "}", 4), "a", "shape " + json, expected);
    }

    private static Hostile offsets(String json) {
        return new Hostile(
                "offsets " + json,
                file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + json + "}}", 4),
                "a",
                "data_offsets " + json,
                "[begin, end] with 0 <= begin <= end");
    }

    private static String entry(String name, String type, String shape, long begin, long end) {
        return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":[" + begin + ","
                + end + "]}";
    }

    /** A file that claims a header length, whatever follows. */
    private static byte[] start(long headerLength, String rest) {
        byte[] bytes = rest.getBytes(UTF_8);
        return ByteBuffer.allocate(8 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(headerLength)
                .put(bytes)
                .array();
    }

    /** A file with this header and so many bytes of data. */
    private static byte[] file(String header, int dataBytes) {
        return file(header.getBytes(UTF_8), new byte[dataBytes]);
    }

    private static byte[] file(String header) {
        return file(header, 0);
    }

    private static byte[] file(byte[] header) {
        return file(header, new byte[0]);
    }

    private static byte[] file(byte[] header, byte[] data) {
        return ByteBuffer.allocate(8 + header.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .put(data)
                .array();
    }
}
