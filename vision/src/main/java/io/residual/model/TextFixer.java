package io.residual.model;

import java.text.Normalizer;
import java.util.regex.Pattern;

/** Repairs texts as ftfy's {@code fix_text} does by default. */
final class TextFixer {
    private static final int LONGEST_SEGMENT = 1_000_000;
    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u02BC\u2018-\u201B]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201C-\u201F]");
    private static final Pattern LINE_BREAKS = Pattern.compile("\r\n|[\r\u0085\u2028\u2029]");

    private TextFixer() {}

    /** Line by line; from the first line with a {@code <} on, references are left as they are, as in HTML. */
    static String fix(String text) {
        StringBuilder out = new StringBuilder();
        boolean html = false;
        int from = 0;
        while (from < text.length()) {
            int line = text.indexOf('\n', from) + 1;
            int to = line == 0 ? text.length() : line;
            if (text.codePointCount(from, to) > LONGEST_SEGMENT) {
                to = text.offsetByCodePoints(from, LONGEST_SEGMENT);
            }
            String segment = text.substring(from, to);
            html = html || segment.indexOf('<') >= 0;
            out.append(segment(segment, !html));
            from = to;
        }
        return out.toString();
    }

    private static String segment(String segment, boolean references) {
        String before;
        String text = segment;
        do {
            before = text;
            text = references ? HtmlEntities.unescapeWhole(text) : text;
            text = Mojibake.controls(Mojibake.fix(text));
            text = characters(text);
            text = DOUBLE_QUOTES.matcher(text).replaceAll("\"");
            text = SINGLE_QUOTES.matcher(text).replaceAll("'");
            text = LINE_BREAKS.matcher(text).replaceAll("\n");
            text = controls(escapes(surrogates(text)));
            text = Normalizer.normalize(text, Normalizer.Form.NFC);
        } while (!text.equals(before));
        return text;
    }

    /** Ligatures of Latin letters taken apart; wide and narrow forms in their usual width. */
    private static String characters(String text) {
        StringBuilder apart = new StringBuilder();
        text.codePoints().forEach(c -> {
            String parts = TextTables.TABLES.ligatures().get(c);
            if (parts == null) {
                apart.appendCodePoint(c);
            } else {
                apart.append(parts);
            }
        });
        StringBuilder out = new StringBuilder();
        apart.codePoints().forEach(c -> {
            if (c == 0x3000) {
                out.append(' ');
            } else if (c >= 0xFF01 && c < 0xFFF0) {
                out.append(Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKC));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    private static String surrogates(String text) {
        return text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Without a terminal's commands: escape, bracket, digits and semicolons, a letter. */
    private static String escapes(String text) {
        if (text.indexOf('\u001B') < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            int end = text.startsWith("\u001B[", i) ? i + 2 : text.length();
            while (end < text.length() && parameter(text.codePointAt(end))) {
                end += Character.charCount(text.codePointAt(end));
            }
            if (end < text.length() && letter(text.charAt(end))) {
                i = end + 1;
            } else {
                out.append(text.charAt(i));
                i++;
            }
        }
        return out.toString();
    }

    private static boolean parameter(int c) {
        return c == ';' || TextTables.TABLES.set("digit").contains(c);
    }

    private static boolean letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static String controls(String text) {
        return text.codePoints()
                .filter(c -> !(c <= 0x08
                        || c == 0x0B
                        || (c >= 0x0E && c < 0x20)
                        || c == 0x7F
                        || (c >= 0x206A && c < 0x2070)
                        || c == 0xFEFF
                        || (c >= 0xFFF9 && c < 0xFFFD)))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
