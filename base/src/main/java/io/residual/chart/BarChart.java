package io.residual.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Pairs of signed bars, one pair a name, as one self-contained SVG in colours safe for colour-blind eyes. */
public final class BarChart {
    private static final String FIRST = "#0072B2";
    private static final String SECOND = "#E69F00";
    private static final int WIDTH = 760;
    private static final int LEFT = 130;
    private static final int NUMBER = 48; // room for a bar's value on either side
    private static final int RIGHT = 30;
    private static final int TOP = 84;
    private static final int ROW = 30;

    private final String title;
    private final String label;
    private final String first;
    private final String second;
    private final List<Pair> pairs = new ArrayList<>();

    private record Pair(String name, double first, double second) {}

    /**
     * An empty chart.
     *
     * @param label the quantity that the bars show
     * @param first legend of the first bar of each pair
     * @param second legend of the second bar
     */
    public BarChart(String title, String label, String first, String second) {
        this.title = title;
        this.label = label;
        this.first = first;
        this.second = second;
    }

    /**
     * Adds a pair of bars.
     *
     * @param name label of the pair
     */
    public BarChart bar(String name, double first, double second) {
        pairs.add(new Pair(name, first, second));
        return this;
    }

    /** The chart as an SVG document. */
    public String svg() {
        double most = 1e-12;
        double least = -1e-12;
        for (Pair pair : pairs) {
            most = Math.max(most, Math.max(pair.first, pair.second));
            least = Math.min(least, Math.min(pair.first, pair.second));
        }
        double scale = (WIDTH - LEFT - RIGHT - 2 * NUMBER) / (most - least);
        double zero = LEFT + NUMBER - least * scale;
        int height = TOP + ROW * pairs.size() + 20;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\""
                        + " font-family=\"sans-serif\" font-size=\"13\">%n<title>%s</title>%n<rect width=\"100%%\""
                        + " height=\"100%%\" fill=\"#fff\"/>%n<text x=\"16\" y=\"26\" font-size=\"16\">%s</text>%n"
                        + "<text x=\"16\" y=\"48\" fill=\"#555\">%s</text>%n",
                WIDTH,
                height,
                WIDTH,
                height,
                SvgText.escape(title),
                SvgText.escape(title),
                SvgText.escape(label)));
        key(svg, LEFT, FIRST, first);
        key(svg, LEFT + 180, SECOND, second);
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            int y = TOP + ROW * i;
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
                    LEFT - 10,
                    y + 17,
                    SvgText.escape(pair.name)));
            bar(svg, zero, scale, y + 2, FIRST, pair.first);
            bar(svg, zero, scale, y + 14, SECOND, pair.second);
        }
        return svg.append(String.format(
                        Locale.ROOT,
                        "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#333\"/>%n</svg>%n",
                        zero,
                        TOP - 4,
                        zero,
                        height - 16))
                .toString();
    }

    private static void key(StringBuilder svg, int x, String colour, String name) {
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"60\" width=\"12\" height=\"12\" fill=\"%s\"/><text x=\"%d\" y=\"71\">%s</text>%n",
                x,
                colour,
                x + 18,
                SvgText.escape(name)));
    }

    private static void bar(StringBuilder svg, double zero, double scale, int y, String colour, double value) {
        double length = Math.abs(value) * scale;
        double x = value < 0 ? zero - length : zero;
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"11\" fill=\"%s\"/><text x=\"%.1f\" y=\"%d\""
                        + " font-size=\"10\" text-anchor=\"%s\">%+.2f</text>%n",
                x,
                y,
                length,
                colour,
                value < 0 ? x - 4 : x + length + 4,
                y + 9,
                value < 0 ? "end" : "start",
                value));
    }
}
