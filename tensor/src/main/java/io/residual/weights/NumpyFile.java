package io.residual.weights;

import io.residual.base.AtomicFiles;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Arrays of little-endian 32-bit floats in NumPy's format, version 1.0. */
public final class NumpyFile {
    private static final int HEADER = 128;

    private NumpyFile() {}

    /** Magic, version, length of what follows, a Python dictionary, spaces to 128 bytes. */
    public static byte[] header(long... shape) {
        String sides = Arrays.stream(shape).mapToObj(String::valueOf).collect(Collectors.joining(", "));
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + sides + (shape.length == 1 ? ",)" : ")")
                + ", }";
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
        header.put((byte) 1).put((byte) 0).putShort((short) (HEADER - 10));
        header.put(text.getBytes(StandardCharsets.US_ASCII));
        while (header.position() < HEADER - 1) {
            header.put((byte) ' ');
        }
        return header.put((byte) '\n').array();
    }

    /** Writes an array, row by row; nothing appears under its name until it is whole. */
    public static void write(Path target, float[] values, long... shape) {
        if (Arrays.stream(shape).reduce(1, Math::multiplyExact) != values.length) {
            throw new IllegalArgumentException(values.length + " numbers for " + Arrays.toString(shape));
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        AtomicFiles.write(target, file -> {
            try (OutputStream out = Files.newOutputStream(file)) {
                out.write(header(shape));
                out.write(bytes.array());
            }
        });
    }
}
