package io.residual.chart;

import io.residual.chart.Figure.Anchor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Small multiples of dots with their intervals: one panel for a data set, one row for a method, one scale for all panels. For one
 * thread.
 */
public final class DotChart implements Chart {
    private final String title;
    private final String label;
    private final List<Panel> panels = new ArrayList<>();

    /**
     * A dot.
     *
     * @param low lower end of its interval; NaN for none
     * @param high upper end
     */
    public record Dot(String name, double value, double low, double high) {}

    /**
     * A panel.
     *
     * @param reference value of a dashed line, such as a baseline; NaN for none
     */
    public record Panel(String name, double reference, List<Dot> dots) {
        public Panel {
            dots = List.copyOf(dots);
        }
    }

    /**
     * An empty chart.
     *
     * @param label the quantity, with its unit
     */
    public DotChart(String title, String label) {
        this.title = title;
        this.label = label;
    }

    /** Adds a panel. */
    public DotChart panel(Panel panel) {
        panels.add(panel);
        return this;
    }

    private Axis axis(int most) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Panel panel : panels) {
            for (Dot dot : panel.dots) {
                low = Math.min(low, Double.isNaN(dot.low) ? dot.value : dot.low);
                high = Math.max(high, Double.isNaN(dot.high) ? dot.value : dot.high);
            }
            low = Double.isNaN(panel.reference) ? low : Math.min(low, panel.reference);
            high = Double.isNaN(panel.reference) ? high : Math.max(high, panel.reference);
        }
        return low < high ? Axis.around(low, high, most) : Axis.of(0, 1, most, false);
    }

    @Override
    public Figure draw(FigureStyle style) {
        double em = style.fontSize();
        double width = style.widthOr(panels.size() > 1 ? 62 : 44);
        List<String> names =
                panels.stream().flatMap(p -> p.dots.stream()).map(Dot::name).toList();
        double room = Math.min(11, 1.2 + Letters.widest(names)) * em;
        int across = (int) Math.max(1, Math.min(panels.size(), Math.floor(width / (room + 15 * em))));
        double each = width / across;
        int rows = panels.stream().mapToInt(p -> p.dots.size()).max().orElse(0);
        double tall = (1.5 * rows + 5.6) * em;
        double head = Figure.titleHeight(title, width, style);
        int down = (panels.size() + across - 1) / across;
        Figure f = new Figure(width, head + tall * down, title, style);
        f.heading();
        Axis axis = axis((int) Math.max(2, Math.min(5, (each - room) / (4.5 * em))));
        for (int p = 0; p < panels.size(); p++) {
            int line = p / across;
            draw(f, panels.get(p), axis, each * (p % across), head + tall * line, each, room);
        }
        return f;
    }

    private void draw(Figure f, Panel panel, Axis axis, double x, double y, double width, double room) {
        double em = f.style().fontSize();
        double left = x + room;
        double right = x + width - 4 * em;
        double top = y + 2 * em;
        double bottom = top + 1.5 * em * panel.dots.size();
        f.text(left, y + 1.2 * em, Letters.cut(panel.name, (width - room) / em - .5), Anchor.START, 1.05, "#222");
        for (double tick : axis.ticks()) {
            double at = left + (right - left) * axis.share(tick);
            f.line(at, top, at, bottom, Figure.FAINT, 1, "");
            f.text(at, bottom + 1.3 * em, axis.name(tick), Anchor.MIDDLE);
        }
        f.axisTitle((left + right) / 2, bottom + 2.8 * em, label, width - em);
        if (!Double.isNaN(panel.reference)) {
            double at = left + (right - left) * axis.share(panel.reference);
            f.line(at, top, at, bottom, "#777", 1, "4 3");
        }
        for (int i = 0; i < panel.dots.size(); i++) {
            Dot dot = panel.dots.get(i);
            double at = top + 1.5 * em * (i + .5);
            String colour = f.style().palette().series(0);
            f.text(left - .7 * em, at + .35 * em, Letters.cut(dot.name, room / em - .8), Anchor.END);
            if (dot.high > dot.low) {
                f.line(
                        left + (right - left) * axis.share(dot.low),
                        at,
                        left + (right - left) * axis.share(dot.high),
                        at,
                        colour,
                        1.4,
                        "");
            }
            f.circle(left + (right - left) * axis.share(dot.value), at, .35 * em, colour, "");
            f.text(right + .6 * em, at + .35 * em, String.format(Locale.ROOT, "%.1f", dot.value), Anchor.START);
        }
    }
}
