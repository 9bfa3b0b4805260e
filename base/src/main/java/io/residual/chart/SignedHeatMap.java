package io.residual.chart;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Tables of signed numbers side by side as colours, on one scale about zero that is safe for colour-blind eyes, in one SVG. */
public final class SignedHeatMap {
    private static final int CELL = 22;
    private static final int CHARACTER = 7;
    private static final int TOP = 96;

    private SignedHeatMap() {}

    /**
     * One table.
     *
     * @param values [row][column]; NaN is grey
     */
    public record Panel(String name, double[][] values) {}

    /**
     * The image.
     *
     * @param unit of the numbers, for the legend
     * @param rows names of every panel's rows
     * @param columns names of every panel's columns, written upwards
     */
    public static String svg(String title, String unit, List<String> rows, List<String> columns, List<Panel> panels) {
        double found = panels.stream()
                .flatMap(p -> Stream.of(p.values))
                .flatMapToDouble(Arrays::stream)
                .filter(Double::isFinite)
                .map(Math::abs)
                .max()
                .orElse(0);
        double largest = found > 0 ? found : 1;
        int left = 24 + CHARACTER * rows.stream().mapToInt(String::length).max().orElse(0);
        int wide = CELL * columns.size() + 24;
        int width = Math.max(left + wide * panels.size(), 24 + 9 * title.length());
        int height = TOP + CELL * rows.size() + 64;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n<title>%s</title>%n<rect width=\"100%%\""
                        + " height=\"100%%\" fill=\"#fff\"/>%n<text x=\"12\" y=\"24\" font-size=\"16\">%s</text>%n",
                width,
                height,
                width,
                height,
                SvgText.escape(title),
                SvgText.escape(title)));
        for (int r = 0; r < rows.size(); r++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
                    left - 8,
                    TOP + CELL * r + 16,
                    SvgText.escape(rows.get(r))));
        }
        for (int p = 0; p < panels.size(); p++) {
            int x = left + wide * p;
            svg.append(String.format(
                    Locale.ROOT, "<text x=\"%d\" y=\"50\">%s</text>%n", x, SvgText.escape(panels.get(p).name)));
            for (int c = 0; c < columns.size(); c++) {
                int at = x + CELL * c + CELL / 2 + 4;
                svg.append(String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"%d\" transform=\"rotate(-90 %d %d)\">%s</text>%n",
                        at,
                        TOP - 8,
                        at,
                        TOP - 8,
                        SvgText.escape(columns.get(c))));
                for (int r = 0; r < rows.size(); r++) {
                    double value = panels.get(p).values[r][c];
                    svg.append(String.format(
                            Locale.ROOT,
                            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"#ddd\"><title>%s %s, %s: %s"
                                    + "</title></rect>%n",
                            x + CELL * c,
                            TOP + CELL * r,
                            CELL - 1,
                            CELL - 1,
                            DivergingScale.hex(value / largest),
                            SvgText.escape(rows.get(r)),
                            SvgText.escape(columns.get(c)),
                            SvgText.escape(panels.get(p).name),
                            Double.isNaN(value) ? "none" : String.format(Locale.ROOT, "%+.4f", value)));
                }
            }
        }
        int y = TOP + CELL * rows.size() + 18;
        for (int i = 0; i <= 20; i++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"12\" fill=\"%s\"/>%n",
                    left + 10 * i,
                    y,
                    DivergingScale.hex(i / 10.0 - 1)));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\">%+.3g</text><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">0</text>"
                        + "<text x=\"%d\" y=\"%d\">%+.3g %s</text>%n",
                left,
                y + 28,
                -largest,
                left + 105,
                y + 28,
                left + 176,
                y + 28,
                largest,
                SvgText.escape(unit)));
        return svg.append("</svg>\n").toString();
    }
}
