package io.residual.chart;

/**
 * How a figure looks. Lengths are CSS pixels, 96 to the inch, so that a point is 4/3 of one.
 *
 * @param width of the figure; 0 for the width that suits the plot
 * @param fontSize of labels; titles are a quarter larger
 * @param font a font family, as in CSS
 * @param palette the colours
 */
public record FigureStyle(double width, double fontSize, String font, Palette palette) {
    /** The plot's own width, 10-point sans serif, Okabe and Ito's colours. */
    public static final FigureStyle DEFAULT = new FigureStyle(0, 40 / 3.0, "sans-serif", Palette.OKABE_ITO);

    /** CSS pixels in a millimetre. */
    public static final double MILLIMETRE = 96 / 25.4;

    /** CSS pixels in a point. */
    public static final double POINT = 4 / 3.0;

    /** The width of a figure whose own width is this many letters' heights. */
    double widthOr(double ems) {
        return width > 0 ? width : ems * fontSize;
    }
}
