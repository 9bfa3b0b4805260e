package io.residual.chart;

import io.residual.chart.Figure.Anchor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Named series over a common axis, with the intervals of their points. The axes have round ticks, and whole ones where all positions are
 * whole. For one thread.
 */
public final class LineChart implements Chart {
    private static final double RATIO = .52;

    private final String title;
    private final String xLabel;
    private final List<Series> series = new ArrayList<>();
    private String yLabel = "";
    private double low;
    private double high;
    private List<String> ticks = List.of();

    private record Series(String name, double[] x, double[] y, double[] low, double[] high) {
        boolean hasIntervals() {
            return Arrays.stream(low).anyMatch(v -> !Double.isNaN(v));
        }
    }

    /**
     * An empty chart whose vertical axis goes from 0 to {@code top}.
     *
     * @param top largest value shown
     */
    public LineChart(String title, String xLabel, double top) {
        this.title = title;
        this.xLabel = xLabel;
        this.high = top;
    }

    /** Says what the vertical axis measures, with its unit. */
    public LineChart yLabel(String label) {
        yLabel = label;
        return this;
    }

    /** Lets the vertical axis begin and end near the data, so that small differences are seen. */
    public LineChart nearData() {
        low = Double.NaN;
        return this;
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
        double[] none = new double[y.length];
        Arrays.fill(none, Double.NaN);
        return line(name, x, y, none, none);
    }

    /**
     * Adds a line whose points have intervals.
     *
     * @param low n lower ends; NaN where there is no interval
     * @param high n upper ends
     */
    public LineChart line(String name, double[] x, double[] y, double[] low, double[] high) {
        if (x.length != y.length || x.length != low.length || x.length != high.length) {
            throw new IllegalArgumentException(x.length + " positions for " + y.length + " values of " + name);
        }
        series.add(new Series(name, x.clone(), y.clone(), low.clone(), high.clone()));
        return this;
    }

    private DoubleStream positions() {
        return series.stream().flatMapToDouble(s -> Arrays.stream(s.x));
    }

    private Axis horizontal(int most) {
        double last = positions().max().orElse(1);
        double first = Math.min(0, positions().min().orElse(0));
        return Axis.of(
                first, last == first ? first + 1 : last, most, positions().allMatch(v -> v == Math.rint(v)));
    }

    private Axis vertical(int most) {
        if (!Double.isNaN(low)) {
            return Axis.of(low, high, most, false);
        }
        double[] seen = series.stream()
                .flatMapToDouble(s -> DoubleStream.concat(
                        Arrays.stream(s.y), DoubleStream.concat(Arrays.stream(s.low), Arrays.stream(s.high))))
                .filter(v -> !Double.isNaN(v))
                .toArray();
        double least = Arrays.stream(seen).min().orElse(0);
        double most1 = Math.min(high, Arrays.stream(seen).max().orElse(high));
        return least < most1 ? Axis.around(Math.max(0, least), most1, most) : Axis.of(0, high, most, false);
    }

    @Override
    public Figure draw(FigureStyle style) {
        double em = style.fontSize();
        double width = style.widthOr(52);
        List<String> names = series.stream().map(Series::name).toList();
        double legend = (Letters.widest(names) + 3.6) * em;
        boolean one = series.size() == 1; // its name is the title's or the axis's
        boolean beside = !one && legend < .4 * width && width > 34 * em;
        double plotWidth = beside ? width - legend : width - em;
        double left = (yLabel.isEmpty() ? 4 : 5.4) * em;
        double top = Figure.titleHeight(title, width, style);
        double plotHeight = Math.max(11 * em, RATIO * (plotWidth - left));
        double bottom = top + plotHeight;
        List<List<Integer>> rows = beside || one ? List.of() : rows(names, (width - left) / em);
        Figure f = new Figure(width, bottom + (3.6 + 1.6 * rows.size()) * em, title, style);
        f.heading();
        double right = plotWidth - (beside ? em : 0);
        Axis y = vertical(5);
        Axis x = horizontal((int) Math.max(2, Math.min(6, (right - left) / (5 * em))));
        double pad = .6 * em;
        for (double tick : y.ticks()) {
            double at = bottom - plotHeight * y.share(tick);
            f.line(left, at, right, at, Figure.FAINT, 1, "");
            f.text(left - .5 * em, at + .35 * em, y.name(tick), Anchor.END);
        }
        if (ticks.isEmpty()) {
            for (double tick : x.ticks()) {
                tick(f, left + pad + (right - left - 2 * pad) * x.share(tick), bottom, x.name(tick), em);
            }
        }
        int every = every(x, (right - left) / em);
        for (int i = 0; i < ticks.size(); i += every) {
            tick(f, left + pad + (right - left - 2 * pad) * x.share(i), bottom, ticks.get(i), em);
        }
        f.axisTitle((left + right) / 2, bottom + 2.9 * em, xLabel, width);
        if (!yLabel.isEmpty()) {
            f.uprightTitle(1.3 * em, (top + bottom) / 2, yLabel, plotHeight + 2 * em);
        }
        for (int s = 0; s < series.size(); s++) {
            draw(
                    f,
                    s,
                    v -> left + pad + (right - left - 2 * pad) * x.share(v),
                    v -> bottom - plotHeight * y.share(Math.max(y.low(), Math.min(y.high(), v))));
        }
        if (one) {
            return f;
        }
        legend(f, beside, rows, right + em, top + .6 * em, left, bottom + 4.4 * em);
        return f;
    }

    /** Every how-manieth name has a place. */
    private int every(Axis x, double ems) {
        double room = ems * (x.high() > x.low() ? 1 / (x.high() - x.low()) : 1);
        return ticks.isEmpty() ? 1 : (int) Math.max(1, Math.ceil((Letters.widest(ticks) + .8) / room));
    }

    private static void tick(Figure f, double at, double bottom, String name, double em) {
        f.line(at, bottom, at, bottom + .35 * em, "#888", 1, "");
        f.text(at, bottom + 1.4 * em, name, Anchor.MIDDLE);
    }

    private void draw(
            Figure f, int s, java.util.function.DoubleUnaryOperator px, java.util.function.DoubleUnaryOperator py) {
        Series line = series.get(s);
        FigureStyle style = f.style();
        String colour = style.palette().series(s);
        double em = style.fontSize();
        double aside = line.hasIntervals() ? (s - (series.size() - 1) / 2.0) * .22 * em : 0;
        List<Double> points = new ArrayList<>();
        List<Double> joined = new ArrayList<>();
        for (int i = 0; i < line.x.length; i++) {
            double at = px.applyAsDouble(line.x[i]);
            if (line.high[i] > line.low[i]) {
                f.line(
                        at + aside,
                        py.applyAsDouble(line.low[i]),
                        at + aside,
                        py.applyAsDouble(line.high[i]),
                        colour,
                        1.2,
                        "");
            }
            if (Double.isNaN(line.y[i])) {
                path(f, s, joined);
                joined = new ArrayList<>();
                continue;
            }
            List<Double> point = List.of(at + aside, py.applyAsDouble(line.y[i]));
            points.addAll(point);
            joined.addAll(point);
        }
        path(f, s, joined);
        if (points.size() > 80) { // a curve, where markers would hide it
            return;
        }
        for (int i = 0; i < points.size(); i += 2) {
            marker(f, s, points.get(i), points.get(i + 1), .3 * em, colour);
        }
    }

    /** Neighbours that a gap does not part; one alone has no path. */
    private static void path(Figure f, int s, List<Double> points) {
        if (points.size() > 2) {
            FigureStyle style = f.style();
            f.path(
                    points,
                    style.palette().series(s),
                    .13 * style.fontSize(),
                    style.palette().dashes(s));
        }
    }

    private static void marker(Figure f, int s, double x, double y, double r, String colour) {
        switch (s % 4) {
            case 0 -> f.circle(x, y, r, colour, "");
            case 1 -> f.rectangle(x - .9 * r, y - .9 * r, 1.8 * r, 1.8 * r, colour, "");
            case 2 -> f.area(List.of(x, y - 1.2 * r, x + 1.1 * r, y + .8 * r, x - 1.1 * r, y + .8 * r), colour);
            default -> f.area(List.of(x, y - 1.25 * r, x + 1.25 * r, y, x, y + 1.25 * r, x - 1.25 * r, y), colour);
        }
    }

    private void legend(
            Figure f, boolean beside, List<List<Integer>> rows, double x, double y, double left, double below) {
        double em = f.style().fontSize();
        if (beside) {
            for (int s = 0; s < series.size(); s++) {
                key(f, s, x, y + 1.6 * em * s);
            }
            return;
        }
        for (int r = 0; r < rows.size(); r++) {
            double at = left;
            for (int s : rows.get(r)) {
                key(f, s, at, below + 1.6 * em * r - .35 * em);
                at += (Letters.width(series.get(s).name) + 3.6) * em;
            }
        }
    }

    private void key(Figure f, int s, double x, double y) {
        double em = f.style().fontSize();
        String colour = f.style().palette().series(s);
        f.line(x, y, x + 1.8 * em, y, colour, .13 * em, f.style().palette().dashes(s));
        marker(f, s, x + .9 * em, y, .3 * em, colour);
        f.text(x + 2.2 * em, y + .35 * em, series.get(s).name, Anchor.START);
    }

    /** The series of each line of a legend below the plot. */
    private static List<List<Integer>> rows(List<String> names, double ems) {
        List<List<Integer>> rows = new ArrayList<>();
        double used = Double.MAX_VALUE;
        for (int s = 0; s < names.size(); s++) {
            double needs = Letters.width(names.get(s)) + 3.6;
            if (used + needs > ems) {
                rows.add(new ArrayList<>());
                used = 0;
            }
            rows.get(rows.size() - 1).add(s);
            used += needs;
        }
        return rows;
    }
}
