package io.residual.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An encoding of one byte a character, ASCII below 80 and nothing left out above. Immutable.
 *
 * @param name as ftfy calls it
 * @param lossy whether byte 1A stands for U+FFFD, what a stricter decoder left of a byte it did not know
 * @param high what bytes 80 to FF are
 * @param bytes the way back, of everything beyond ASCII
 */
record SingleByteEncoding(String name, boolean lossy, List<Integer> high, Map<Integer, Integer> bytes) {
    private static final int LOST = 0x1A;

    static SingleByteEncoding of(String name, boolean lossy, List<String> codes) {
        List<Integer> high = codes.stream().map(c -> Integer.parseInt(c, 16)).toList();
        Map<Integer, Integer> bytes = new HashMap<>();
        for (int i = 0; i < high.size(); i++) {
            bytes.put(high.get(i), 0x80 + i);
        }
        if (lossy) {
            bytes.put(0xFFFD, LOST);
        }
        return new SingleByteEncoding(name, lossy, high, Map.copyOf(bytes));
    }

    /** The bytes of a text, null if it has a character that no byte is. */
    int @Nullable [] encode(int[] text) {
        int[] out = new int[text.length];
        for (int i = 0; i < text.length; i++) {
            int c = text[i];
            Integer b = c < 0x80 ? Integer.valueOf(c) : bytes.get(c);
            if (b == null || (lossy && c == LOST)) {
                return null;
            }
            out[i] = b;
        }
        return out;
    }

    /** What a byte from 80 to FF is. */
    int decode(int b) {
        return high.get(b - 0x80);
    }
}
