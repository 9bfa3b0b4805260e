package io.residual.chart;

/** A plot before it is laid out: the same data give a {@link Figure} for every size, font and palette. */
@FunctionalInterface
public interface Chart {
    /**
     * Lays the plot out.
     *
     * @param style width, font and colours
     */
    Figure draw(FigureStyle style);

    /** The plot in its own size and the usual colours, as an SVG document. */
    default String svg() {
        return draw(FigureStyle.DEFAULT).svg();
    }
}
