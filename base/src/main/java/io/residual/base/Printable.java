package io.residual.base;

/**
 * Text from elsewhere (names of files and classes, messages of libraries) as it may stand in a line on a terminal. What could move the
 * cursor, end the line, or turn the direction of reading is shown as an escape: {@code a\nb}, {@code \u001b[2J}. JSON and CSV
 * have their own escaping and keep names as they are.
 */
public final class Printable {
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private Printable() {}

    /** The text of an object in one line. */
    public static String line(Object text) {
        return escaped(text.toString(), false);
    }

    /**
     * Lines of text: line breaks and tabs stay. The escapes are those of JSON strings, so JSON that passes through here says the same as
     * before.
     */
    public static String lines(String text) {
        return escaped(text, true);
    }

    private static String escaped(String text, boolean breaksStay) {
        int harmless = 0;
        while (harmless < text.length() && isPlainAscii(text.charAt(harmless))) {
            harmless++;
        }
        if (harmless == text.length()) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length() + 16).append(text, 0, harmless);
        for (int i = harmless; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isHarmless(c) || (breaksStay && (c == '\n' || c == '\t' || (c == '\r' && text.startsWith("\n", i))))) {
                shown.appendCodePoint(c);
            } else {
                escape(c, shown);
            }
        }
        return shown.toString();
    }

    private static void escape(int c, StringBuilder shown) {
        switch (c) {
            case '\n' -> shown.append("\\n");
            case '\r' -> shown.append("\\r");
            case '\t' -> shown.append("\\t");
            default -> {
                for (char unit : Character.toChars(c)) {
                    shown.append("\\u");
                    for (int shift = 12; shift >= 0; shift -= 4) {
                        shown.append(Character.forDigit(unit >> shift & 15, 16));
                    }
                }
            }
        }
    }

    private static boolean isPlainAscii(char c) {
        return c >= ' ' && c < 0x7F;
    }

    /** Joiners hold emoji and several scripts together and cannot forge anything by themselves. */
    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            case Character.FORMAT -> c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER;
            default -> true;
        };
    }
}
