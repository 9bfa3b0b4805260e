package io.residual.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What is done to a picture's file before its decoder sees it: colour profiles are left out, since Pillow's {@code
 * convert("RGB")} does not follow them, and a WebP's container is reduced to its (first) frame's colours.
 */
final class Containers {
    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FRAME_HEADER = 16;

    private Containers() {}

    /** The same picture without what would change its colours. Throws {@link IllegalArgumentException} if damaged. */
    static byte[] withoutProfile(byte[] bytes) {
        if (bytes.length >= 4 && (bytes[0] & 0xFF) == 0xFF && (bytes[1] & 0xFF) == 0xD8) {
            return jpeg(bytes);
        }
        if (bytes.length >= RIFF_HEADER && is(bytes, 0, "RIFF") && is(bytes, 8, "WEBP")) {
            return webp(bytes);
        }
        return bytes;
    }

    private static byte[] jpeg(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        out.write(bytes, 0, 2);
        int at = 2;
        while (at + 4 <= bytes.length && (bytes[at] & 0xFF) == 0xFF && (bytes[at + 1] & 0xFF) != 0xDA) {
            int next = at + 2 + (((bytes[at + 2] & 0xFF) << 8) | (bytes[at + 3] & 0xFF));
            if (next > bytes.length) {
                break;
            }
            boolean profile = (bytes[at + 1] & 0xFF) == 0xE2 && next - at > 16 && is(bytes, at + 4, "ICC_PROFILE");
            if (!profile) {
                out.write(bytes, at, next - at);
            }
            at = next;
        }
        out.write(bytes, at, bytes.length - at);
        return out.toByteArray();
    }

    /** The first {@code VP8} or {@code VP8L} chunk as a file of its own; alpha, which is dropped, may lie beside it. */
    private static byte[] webp(byte[] bytes) {
        if (CHUNK_HEADER + length(bytes, 4) > bytes.length) {
            throw new IllegalArgumentException("truncated");
        }
        long at = RIFF_HEADER;
        while (at + CHUNK_HEADER <= bytes.length) {
            int start = (int) at;
            long end = at + CHUNK_HEADER + length(bytes, start + 4);
            if (end > bytes.length) {
                throw new IllegalArgumentException("truncated");
            }
            if (is(bytes, start, "VP8 ") || is(bytes, start, "VP8L")) {
                return riff(bytes, start, (int) end);
            }
            at = is(bytes, start, "ANMF") ? at + CHUNK_HEADER + FRAME_HEADER : end + (end & 1);
        }
        throw new IllegalArgumentException("no picture in the WebP file");
    }

    private static byte[] riff(byte[] bytes, int start, int end) {
        byte[] out = Arrays.copyOf(bytes, RIFF_HEADER + (end - start + 1) / 2 * 2);
        System.arraycopy(bytes, start, out, RIFF_HEADER, end - start);
        if (((end - start) & 1) == 1) {
            out[out.length - 1] = 0;
        }
        int length = out.length - CHUNK_HEADER;
        for (int i = 0; i < 4; i++) {
            out[4 + i] = (byte) (length >> (8 * i));
        }
        return out;
    }

    private static boolean is(byte[] bytes, int at, String id) {
        return at + id.length() <= bytes.length && new String(bytes, at, id.length(), ISO_8859_1).equals(id);
    }

    private static long length(byte[] bytes, int at) {
        return Integer.toUnsignedLong(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at));
    }
}
