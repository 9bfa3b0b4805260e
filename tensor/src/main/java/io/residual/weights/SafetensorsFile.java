package io.residual.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.RegularFiles;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * A safetensors file, open for reading.
 *
 * <p>Format (huggingface/safetensors): eight bytes, little-endian, the length N of the header; N bytes of JSON, an
 * object that maps each name to {@code {"dtype", "shape", "data_offsets": [begin, end]}}, and optionally
 * {@code "__metadata__"} to an object of strings; then the data, to which the offsets refer, without holes.
 *
 * <p>Everything a header claims is checked when the file is opened, against the file's real size, so that reading a
 * tensor later can neither run out of the file nor allocate more than the file holds.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** The limit of the reference implementation. A larger header is refused unread. */
    static final long MAX_HEADER_BYTES = 100_000_000;

    /** Far more than any model has: a header of empty tensors would otherwise fill the heap with their names. */
    static final int MAX_TENSORS = 1 << 16;

    private static final int MAX_DIMENSIONS = 16;
    private static final String ROLE = "a safetensors file";

    /** Brackets, names and values of a header: some thirty a tensor, and as many again. */
    private static final long MAX_TOKENS = 64L * MAX_TENSORS;

    private static final String REMEDY = "Fetch or export the file again";
    private static final Json.Limits LIMITS = new Json.Limits(8, 20, MAX_TOKENS, false);

    private final Path path;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, String> metadata;

    private SafetensorsFile(
            Path path,
            FileChannel channel,
            long dataStart,
            Map<String, TensorInfo> tensors,
            Map<String, String> metadata) {
        this.path = path;
        this.channel = channel;
        this.dataStart = dataStart;
        this.tensors = tensors;
        this.metadata = metadata;
    }

    /**
     * Opens and validates a file.
     *
     * @throws InputException if it is missing, truncated, or its header claims anything untrue
     */
    public static SafetensorsFile open(Path path) {
        RegularFiles.require(path, ROLE);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            SafetensorsFile file = read(path, channel);
            channel = null; // owned by the result from here on
            return file;
        } catch (NoSuchFileException e) {
            throw InputException.missing(path, ROLE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
        } finally {
            closeQuietly(channel);
        }
    }

    private static SafetensorsFile read(Path path, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < 8) {
            throw InputException.at(path, size + " bytes", "at least the 8 bytes of a header length", REMEDY);
        }
        long headerLength =
                read(path, channel, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (headerLength < 2 || headerLength > MAX_HEADER_BYTES) {
            throw InputException.at(
                    path,
                    "a header length of " + Long.toUnsignedString(headerLength) + " bytes",
                    "2 to " + MAX_HEADER_BYTES,
                    "This is not a safetensors file, or it is damaged; " + lowerFirst(REMEDY));
        }
        if (headerLength > size - 8) {
            throw InputException.at(
                    path,
                    "a header length of " + headerLength + " bytes in a file of " + size,
                    "at most " + (size - 8),
                    "The file is truncated; " + lowerFirst(REMEDY));
        }
        long dataStart = 8 + headerLength;
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        parseHeader(path, channel, headerLength, tensors, metadata);
        requireExactCover(path, tensors, size - dataStart);
        return new SafetensorsFile(
                path, channel, dataStart, Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
    }

    /** Reads the header entry by entry, so that memory is taken for what it describes and not for its text. */
    private static void parseHeader(
            Path path, FileChannel channel, long length, Map<String, TensorInfo> tensors, Map<String, String> metadata)
            throws IOException {
        // Strictly UTF-8: left to itself, the parser would guess other encodings from the first bytes.
        try (JsonParser parser = Json.parser(
                new InputStreamReader(new Section(path, channel, 8, 8 + length), StandardCharsets.UTF_8.newDecoder()),
                LIMITS)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                throw InputException.at(path, "a header that is not a JSON object", "an object", REMEDY);
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                JsonNode value = parser.readValueAsTree();
                if (name.equals("__metadata__")) {
                    requireTexts(path, value);
                    value.properties()
                            .forEach(item ->
                                    metadata.put(item.getKey(), item.getValue().asText()));
                } else if (tensors.size() < MAX_TENSORS) {
                    tensors.put(name, parseEntry(path, name, value));
                } else {
                    throw InputException.at(
                            path,
                            "more than " + MAX_TENSORS + " tensors",
                            "at most so many",
                            "No model has so many; " + lowerFirst(REMEDY));
                }
            }
            if (parser.nextToken() != null) {
                throw InputException.at(
                        path, "a header that is not valid JSON (Trailing token after its end)", "JSON", REMEDY);
            }
        } catch (CharacterCodingException e) {
            throw InputException.at(path, "a header that is not valid JSON (nor UTF-8)", "JSON", REMEDY, e);
        } catch (JsonProcessingException e) {
            throw InputException.at(
                    path, "a header that is not valid JSON (" + e.getOriginalMessage() + ")", "JSON", REMEDY, e);
        }
    }

    /** A part of a file as a stream. */
    private static final class Section extends InputStream {
        private final Path path;
        private final FileChannel channel;
        private final long to;
        private long at;

        Section(Path path, FileChannel channel, long from, long to) {
            this.path = path;
            this.channel = channel;
            this.at = from;
            this.to = to;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int most = (int) Math.min(length, to - at);
            if (most <= 0) {
                return length == 0 ? 0 : -1;
            }
            fill(path, channel, at, ByteBuffer.wrap(into, offset, most));
            at += most;
            return most;
        }
    }

    private static void requireTexts(Path path, JsonNode metadata) {
        boolean texts = metadata.isObject() || metadata.isNull();
        for (JsonNode value : metadata) {
            texts &= value.isTextual();
        }
        if (!texts) {
            throw InputException.at(path, "__metadata__ " + metadata, "an object of texts", REMEDY);
        }
    }

    private static TensorInfo parseEntry(Path path, String name, JsonNode entry) {
        String where = path + ", tensor '" + name + "'";
        String typeName = entry.path("dtype").asText("nothing");
        StoredType type = StoredType.named(typeName)
                .orElseThrow(() -> InputException.at(
                        where,
                        "element type " + typeName,
                        "one of " + List.of(StoredType.values()),
                        "Convert the file to F32, F16 or BF16"));
        JsonNode shapeNode = entry.path("shape");
        JsonNode offsets = entry.path("data_offsets");
        if (!shapeNode.isArray() || shapeNode.size() > MAX_DIMENSIONS) {
            throw InputException.at(
                    where, "shape " + shapeNode, "an array of at most " + MAX_DIMENSIONS + " sizes", REMEDY);
        }
        if (!offsets.isArray()
                || offsets.size() != 2
                || !isSize(offsets.path(0))
                || !isSize(offsets.path(1))
                || offsets.path(0).longValue() > offsets.path(1).longValue()) {
            throw InputException.at(where, "data_offsets " + offsets, "[begin, end] with 0 <= begin <= end", REMEDY);
        }
        List<Long> shape = new ArrayList<>();
        long extent = type.bytes(); // as if no dimension were 0: strides must fit, too
        for (JsonNode dimension : shapeNode) {
            if (!isSize(dimension)) {
                throw InputException.at(where, "shape " + shapeNode, "sizes of 0 or more", REMEDY);
            }
            shape.add(dimension.longValue());
            try {
                extent = Math.multiplyExact(extent, Math.max(1, dimension.longValue()));
            } catch (ArithmeticException e) {
                throw InputException.at(where, "shape " + shapeNode, "a size that fits in 63 bits", REMEDY, e);
            }
        }
        long bytes = shape.contains(0L) ? 0 : extent;
        long begin = offsets.path(0).longValue();
        long end = offsets.path(1).longValue();
        if (end - begin != bytes) {
            throw InputException.at(
                    where,
                    "data_offsets [" + begin + ", " + end + "], that is " + (end - begin) + " bytes",
                    bytes + " bytes for " + typeName + " " + shape,
                    REMEDY);
        }
        return new TensorInfo(name, type, shape, begin, end);
    }

    private static boolean isSize(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
    }

    /** The data must be covered once, without holes or overlaps, as the format demands. */
    private static void requireExactCover(Path path, Map<String, TensorInfo> tensors, long dataBytes) {
        List<TensorInfo> byOffset = new ArrayList<>(tensors.values());
        byOffset.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long covered = 0;
        for (TensorInfo info : byOffset) {
            if (info.begin() != covered) {
                throw InputException.at(
                        path + ", tensor '" + info.name() + "'",
                        "data that begins at byte " + info.begin(),
                        "byte " + covered + ", where the tensor before it ends",
                        REMEDY);
            }
            covered = info.end();
        }
        if (covered != dataBytes) {
            throw InputException.at(
                    path,
                    dataBytes + " bytes of data",
                    covered + " bytes, as its header says",
                    covered > dataBytes ? "The file is truncated; " + lowerFirst(REMEDY) : REMEDY);
        }
    }

    /** The path of the file. */
    public Path path() {
        return path;
    }

    /** The names of all tensors. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** Whether there is a tensor of this name. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** The strings that the file carries beside its tensors. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * The type, shape and position of a tensor.
     *
     * @throws InputException if there is no tensor of this name
     */
    public TensorInfo info(String name) {
        TensorInfo info = tensors.get(name);
        if (info == null) {
            throw InputException.at(
                    path, "no tensor '" + name + "'", "one of that name", "Use a file of the expected kind");
        }
        return info;
    }

    /** Reads a tensor in its stored type. */
    public Tensor read(String name) {
        TensorInfo info = info(name);
        Tensor tensor = Tensors.empty(info.type().scalarType(), info.dimensions());
        long remaining = info.end() - info.begin();
        long position = dataStart + info.begin();
        long done = 0;
        try {
            while (remaining > 0) {
                int chunk = (int) Math.min(remaining, 1 << 30);
                // A view of its own for every piece: capacity, limit and position of one pointer move together.
                ByteBuffer buffer = new BytePointer(tensor.data_ptr())
                        .limit(done + chunk)
                        .position(done)
                        .asByteBuffer();
                fill(path, channel, position + done, buffer);
                done += chunk;
                remaining -= chunk;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
        }
        return tensor;
    }

    /**
     * Fills a buffer with a tensor's bytes as they are stored.
     *
     * @param from the first byte, counted from the tensor's own beginning
     * @throws IndexOutOfBoundsException if the tensor has fewer bytes
     */
    public void read(String name, long from, ByteBuffer into) {
        TensorInfo info = info(name);
        if (from < 0 || from + into.remaining() > info.end() - info.begin()) {
            throw new IndexOutOfBoundsException(into.remaining() + " bytes from " + from + " of tensor '" + name + "'");
        }
        try {
            fill(path, channel, dataStart + info.begin() + from, into);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    /**
     * Gives what is known of a tensor that must have a given shape.
     *
     * @param remedy for the message if it has another
     * @throws InputException if there is no such tensor or it has another shape
     */
    public TensorInfo require(String name, String remedy, long... shape) {
        TensorInfo info = info(name);
        if (!Arrays.equals(info.dimensions(), shape)) {
            throw InputException.at(
                    path + ", tensor '" + name + "'",
                    "shape " + info.shapeText(),
                    "shape " + Arrays.toString(shape),
                    remedy);
        }
        return info;
    }

    /**
     * Reads a tensor that must have a given shape.
     *
     * @param remedy for the message if it has another
     * @throws InputException if there is no such tensor or it has another shape
     */
    public Tensor read(String name, String remedy, long... shape) {
        require(name, remedy, shape);
        return read(name);
    }

    private static ByteBuffer read(Path path, FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        fill(path, channel, position, buffer);
        return buffer.flip();
    }

    private static void fill(Path path, FileChannel channel, long position, ByteBuffer buffer) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            int got = channel.read(buffer, at);
            if (got < 0) {
                throw InputException.at(path, "the end of the file at byte " + at, "more data", REMEDY);
            }
            at += got;
        }
    }

    private static String lowerFirst(String sentence) {
        return Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
    }

    private static void closeQuietly(@org.jspecify.annotations.Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }
}
