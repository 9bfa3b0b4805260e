package io.residual.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text that was decoded with another encoding than its own, decoded again: what ftfy's {@code fix_encoding} does, step by
 * step. Only text with sequences that hardly occur otherwise is touched.
 */
final class Mojibake {
    private static final TextTables TABLES = TextTables.TABLES;
    private static final CodePointSet FIRST_OF_2 = TABLES.set("utf8_first_of_2");
    private static final CodePointSet FIRST_OF_3 = TABLES.set("utf8_first_of_3");
    private static final CodePointSet FIRST_OF_4 = TABLES.set("utf8_first_of_4");
    private static final CodePointSet FURTHER = TABLES.set("utf8_continuation");
    private static final CodePointSet FURTHER_ONLY = TABLES.set("utf8_continuation_strict");
    private static final SingleByteEncoding LATIN = encoding("latin-1");
    private static final SingleByteEncoding WINDOWS = encoding("sloppy-windows-1252");

    /** What may follow C3 20 for the 20 to be an A0 alone: Portuguese words that begin with an accented a. */
    private static final List<String> ONE_WORD = List.of(" ", "quele", "quela", "quilo", "s ");

    private static final int[] REPLACEMENT = {0xEF, 0xBF, 0xBD};

    private Mojibake() {}

    private static SingleByteEncoding encoding(String name) {
        return TABLES.encodings().stream()
                .filter(e -> e.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static String fix(String text) {
        String before;
        String fixed = text;
        do {
            before = fixed;
            fixed = step(before);
        } while (!fixed.equals(before));
        return fixed;
    }

    private static String step(String text) {
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text;
        }
        int[] points = text.codePoints().toArray();
        if (!bad(points)) {
            return text;
        }
        for (SingleByteEncoding encoding : TABLES.encodings()) {
            int[] bytes = encoding.encode(points);
            String decoded = bytes == null ? null : utf8(bytes, encoding);
            if (decoded != null) {
                return decoded;
            }
        }
        String parts = parts(points);
        if (!parts.equals(text)) {
            return parts;
        }
        if (LATIN.encode(points) != null) {
            String windows = windows(points);
            if (windows != null && !windows.equals(text)) {
                return windows;
            }
        }
        return controls(text);
    }

    private static boolean bad(int[] text) {
        return TABLES.badness().within(text);
    }

    /** Bytes as UTF-8 of one kind or the other, null if they are none. */
    private static @Nullable String utf8(int[] bytes, SingleByteEncoding encoding) {
        int[] mended = bytes;
        // In MacRoman these bytes would be an en dash and a space.
        if (!encoding.name().equals("macroman") && TABLES.altered().within(mended)) {
            mended = spaces(words(mended));
        }
        if (encoding.lossy()) {
            mended = replaceLost(mended);
        }
        return LooseUtf8.decode(mended);
    }

    /** C3 20, a word of its own, is an accented a whose A0 was lost, and a space. */
    private static int[] words(int[] bytes) {
        List<Integer> out = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            out.add(bytes[i]);
            if (bytes[i] == 0xC3 && i + 1 < bytes.length && bytes[i + 1] == ' ' && !oneWord(bytes, i + 2)) {
                out.add(0xA0);
                out.add((int) ' ');
                i++;
            }
        }
        return out.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean oneWord(int[] bytes, int from) {
        return ONE_WORD.stream().anyMatch(word -> {
            boolean same = from + word.length() <= bytes.length;
            for (int i = 0; same && i < word.length(); i++) {
                same = bytes[from + i] == word.charAt(i);
            }
            return same;
        });
    }

    private static int[] spaces(int[] bytes) {
        int[] out = bytes.clone();
        int i = 0;
        while (i < bytes.length) {
            int length = TABLES.altered().length(bytes, i);
            for (int k = i; k < i + length; k++) {
                out[k] = out[k] == ' ' ? 0xA0 : out[k];
            }
            i += Math.max(1, length);
        }
        return out;
    }

    private static int[] replaceLost(int[] bytes) {
        List<Integer> out = new ArrayList<>();
        int i = 0;
        while (i < bytes.length) {
            int length = TABLES.lost().length(bytes, i);
            if (length > 0) {
                for (int b : REPLACEMENT) {
                    out.add(b);
                }
            } else {
                out.add(bytes[i]);
            }
            i += Math.max(1, length);
        }
        return out.stream().mapToInt(Integer::intValue).toArray();
    }

    /** What looks like UTF-8 within a text that is not all of one kind. */
    private static String parts(int[] text) {
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < text.length) {
            int end = i > 0 && FURTHER_ONLY.contains(text[i - 1]) ? i : endOfUtf8(text, i);
            if (end == i) {
                out.appendCodePoint(text[i]);
                i++;
            } else {
                int[] part = Arrays.copyOfRange(text, i, end);
                String string = new String(part, 0, part.length);
                // A part that is the whole would come back here for ever.
                out.append(part.length < text.length && bad(part) ? fix(string) : string);
                i = end;
            }
        }
        return out.toString();
    }

    private static int endOfUtf8(int[] text, int from) {
        int end = from;
        int length;
        do {
            length = end == text.length ? 0 : utf8Length(text, end);
            end += length;
        } while (length > 0);
        return end;
    }

    private static int utf8Length(int[] text, int at) {
        if (FIRST_OF_2.contains(text[at]) && FURTHER.containsAll(text, at + 1, 1)) {
            return 2;
        }
        if (FIRST_OF_3.contains(text[at]) && FURTHER.containsAll(text, at + 1, 2)) {
            return 3;
        }
        return FIRST_OF_4.contains(text[at]) && FURTHER.containsAll(text, at + 1, 3) ? 4 : 0;
    }

    /** Latin-1 as windows-1252, null if it has one of the five controls that are nothing there. */
    private static @Nullable String windows(int[] text) {
        for (int c : text) {
            if (c >= 0x80 && c < 0xA0 && WINDOWS.decode(c) == c) {
                return null;
            }
        }
        return controls(new String(text, 0, text.length));
    }

    /** The controls from 80 to 9F are windows-1252's characters, as in browsers. */
    static String controls(String text) {
        return text.codePoints()
                .map(c -> c >= 0x80 && c < 0xA0 ? WINDOWS.decode(c) : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
