package io.residual.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** Numbers and names at places of a file in memory; what lies beyond its end is refused as truncated. */
final class Bytes {
    private Bytes() {}

    /** An unsigned byte. */
    static int at(byte[] file, long at) {
        if (at < 0 || at >= file.length) {
            throw new IllegalArgumentException("truncated");
        }
        return file[(int) at] & 0xFF;
    }

    /** Two bytes, the larger first. */
    static int big16(byte[] file, long at) {
        return at(file, at) << 8 | at(file, at + 1);
    }

    /** Two bytes, the smaller first. */
    static int little16(byte[] file, long at) {
        return at(file, at + 1) << 8 | at(file, at);
    }

    /** Three bytes, the smallest first. */
    static int little24(byte[] file, long at) {
        return at(file, at + 2) << 16 | little16(file, at);
    }

    /** Four bytes, the largest first. */
    static long big32(byte[] file, long at) {
        return (long) big16(file, at) << 16 | big16(file, at + 2);
    }

    /** Four bytes, the smallest first. */
    static long little32(byte[] file, long at) {
        return (long) little16(file, at + 2) << 16 | little16(file, at);
    }

    /** Whether some letters stand at a place. */
    static boolean is(byte[] file, long at, String letters) {
        if (at < 0 || at + letters.length() > file.length) {
            return false;
        }
        for (int i = 0; i < letters.length(); i++) {
            if ((file[(int) at + i] & 0xFF) != letters.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** A part as text of one byte a letter. */
    static String text(byte[] file, long from, long to) {
        return new String(file, (int) from, (int) (to - from), ISO_8859_1);
    }
}
