package io.residual.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.fixtures.KitFixture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** What other programs make of an image, written by golden/images.py; read here without the code under test. */
public final class Golden {
    private final JsonNode header;
    private final byte[] file;
    private final int start;

    private Golden(String name) {
        try {
            file = contents(name);
            int length =
                    (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
            header = new ObjectMapper().readTree(file, 8, length);
            start = 8 + length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] contents(String name) throws IOException {
        if (Golden.class.getResource("/images/" + name + ".safetensors.gz") == null) {
            return Files.readAllBytes(resource(name + ".safetensors"));
        }
        try (InputStream in = new GZIPInputStream(Files.newInputStream(resource(name + ".safetensors.gz")))) {
            return in.readAllBytes();
        }
    }

    public static Golden open(String name) {
        return new Golden(name);
    }

    /** A file among the resources. */
    static Path resource(String name) {
        return KitFixture.image(name);
    }

    /** The names that begin so. */
    public Stream<String> names(String prefix) {
        return header.properties().stream()
                .map(e -> e.getKey())
                .filter(n -> n.startsWith(prefix))
                .sorted();
    }

    /** Whether there is such a tensor. */
    public boolean has(String name) {
        return header.has(name);
    }

    /** A tensor's shape. */
    public int[] shape(String name) {
        JsonNode shape = header.path(name).path("shape");
        int[] out = new int[shape.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = shape.path(i).asInt();
        }
        return out;
    }

    /** A tensor of height, width and 3 bytes. */
    public Image image(String name) {
        JsonNode shape = header.path(name).path("shape");
        return new Image(shape.path(1).asInt(), shape.path(0).asInt(), bytes(name));
    }

    public float[] floats(String name) {
        byte[] bytes = bytes(name);
        float[] out = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(out);
        return out;
    }

    /** A tensor's bytes. */
    public byte[] bytes(String name) {
        JsonNode offsets = header.path(name).path("data_offsets");
        return Arrays.copyOfRange(
                file, start + offsets.path(0).asInt(), start + offsets.path(1).asInt());
    }

    /** Part of an image. */
    static Image part(Image image, int left, int top, int width, int height) {
        byte[] out = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            System.arraycopy(image.rgb(), ((y + top) * image.width() + left) * 3, out, y * width * 3, width * 3);
        }
        return new Image(width, height, out);
    }

    /** The top right corner of an image, of the size written in the last part but {@code fromEnd} of a name. */
    static Image corner(Image image, String name, int fromEnd) {
        int[] size = size(name, fromEnd);
        return part(image, image.width() - size[0], 0, size[0], size[1]);
    }

    /** Width and height in the last part of a name, or in the last but so many: {@code a.3x4.5x6}. */
    static int[] size(String name, int fromEnd) {
        String[] parts = name.split("\\.");
        return Arrays.stream(parts[parts.length - 1 - fromEnd].split("x"))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    static void assertSame(Image expected, Image actual) {
        assertEquals(expected.width() + " x " + expected.height(), actual.width() + " x " + actual.height());
        assertArrayEquals(expected.rgb(), actual.rgb());
    }
}
