package io.residual.chart;

import io.residual.chart.Figure.Anchor;
import java.util.List;

/**
 * A reliability diagram: the accuracy of each bin of confidences with its interval, the diagonal of perfect calibration, and below how many
 * images are in the bin.
 */
public record ReliabilityChart(String title, List<Bin> bins) implements Chart {
    public ReliabilityChart {
        bins = List.copyOf(bins);
    }

    /**
     * Images of similar confidence; all numbers but the count from 0 to 1.
     *
     * @param confidence mean confidence
     * @param low lower end of the accuracy's interval
     * @param images how many
     */
    public record Bin(double confidence, double accuracy, double low, double high, int images) {}

    @Override
    public Figure draw(FigureStyle style) {
        double em = style.fontSize();
        double width = style.widthOr(30);
        double head = Figure.titleHeight(title, width, style);
        double left = 5.4 * em;
        double size = width - left - 1.5 * em;
        double bottom = head + size;
        double foot = bottom + 6.2 * em;
        Figure f = new Figure(width, foot + 5.2 * em, title, style);
        f.heading();
        Axis axis = Axis.of(0, 100, 5, true);
        for (double tick : axis.ticks()) {
            double y = bottom - size * tick / 100;
            double x = left + size * tick / 100;
            f.line(left, y, left + size, y, Figure.FAINT, 1, "");
            f.text(left - .5 * em, y + .35 * em, axis.name(tick), Anchor.END);
            f.text(x, foot + 1.4 * em, axis.name(tick), Anchor.MIDDLE);
        }
        f.line(left, bottom, left + size, head, "#777", 1, "4 3");
        f.line(left, foot, left + size, foot, "#888", 1, "");
        int most = bins.stream().mapToInt(Bin::images).max().orElse(1);
        String colour = style.palette().series(0);
        for (Bin bin : bins) {
            double x = left + size * bin.confidence;
            double tall = 4.2 * em * bin.images / most;
            f.line(x, bottom - size * bin.low, x, bottom - size * bin.high, colour, 1.4, "");
            f.circle(x, bottom - size * bin.accuracy, .35 * em, colour, "");
            f.rectangle(x - .7 * em, foot - tall, 1.4 * em, tall, colour, "");
            f.text(x, foot - tall - .3 * em, String.valueOf(bin.images), Anchor.MIDDLE, .8, "#222");
        }
        f.uprightTitle(1.3 * em, (head + bottom) / 2, "accuracy in %, 95 % interval", size + em);
        f.axisTitle(left + size / 2, foot + 3 * em, "confidence in %; bars: images", width);
        return f;
    }
}
