package io.residual.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTML's character references, read as Python and ftfy read them. */
final class HtmlEntities {
    private static final Pattern ANY = Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");
    private static final Pattern WHOLE = Pattern.compile("&#?[0-9A-Za-z]{1,24};");
    private static final int TOP = Character.MAX_CODE_POINT;

    private HtmlEntities() {}

    /** As {@code html.unescape}: numbers and names as browsers read them, with a semicolon or without. */
    static String unescape(String text) {
        return ANY.matcher(text).replaceAll(m -> Matcher.quoteReplacement(replacement(m.group(1))));
    }

    /** As ftfy: only what ends in a semicolon, and some names in capitals as well. */
    static String unescapeWhole(String text) {
        return WHOLE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(whole(m.group())));
    }

    private static String whole(String reference) {
        TextTables tables = TextTables.TABLES;
        String name = reference.substring(1);
        String named = tables.entities().getOrDefault(name, tables.capitals().get(name));
        if (named != null) {
            return named;
        }
        String number = reference.startsWith("&#") ? unescape(reference) : reference;
        return number.contains(";") ? reference : number;
    }

    private static String replacement(String reference) {
        if (reference.charAt(0) == '#') {
            return number(
                    reference.endsWith(";") ? reference.substring(1, reference.length() - 1) : reference.substring(1));
        }
        for (int length = reference.length(); length > 1; length--) {
            String named = TextTables.TABLES.entities().get(reference.substring(0, length));
            if (named != null) {
                return named + reference.substring(length);
            }
        }
        return "&" + reference;
    }

    private static String number(String digits) {
        boolean hexadecimal = digits.charAt(0) == 'x' || digits.charAt(0) == 'X';
        int code = value(hexadecimal ? digits.substring(1) : digits, hexadecimal ? 16 : 10);
        if (code == 0 || code > TOP || (code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE)) {
            return "\uFFFD";
        }
        if (code >= 0x80 && code < 0xA0) {
            return Mojibake.controls(Character.toString(code));
        }
        boolean control = (code < 0x20 && code != '\t' && code != '\n' && code != '\f' && code != '\r') || code == 0x7F;
        boolean none = (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
        return control || none ? "" : Character.toString(code);
    }

    /** The value of digits, {@code TOP + 1} for any above the last code point. */
    private static int value(String digits, int radix) {
        int value = 0;
        for (int i = 0; i < digits.length() && value <= TOP; i++) {
            value = value * radix + Character.digit(digits.charAt(i), radix);
        }
        return value;
    }
}
