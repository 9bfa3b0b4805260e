package io.residual.chart;

import io.residual.chart.Figure.Anchor;
import java.util.List;

/**
 * A unit's spectrum as bars, and below it the weight λ of each component. Weights of components below half a per cent of the variance
 * hardly matter: they are drawn pale and do not set the axis, and an arrow marks those beyond it.
 *
 * @param numbers the components' numbers, from 0, in the unit's own order; those of most variance on the images at hand stand first
 * @param shares of the variance, from 0 to 1
 * @param lambda weights in the same order; empty for none
 */
public record SpectrumChart(String title, List<Integer> numbers, List<Double> shares, List<Double> lambda)
        implements Chart {
    private static final double SMALL = .005;

    public SpectrumChart {
        numbers = List.copyOf(numbers);
        shares = List.copyOf(shares);
        if (numbers.size() != shares.size()) {
            throw new IllegalArgumentException(numbers.size() + " numbers for " + shares.size() + " components");
        }
        lambda = List.copyOf(lambda);
        if (!lambda.isEmpty() && lambda.size() != shares.size()) {
            throw new IllegalArgumentException(lambda.size() + " weights for " + shares.size() + " components");
        }
    }

    @Override
    public Figure draw(FigureStyle style) {
        double em = style.fontSize();
        double width = style.widthOr(46);
        double head = Figure.titleHeight(title, width, style);
        double left = 5.4 * em;
        double right = width - em;
        double middle = head + 11 * em;
        double gap = 1.6 * em;
        double bottom = lambda.isEmpty() ? middle : middle + gap + 8 * em;
        Figure f = new Figure(width, bottom + 3.6 * em, title, style);
        f.heading();
        double each = (right - left) / Math.max(1, shares.size());
        double top = shares.stream().mapToDouble(s -> 100 * s).max().orElse(1);
        Axis share = Axis.around(0, top > 0 ? top : 1, 4);
        rules(f, share, left, right, head + .4 * em, middle);
        f.uprightTitle(1.3 * em, (head + middle) / 2, "variance in %", middle - head);
        for (int k = 0; k < shares.size(); k++) {
            double tall = (middle - head - .4 * em) * share.share(100 * shares.get(k));
            double wide = Math.min(.7 * each, 3 * em);
            f.rectangle(
                    left + each * (k + .5) - wide / 2,
                    middle - tall,
                    wide,
                    tall,
                    style.palette().series(0),
                    "");
        }
        if (!lambda.isEmpty()) {
            weights(f, left, right, middle + gap, bottom, each);
        }
        int every = (int) Math.max(1, Math.ceil(2.2 * em / each));
        for (int k = 0; k < shares.size(); k += every) {
            f.text(left + each * (k + .5), bottom + 1.3 * em, String.valueOf(numbers.get(k)), Anchor.MIDDLE);
        }
        f.axisTitle((left + right) / 2, bottom + 2.9 * em, "component (numbered from 0), by its variance", width);
        return f;
    }

    private void weights(Figure f, double left, double right, double top, double bottom, double each) {
        double em = f.style().fontSize();
        double least = 0;
        double most = 1;
        for (int k = 0; k < lambda.size(); k++) {
            if (shares.get(k) >= SMALL) {
                least = Math.min(least, lambda.get(k));
                most = Math.max(most, lambda.get(k));
            }
        }
        Axis axis = Axis.around(least, most, 4);
        rules(f, axis, left, right, top, bottom);
        double one = bottom - (bottom - top) * axis.share(1);
        f.line(left, one, right, one, "#777", 1, "4 3");
        f.uprightTitle(1.3 * em, (top + bottom) / 2, "weight λ", bottom - top);
        for (int k = 0; k < lambda.size(); k++) {
            double value = lambda.get(k);
            double within = Math.max(axis.low(), Math.min(axis.high(), value));
            double x = left + each * (k + .5);
            double y = bottom - (bottom - top) * axis.share(within);
            String colour = shares.get(k) < SMALL ? "#bbb" : f.style().palette().series(1);
            f.line(x, one, x, y, colour, 1, "");
            if (within == value) {
                f.circle(x, y, Math.min(.3 * em, .4 * each), colour, "");
            } else {
                double up = value > within ? -.5 * em : .5 * em;
                f.area(List.of(x - .35 * em, y, x + .35 * em, y, x, y + up), colour);
            }
        }
    }

    private static void rules(Figure f, Axis axis, double left, double right, double top, double bottom) {
        double em = f.style().fontSize();
        for (double tick : axis.ticks()) {
            double y = bottom - (bottom - top) * axis.share(tick);
            f.line(left, y, right, y, Figure.FAINT, 1, "");
            f.text(left - .5 * em, y + .35 * em, axis.name(tick), Anchor.END);
        }
    }
}
