package io.residual.chart;

/** Escapes text for SVG. */
final class SvgText {
    private SvgText() {}

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
