package io.residual.chart;

import io.residual.chart.Figure.Anchor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Tables of numbers side by side as colours, on one scale with a colour bar: amounts from {@code low} to {@code high}, or signed numbers
 * about zero.
 *
 * @param unit what the numbers are, with their unit, beside the colour bar; may be empty
 * @param rows names of every panel's rows
 * @param columns names of every panel's columns
 * @param low the number of the scale's beginning
 * @param high the number of its end
 * @param signed whether zero is in the middle of the scale
 * @param decimals digits of the numbers in the cells; negative for cells without numbers
 */
public record HeatMap(
        String title,
        String unit,
        List<String> rows,
        List<String> columns,
        List<Panel> panels,
        double low,
        double high,
        boolean signed,
        int decimals)
        implements Chart {
    /** Cells are drawn no smaller, in CSS pixels. */
    private static final double SMALLEST = 3;

    public HeatMap {
        rows = List.copyOf(rows);
        columns = List.copyOf(columns);
        panels = List.copyOf(panels);
    }

    /**
     * One table.
     *
     * @param name over the panel; may be empty
     * @param values [row][column]; NaN is grey
     */
    public record Panel(String name, double[][] values) {}

    /** Amounts from 0 to 1 in one table. */
    public static HeatMap ofShares(
            String title, String unit, List<String> rows, List<String> columns, double[][] values) {
        return new HeatMap(title, unit, rows, columns, List.of(new Panel("", values)), 0, 1, false, -1);
    }

    /** Amounts from 0 to the largest in one table. */
    public static HeatMap ofAmounts(
            String title, String unit, List<String> rows, List<String> columns, double[][] values) {
        List<Panel> panels = List.of(new Panel("", values));
        return new HeatMap(title, unit, rows, columns, panels, 0, largest(panels), false, -1);
    }

    /** Signed numbers in tables side by side; the scale ends at the largest magnitude. */
    public static HeatMap ofSigned(
            String title, String unit, List<String> rows, List<String> columns, List<Panel> panels) {
        double most = largest(panels);
        return new HeatMap(title, unit, rows, columns, panels, -most, most, true, -1);
    }

    /** A copy whose cells say their numbers. */
    public HeatMap numbered(int digits) {
        return new HeatMap(title, unit, rows, columns, panels, low, high, signed, digits);
    }

    private static boolean differs(List<Panel> panels) {
        return panels.stream()
                .flatMap(p -> Stream.of(p.values))
                .flatMapToDouble(Arrays::stream)
                .anyMatch(v -> Double.isFinite(v) && v != 0);
    }

    private static double largest(List<Panel> panels) {
        double found = panels.stream()
                .flatMap(p -> Stream.of(p.values))
                .flatMapToDouble(Arrays::stream)
                .filter(Double::isFinite)
                .map(Math::abs)
                .max()
                .orElse(0);
        return found > 0 ? found : 1;
    }

    /** The image of amounts from 0 to 1 in its own size. */
    public static String svg(String title, List<String> rows, List<String> columns, double[][] values) {
        return ofShares(title, "", rows, columns, values).svg();
    }

    @Override
    public Figure draw(FigureStyle style) {
        double em = style.fontSize();
        double left = (1.6 + Math.min(14, Letters.widest(rows))) * em;
        double gap = 1.4 * em;
        double cell = 1.7 * em;
        if (style.width() > 0) {
            double room = (style.width() - left - em - gap * (panels.size() - 1)) / panels.size() / columns.size();
            cell = Math.max(SMALLEST, Math.min(2.6 * em, room));
        }
        double wide = cell * columns.size() + gap;
        double width = Math.max(style.widthOr(0), left + wide * panels.size() - gap + em);
        width = Math.max(
                width,
                style.width() > 0
                        ? 0
                        : Math.max(
                                left + Math.max(16, Letters.width(unit) + 1) * em,
                                1.2 * em * Math.min(30, Letters.width(title)) + 2 * em));
        boolean flat = Letters.widest(columns) * em < cell;
        double head = Figure.titleHeight(title, width, style);
        boolean named = panels.stream().anyMatch(p -> !p.name.isEmpty());
        double top = head + (named ? 1.8 * em : 0) + (flat ? 1.4 : Math.min(12, Letters.widest(columns)) + .8) * em;
        double bottom = top + cell * rows.size();
        List<String> meaning = unit.isEmpty() ? List.of() : Letters.lines(unit, (width - left) / em - .5);
        Figure f = new Figure(width, bottom + (3.4 + 1.5 * meaning.size()) * em, title, style);
        f.heading();
        int everyRow = (int) Math.ceil(1.05 * em / cell);
        for (int r = 0; r < rows.size(); r += everyRow) {
            f.text(left - .6 * em, top + cell * (r + .5) + .35 * em, Letters.cut(rows.get(r), 14), Anchor.END);
        }
        for (int p = 0; p < panels.size(); p++) {
            double x = left + wide * p;
            f.text(x, head + 1.1 * em, Letters.cut(panels.get(p).name, (wide - gap) / em + 1), Anchor.START);
            for (int c = 0; c < columns.size(); c += flat ? 1 : everyRow) {
                String name = Letters.cut(columns.get(c), 12);
                if (flat) {
                    f.text(x + cell * (c + .5), top - .5 * em, name, Anchor.MIDDLE);
                } else {
                    f.upright(x + cell * (c + .5) + .35 * em, top - .5 * em, name, Anchor.START);
                }
            }
            cells(f, panels.get(p), x, top, cell);
        }
        if (signed && !differs(panels)) {
            f.text(left, bottom + 1.9 * em, "none differs from zero", Anchor.START);
        } else {
            bar(f, left, bottom + .9 * em, Math.min(14 * em, width - left - 2.5 * em));
        }
        for (int i = 0; i < meaning.size(); i++) {
            f.text(left, bottom + (4.4 + 1.4 * i) * em, meaning.get(i), Anchor.START);
        }
        return f;
    }

    private void cells(Figure f, Panel panel, double x, double top, double cell) {
        double em = f.style().fontSize();
        double line = cell > 6 ? 1 : 0; // between cells
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < columns.size(); c++) {
                double value = panel.values[r][c];
                String text =
                        Double.isNaN(value) ? "none" : String.format(Locale.ROOT, signed ? "%+.4f" : "%.3f", value);
                f.rectangle(
                        x + cell * c,
                        top + cell * r,
                        cell - line,
                        cell - line,
                        colour(f.style().palette(), value),
                        (panel.name.isEmpty() ? "" : panel.name + " ") + rows.get(r) + ", " + columns.get(c) + ": "
                                + text);
                if (decimals >= 0 && !Double.isNaN(value) && value != 0) {
                    String number = String.format(Locale.ROOT, "%." + decimals + "f", value);
                    if (.8 * Letters.width(number) * em < cell) {
                        f.text(
                                x + cell * (c + .5),
                                top + cell * (r + .5) + .28 * em,
                                number,
                                Anchor.MIDDLE,
                                .8,
                                ink(f.style().palette(), value));
                    }
                }
            }
        }
    }

    private String colour(Palette palette, double value) {
        return signed ? palette.signed(value / high) : palette.amount((value - low) / (high - low));
    }

    /** Dark on light cells, white on dark ones. */
    private String ink(Palette palette, double value) {
        String colour = colour(palette, value);
        if (colour.length() < 7) {
            return "#222";
        }
        int rgb = Integer.parseInt(colour.substring(1), 16);
        int light = (299 * (rgb >> 16) + 587 * (rgb >> 8 & 255) + 114 * (rgb & 255)) / 1000;
        return light > 140 ? "#222" : "#fff";
    }

    private void bar(Figure f, double x, double y, double width) {
        double em = f.style().fontSize();
        int steps = 40;
        for (int i = 0; i < steps; i++) {
            double value = low + (high - low) * (i + .5) / steps;
            // a little wider than its place, so that no line shows between two steps
            f.rectangle(
                    x + width * i / steps,
                    y,
                    width / steps + (i + 1 < steps ? .4 : 0),
                    .8 * em,
                    colour(f.style().palette(), value),
                    "");
        }
        Axis axis = Axis.of(low, high, (int) Math.max(1, Math.min(5, width / (3.2 * em))), false);
        List<Double> ticks = new ArrayList<>(axis.ticks());
        for (double tick : ticks) {
            double at = x + width * axis.share(tick);
            f.line(at, y + .8 * em, at, y + 1.1 * em, "#888", 1, "");
            f.text(at, y + 2.1 * em, axis.name(tick), Anchor.MIDDLE);
        }
    }
}
