package io.residual.chart;

/** Text as it may stand in an SVG. */
final class SvgText {
    private SvgText() {}

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
