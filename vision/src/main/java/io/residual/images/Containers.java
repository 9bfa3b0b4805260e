package io.residual.images;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Strips an image file to its pixel data before a decoder sees it. Colour profiles (which Pillow's {@code
 * convert("RGB")} ignores), transparency (which it drops), text and metadata are removed, and with them their ways to
 * attack a decoder.
 */
final class Containers {
    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FRAME_HEADER = 16;
    private static final int PNG_SIGNATURE = 8;
    private static final int PNG_OVERHEAD = 12;

    private Containers() {}

    /** The image without metadata that would change its colours. Throws {@link IllegalArgumentException} if damaged. */
    static byte[] bare(byte[] bytes) {
        if (Bytes.is(bytes, 0, "\u00FF\u00D8")) {
            return jpeg(bytes);
        }
        if (Bytes.is(bytes, 0, "\u0089PNG\r\n\u001A\n")) {
            return png(bytes);
        }
        if (isWebp(bytes)) {
            return webp(bytes);
        }
        return bytes;
    }

    static boolean isWebp(byte[] bytes) {
        return Bytes.is(bytes, 0, "RIFF") && Bytes.is(bytes, 8, "WEBP");
    }

    private static byte[] jpeg(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        out.write(bytes, 0, 2);
        int at = 2;
        while (at + 4 <= bytes.length && (bytes[at] & 0xFF) == 0xFF && (bytes[at + 1] & 0xFF) != 0xDA) {
            int next = at + 2 + Bytes.big16(bytes, at + 2);
            if (next > bytes.length) {
                break;
            }
            boolean profile = (bytes[at + 1] & 0xFF) == 0xE2 && Bytes.is(bytes, at + 4, "ICC_PROFILE");
            if (!profile) {
                out.write(bytes, at, next - at);
            }
            at = next;
        }
        out.write(bytes, at, bytes.length - at);
        return out.toByteArray();
    }

    /** Header, palette and data; checksums are checked up to the data, as Pillow does. */
    private static byte[] png(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        out.write(bytes, 0, PNG_SIGNATURE);
        boolean data = false;
        long at = PNG_SIGNATURE;
        while (at + PNG_OVERHEAD <= bytes.length) {
            long length = Bytes.big32(bytes, at);
            long end = at + PNG_OVERHEAD + length;
            if (end > bytes.length) {
                break; // the decoder says whether pixels are missing
            }
            boolean idat = Bytes.is(bytes, at + 4, "IDAT");
            data |= idat;
            if (!data && crc(bytes, (int) at + 4, (int) length + 4) != Bytes.big32(bytes, end - 4)) {
                throw new IllegalArgumentException(
                        "the checksum of its part " + Bytes.text(bytes, at + 4, at + 8) + " is wrong");
            }
            if (idat || Bytes.is(bytes, at + 4, "IHDR") || Bytes.is(bytes, at + 4, "PLTE")) {
                out.write(bytes, (int) at, (int) (end - at));
            }
            if (Bytes.is(bytes, at + 4, "IEND")) {
                at = bytes.length;
                break;
            }
            at = end;
        }
        if (at < bytes.length) {
            out.write(bytes, (int) at, bytes.length - (int) at);
        }
        byte[] last = {0, 0, 0, 0, 'I', 'E', 'N', 'D', (byte) 0xAE, 0x42, 0x60, (byte) 0x82};
        out.write(last, 0, last.length);
        return out.toByteArray();
    }

    private static long crc(byte[] bytes, int from, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, length);
        return crc.getValue();
    }

    /** The palette of a PNG, three bytes an entry, or null if it has none. */
    static byte @Nullable [] palette(byte[] png) {
        long at = PNG_SIGNATURE;
        while (at + PNG_OVERHEAD <= png.length) {
            long end = at + PNG_OVERHEAD + Bytes.big32(png, at);
            if (Bytes.is(png, at + 4, "PLTE") && end <= png.length) {
                return Arrays.copyOfRange(png, (int) at + 8, (int) end - 4);
            }
            at = end;
        }
        return null;
    }

    /** The first {@code VP8} or {@code VP8L} chunk as a file of its own; alpha, which is dropped, may lie beside it. */
    private static byte[] webp(byte[] bytes) {
        if (CHUNK_HEADER + Bytes.little32(bytes, 4) > bytes.length) {
            throw new IllegalArgumentException("truncated");
        }
        long at = RIFF_HEADER;
        while (at + CHUNK_HEADER <= bytes.length) {
            int start = (int) at;
            long end = at + CHUNK_HEADER + Bytes.little32(bytes, at + 4);
            if (end > bytes.length) {
                throw new IllegalArgumentException("truncated");
            }
            if (Bytes.is(bytes, start, "VP8 ") || Bytes.is(bytes, start, "VP8L")) {
                return riff(bytes, start, (int) end);
            }
            at = Bytes.is(bytes, start, "ANMF") ? at + CHUNK_HEADER + FRAME_HEADER : end + (end & 1);
        }
        throw new IllegalArgumentException("no image in the WebP file");
    }

    /**
     * The position of the first frame of an animated WebP on its canvas.
     *
     * @param width of the canvas, in pixels
     * @param left of the frame on it
     */
    record Canvas(int width, int height, int left, int top) {
        /** The canvas, black around the frame. */
        Image around(Image frame) {
            if (left + frame.width() > width || top + frame.height() > height) {
                throw new IllegalArgumentException("its frame reaches beyond its canvas");
            }
            byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
            for (int y = 0; y < frame.height(); y++) {
                System.arraycopy(
                        frame.rgb(), y * frame.width() * 3, out, ((top + y) * width + left) * 3, frame.width() * 3);
            }
            return new Image(width, height, out);
        }
    }

    /** The canvas of an animated WebP, or null for one that is a single image. */
    static @Nullable Canvas canvas(byte[] bytes) {
        if (!isWebp(bytes) || !Bytes.is(bytes, RIFF_HEADER, "VP8X")) {
            return null;
        }
        int width = 1 + Bytes.little24(bytes, RIFF_HEADER + CHUNK_HEADER + 4);
        int height = 1 + Bytes.little24(bytes, RIFF_HEADER + CHUNK_HEADER + 7);
        long at = RIFF_HEADER;
        while (at + CHUNK_HEADER <= bytes.length) {
            if (Bytes.is(bytes, at, "ANMF")) {
                long frame = at + CHUNK_HEADER;
                return new Canvas(
                        width, height, 2 * Bytes.little24(bytes, frame), 2 * Bytes.little24(bytes, frame + 3));
            }
            long end = at + CHUNK_HEADER + Bytes.little32(bytes, at + 4);
            at = end + (end & 1);
        }
        return null;
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
}
