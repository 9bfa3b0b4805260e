package io.residual.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.Json;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/** Collects tensors and writes them as one safetensors file: names sorted, header padded to 8 bytes, atomically. */
public final class SafetensorsWriter {
    private final Map<String, Entry> entries = new TreeMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private record Entry(StoredType type, long[] shape, ByteBuffer bytes) {}

    /** Adds a string beside the tensors. */
    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /** Adds a tensor in its own element type. The values are copied. */
    public SafetensorsWriter add(String name, Tensor tensor) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor dense = tensor.detach().contiguous();
            ByteBuffer view = Tensors.bytes(dense);
            ByteBuffer copy = ByteBuffer.allocate(view.remaining()).put(view).flip();
            return put(name, new Entry(StoredType.of(dense.scalar_type()), Tensors.shape(dense), copy));
        }
    }

    /** Adds a tensor of 32-bit floats, row-major. */
    public SafetensorsWriter add(String name, float[] values, long... shape) {
        ByteBuffer bytes = littleEndian(values.length * 4);
        bytes.asFloatBuffer().put(values);
        return put(name, new Entry(StoredType.F32, checked(name, values.length, shape), bytes));
    }

    /** Adds a tensor of 64-bit floats, row-major. */
    public SafetensorsWriter add(String name, double[] values, long... shape) {
        ByteBuffer bytes = littleEndian(values.length * 8);
        bytes.asDoubleBuffer().put(values);
        return put(name, new Entry(StoredType.F64, checked(name, values.length, shape), bytes));
    }

    /** Adds a tensor of 64-bit integers, row-major. */
    public SafetensorsWriter add(String name, long[] values, long... shape) {
        ByteBuffer bytes = littleEndian(values.length * 8);
        bytes.asLongBuffer().put(values);
        return put(name, new Entry(StoredType.I64, checked(name, values.length, shape), bytes));
    }

    private SafetensorsWriter put(String name, Entry entry) {
        if (name.equals("__metadata__")) {
            throw new IllegalArgumentException("a tensor cannot be called __metadata__");
        }
        if (entries.put(name, entry) != null) {
            throw new IllegalArgumentException("tensor '" + name + "' added twice");
        }
        return this;
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long[] checked(String name, long length, long... shape) {
        long product = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        if (product != length) {
            throw new IllegalArgumentException(
                    "tensor '" + name + "' has " + length + " values, shape " + Arrays.toString(shape));
        }
        return shape;
    }

    /** Writes the file; an existing one is replaced only when the new one is complete. */
    public void write(Path target) {
        AtomicFiles.write(target, this::writeTo);
    }

    /** Writes to a path that the caller makes atomic, such as one inside a folder being assembled. */
    public void writeTo(Path path) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(header());
        try (FileChannel out = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(out, littleEndian(8).putLong(header.remaining()).flip());
            writeFully(out, header);
            for (Entry entry : entries.values()) {
                writeFully(out, entry.bytes.duplicate());
            }
            out.force(true);
        }
    }

    private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private byte[] header() {
        ObjectNode root = Json.object();
        if (!metadata.isEmpty()) {
            ObjectNode node = root.putObject("__metadata__");
            metadata.forEach(node::put);
        }
        long offset = 0;
        for (Map.Entry<String, Entry> item : entries.entrySet()) {
            Entry entry = item.getValue();
            ObjectNode node = root.putObject(item.getKey());
            node.put("dtype", entry.type.name());
            ArrayNode shape = node.putArray("shape");
            for (long dimension : entry.shape) {
                shape.add(dimension);
            }
            long end = offset + entry.bytes.remaining();
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = Json.line(root).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }
}
