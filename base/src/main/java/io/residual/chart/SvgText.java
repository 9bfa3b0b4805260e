package io.residual.chart;

/** Escapes text for SVG. */
public final class SvgText {
    private SvgText() {}

    /** With the characters that mean something in markup as entities. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
