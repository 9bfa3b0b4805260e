package io.residual.chart;

import java.util.List;
import java.util.Locale;

/** A table of numbers from 0 to 1 as colours, in one self-contained SVG; the scale is safe for colour-blind eyes. */
public final class HeatMap {
    private static final int CELL = 22;
    private static final int CHARACTER = 7;
    private static final int[][] SCALE = {{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}
    }; // viridis

    private HeatMap() {}

    /**
     * The image.
     *
     * @param rows names
     * @param columns names, written upwards
     * @param values [row][column]; NaN is grey
     */
    public static String svg(String title, List<String> rows, List<String> columns, double[][] values) {
        int left = 24 + CHARACTER * rows.stream().mapToInt(String::length).max().orElse(0);
        int top =
                50 + CHARACTER * columns.stream().mapToInt(String::length).max().orElse(0);
        int legend = 60;
        int width = Math.max(left + CELL * columns.size() + 20, 24 + 9 * title.length());
        int height = top + CELL * rows.size() + legend;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n"
                        + "<text x=\"12\" y=\"24\" font-size=\"16\">%s</text>%n",
                width,
                height,
                width,
                height,
                SvgText.escape(title)));
        for (int c = 0; c < columns.size(); c++) {
            int x = left + CELL * c + CELL / 2 + 4;
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" transform=\"rotate(-90 %d %d)\">%s</text>%n",
                    x,
                    top - 8,
                    x,
                    top - 8,
                    SvgText.escape(columns.get(c))));
        }
        for (int r = 0; r < rows.size(); r++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
                    left - 8,
                    top + CELL * r + 16,
                    SvgText.escape(rows.get(r))));
            for (int c = 0; c < columns.size(); c++) {
                double value = values[r][c];
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"><title>%s, %s: %s</title></rect>%n",
                        left + CELL * c,
                        top + CELL * r,
                        CELL - 1,
                        CELL - 1,
                        colour(value),
                        SvgText.escape(rows.get(r)),
                        SvgText.escape(columns.get(c)),
                        Double.isNaN(value) ? "none" : String.format(Locale.ROOT, "%.3f", value)));
            }
        }
        int y = top + CELL * rows.size() + 20;
        for (int i = 0; i <= 10; i++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"%d\" width=\"16\" height=\"12\" fill=\"%s\"/>%n",
                    left + 16 * i,
                    y,
                    colour(i / 10.0)));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text><text x=\"%d\" y=\"%d\">1</text>%n",
                left - 8,
                y + 11,
                left + 16 * 11 + 6,
                y + 11));
        return svg.append("</svg>\n").toString();
    }

    private static String colour(double value) {
        if (Double.isNaN(value)) {
            return "#bbb";
        }
        double at = Math.min(Math.max(value, 0), 1) * (SCALE.length - 1);
        int below = Math.min((int) at, SCALE.length - 2);
        double share = at - below;
        StringBuilder colour = new StringBuilder("#");
        for (int i = 0; i < 3; i++) {
            long level = Math.round(SCALE[below][i] + share * (SCALE[below + 1][i] - SCALE[below][i]));
            colour.append(String.format(Locale.ROOT, "%02x", level));
        }
        return colour.toString();
    }
}
