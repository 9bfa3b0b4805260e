package io.residual.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A line chart as one self-contained SVG: a few named series over a common axis, in colours safe for colour-blind eyes. */
public final class LineChart {
    /** Okabe and Ito's palette, then greys. */
    private static final List<String> COLOURS = List.of(
            "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C6D1F", "#000000", "#7F7F7F",
            "#5B3A8C");

    private static final int WIDTH = 860;
    private static final int HEIGHT = 420;
    private static final int LEFT = 60;
    private static final int RIGHT = 170;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;

    private final String title;
    private final String xLabel;
    private final double top;
    private final List<Series> series = new ArrayList<>();
    private List<String> ticks = List.of();

    private record Series(String name, double[] x, double[] y) {}

    /**
     * An empty chart whose vertical axis goes from 0 to {@code top}.
     *
     * @param top largest value shown
     */
    public LineChart(String title, String xLabel, double top) {
        this.title = title;
        this.xLabel = xLabel;
        this.top = top;
    }

    /** Names the whole numbers 0, 1, … of the horizontal axis, for what is no scale. */
    public LineChart ticks(List<String> names) {
        ticks = List.copyOf(names);
        return this;
    }

    /**
     * Adds a line.
     *
     * @param name for the legend
     * @param x n values
     * @param y n values; NaN leaves a gap
     */
    public LineChart line(String name, double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(x.length + " positions for " + y.length + " values of " + name);
        }
        series.add(new Series(name, x.clone(), y.clone()));
        return this;
    }

    /** The chart as an SVG document. */
    public String svg() {
        double last = series.stream()
                .flatMapToDouble(s -> java.util.Arrays.stream(s.x))
                .max()
                .orElse(1);
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"13\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n"
                        + "<text x=\"%d\" y=\"24\" font-size=\"16\">%s</text>%n",
                WIDTH,
                HEIGHT,
                WIDTH,
                HEIGHT,
                LEFT,
                SvgText.escape(title)));
        for (int i = 0; i <= 5; i++) {
            double value = top * i / 5;
            double y = y(value);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT,
                    y,
                    WIDTH - RIGHT,
                    y,
                    LEFT - 8,
                    y + 4,
                    number(value)));
            if (ticks.isEmpty()) {
                tick(svg, last * i / 5, last, number(last * i / 5));
            }
        }
        for (int i = 0; i < ticks.size(); i++) {
            tick(svg, i, last, ticks.get(i));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 10,
                SvgText.escape(xLabel)));
        for (int s = 0; s < series.size(); s++) {
            Series line = series.get(s);
            String colour = COLOURS.get(s % COLOURS.size());
            StringBuilder points = new StringBuilder();
            for (int i = 0; i < line.x.length; i++) {
                if (!Double.isNaN(line.y[i])) {
                    points.append(
                            String.format(Locale.ROOT, "%.1f,%.1f ", x(line.x[i], last), y(Math.min(line.y[i], top))));
                }
            }
            svg.append(String.format(
                    Locale.ROOT,
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>"
                            + "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
                    points.toString().strip(),
                    colour,
                    WIDTH - RIGHT + 16,
                    TOP + 10 + 24 * s,
                    colour,
                    WIDTH - RIGHT + 36,
                    TOP + 17 + 24 * s,
                    SvgText.escape(line.name)));
        }
        return svg.append("</svg>\n").toString();
    }

    private static void tick(StringBuilder svg, double at, double last, String name) {
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                x(at, last),
                HEIGHT - BOTTOM + 20,
                SvgText.escape(name)));
    }

    private static double x(double value, double last) {
        return LEFT + (WIDTH - LEFT - RIGHT) * (last == 0 ? 0 : value / last);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
    }

    private static String number(double value) {
        if (value == 0) {
            return "0";
        }
        return value >= 100 ? String.format(Locale.ROOT, "%,.0f", value) : String.format(Locale.ROOT, "%.1f", value);
    }
}
