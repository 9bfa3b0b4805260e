package io.residual.chart;

import io.residual.chart.Figure.Anchor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Pairs of signed bars, one pair a name, each with its value. For one thread. */
public final class BarChart implements Chart {
    private final String title;
    private final String label;
    private final String first;
    private final String second;
    private final List<Pair> pairs = new ArrayList<>();

    private record Pair(String name, double first, double second) {}

    /**
     * An empty chart.
     *
     * @param label the quantity that the bars show, with its unit
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
     * @param second NaN for no second bar
     */
    public BarChart bar(String name, double first, double second) {
        pairs.add(new Pair(name, first, second));
        return this;
    }

    @Override
    public Figure draw(FigureStyle style) {
        double em = style.fontSize();
        double width = style.widthOr(52);
        boolean both = pairs.stream().anyMatch(p -> !Double.isNaN(p.second));
        double row = (both ? 2.5 : 1.6) * em;
        double room = Math.min(
                .4 * width, (1.6 + Letters.widest(pairs.stream().map(Pair::name).toList())) * em);
        double top = Figure.titleHeight(title, width, style) + (both ? 1.8 * em : 0);
        double bottom = top + row * pairs.size() + .4 * em;
        double most = 1e-12;
        double least = -1e-12;
        for (Pair pair : pairs) {
            for (double v : new double[] {pair.first, pair.second}) {
                most = Double.isNaN(v) ? most : Math.max(most, v);
                least = Double.isNaN(v) ? least : Math.min(least, v);
            }
        }
        double number = 3.4 * em; // room for a bar's value on either side
        double scale = (width - room - 2 * number - em) / (most - least);
        double zero = room + number - least * scale;
        Axis axis = Axis.of(least, most, (int) Math.max(2, Math.min(7, (width - room) / (6 * em))), false);
        Figure f = new Figure(width, bottom + 3.6 * em, title, style);
        f.heading();
        if (both) {
            double y = top - 1.2 * em;
            key(f, room, y, style.palette().series(0), first);
            key(f, room + (Letters.width(first) + 3) * em, y, style.palette().series(1), second);
        }
        for (double tick : axis.ticks()) {
            double x = zero + tick * scale;
            f.line(x, top, x, bottom, Figure.FAINT, 1, "");
            f.text(x, bottom + 1.3 * em, axis.name(tick), Anchor.MIDDLE);
        }
        f.axisTitle((room + width) / 2, bottom + 2.9 * em, label, width);
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            double y = top + row * i + .3 * em;
            String name = Letters.cut(pair.name, room / em - 1);
            f.text(room - .6 * em, y + (both ? 1.3 : .85) * em, name, Anchor.END);
            bar(f, zero, scale, y, style.palette().series(0), pair.first);
            if (both && !Double.isNaN(pair.second)) {
                bar(f, zero, scale, y + 1.0 * em, style.palette().series(1), pair.second);
            }
        }
        f.line(zero, top - .2 * em, zero, bottom, "#333", 1, "");
        return f;
    }

    private static void key(Figure f, double x, double y, String colour, String name) {
        double em = f.style().fontSize();
        f.rectangle(x, y, .9 * em, .9 * em, colour, "");
        f.text(x + 1.4 * em, y + .8 * em, name, Anchor.START);
    }

    private static void bar(Figure f, double zero, double scale, double y, String colour, double value) {
        double em = f.style().fontSize();
        double length = Math.abs(value) * scale;
        double x = value < 0 ? zero - length : zero;
        f.rectangle(x, y, length, .9 * em, colour, "");
        f.text(
                value < 0 ? x - .3 * em : x + length + .3 * em,
                y + .75 * em,
                String.format(Locale.ROOT, "%+.2f", value).replace('-', '−'),
                value < 0 ? Anchor.END : Anchor.START,
                .8,
                "#222");
    }
}
