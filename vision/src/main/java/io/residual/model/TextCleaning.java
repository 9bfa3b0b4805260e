package io.residual.model;

import java.util.Map;

/** Cleaning of texts before tokenization, as open_clip names it. Safe for several threads. */
public enum TextCleaning {
    /** Nothing: transformers leaves all to the tokenizer. */
    NONE,
    /** open_clip's {@code clean="whitespace"}: mended as by ftfy, HTML's references read twice, single spaces. */
    WHITESPACE,
    /** open_clip's {@code clean="lower"}, its default for CLIP: the same in lower case. */
    LOWER,
    /** open_clip's {@code clean="canonicalize"}: the same without ASCII's punctuation. */
    CANONICALIZE;

    private static final CodePointSet SPACE = TextTables.TABLES.set("space");
    private static final CodePointSet CASED = TextTables.TABLES.set("cased");
    private static final CodePointSet IGNORABLE = TextTables.TABLES.set("ignorable");
    private static final int SIGMA = 0x3A3;

    /** A text as the tokenizer is to see it. */
    public String clean(String text) {
        return switch (this) {
            case NONE -> text;
            case WHITESPACE -> singleSpaces(mend(text));
            case LOWER -> lower(singleSpaces(mend(text)));
            case CANONICALIZE -> singleSpaces(lower(withoutPunctuation(mend(text))));
        };
    }

    private static String mend(String text) {
        return HtmlEntities.unescape(HtmlEntities.unescape(TextFixer.fix(text)));
    }

    /** No white space at either end, and one space wherever there was any. */
    private static String singleSpaces(String text) {
        StringBuilder out = new StringBuilder();
        boolean due = false;
        for (int c : text.codePoints().toArray()) {
            if (SPACE.contains(c)) {
                due = true;
            } else {
                out.append(due && out.length() > 0 ? " " : "").appendCodePoint(c);
                due = false;
            }
        }
        return out.toString();
    }

    private static String withoutPunctuation(String text) {
        return text.replace('_', ' ')
                .codePoints()
                .filter(c -> c <= ' ' || c >= 0x7F || Character.isLetterOrDigit(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** As Python: letter by letter, but for a sigma at a word's end. */
    private static String lower(String text) {
        Map<Integer, String> lower = TextTables.TABLES.lower();
        int[] points = text.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < points.length; i++) {
            int c = points[i];
            if (c == SIGMA) {
                out.append(besideCased(points, i, -1) && !besideCased(points, i, 1) ? 'ς' : 'σ');
            } else {
                String other = lower.get(c);
                out.append(other == null ? Character.toString(c) : other);
            }
        }
        return out.toString();
    }

    /** Whether the next code point on one side, marks and the like left out, is a letter with a case. */
    private static boolean besideCased(int[] text, int at, int side) {
        int i = at + side;
        while (i >= 0 && i < text.length && IGNORABLE.contains(text[i])) {
            i += side;
        }
        return i >= 0 && i < text.length && CASED.contains(text[i]);
    }
}
