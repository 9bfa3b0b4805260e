package io.residual.model;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * UTF-8, and what Java and some databases write in its place: C0 80 for zero, and pairs of surrogates of three bytes each. Like
 * ftfy's decoder to the letter, with its two oddities: C0 before a last line break is zero and takes that with it, and such a
 * break may stand for the last byte of a pair.
 */
final class LooseUtf8 {
    private static final int ZERO = 0xC0;
    private static final int SURROGATE = 0xED;

    private final int[] bytes;
    private final StringBuilder out = new StringBuilder();

    private LooseUtf8(int[] bytes) {
        this.bytes = bytes;
    }

    /** The text, null if the bytes are neither. */
    static @Nullable String decode(int[] bytes) {
        LooseUtf8 decoder = new LooseUtf8(bytes);
        int from = 0;
        while (from < bytes.length) {
            int next = decoder.special(from);
            int length = next > from ? decoder.plain(from, next) : decoder.variant(from);
            if (length == 0) {
                return null;
            }
            from += length;
        }
        return decoder.out.toString();
    }

    /** The next place where plain UTF-8 ends. */
    private int special(int from) {
        int i = from;
        while (i < bytes.length && !zero(i) && !surrogate(i)) {
            i++;
        }
        return i;
    }

    private boolean zero(int i) {
        return bytes[i] == ZERO && (in(i + 1, 0x80, 0x80) || last(i + 1));
    }

    private boolean surrogate(int i) {
        return bytes[i] == SURROGATE
                && (last(i + 1) || (in(i + 1, 0xA0, 0xBF) && (last(i + 2) || in(i + 2, 0x80, 0xBF))));
    }

    private boolean in(int i, int least, int most) {
        return i < bytes.length && bytes[i] >= least && bytes[i] <= most;
    }

    /** Whether the bytes end here, but for a line break. */
    private boolean last(int i) {
        return i == bytes.length || (i == bytes.length - 1 && bytes[i] == '\n');
    }

    /** Bytes taken, 0 for an error. */
    private int variant(int i) {
        if (bytes[i] == ZERO) {
            if (i + 1 == bytes.length) {
                return 0;
            }
            out.append('\0');
            return 2;
        }
        boolean pair = i + 6 <= bytes.length
                && in(i + 1, 0xA0, 0xAF)
                && in(i + 2, 0x80, 0xBF)
                && bytes[i + 3] == SURROGATE
                && in(i + 4, 0xB0, 0xBF)
                && (in(i + 5, 0x80, 0xBF) || last(i + 5));
        if (!pair) {
            return 0;
        }
        out.appendCodePoint(0x10000
                + ((bytes[i + 1] & 0x0F) << 16)
                + ((bytes[i + 2] & 0x3F) << 10)
                + ((bytes[i + 4] & 0x0F) << 6)
                + (bytes[i + 5] & 0x3F));
        return 6;
    }

    private int plain(int from, int to) {
        ByteBuffer buffer = ByteBuffer.allocate(to - from);
        for (int i = from; i < to; i++) {
            buffer.put((byte) bytes[i]);
        }
        try {
            out.append(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(buffer.flip()));
            return to - from;
        } catch (CharacterCodingException e) {
            return 0;
        }
    }
}
