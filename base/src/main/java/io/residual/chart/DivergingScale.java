package io.residual.chart;

import java.util.Locale;

/**
 * Colours of signed numbers, safe for colour-blind eyes: from blue (negative) over white to orange (positive), after ColorBrewer's
 * PuOr and RdBu, whose ends differ in hue for every kind of colour vision.
 */
public final class DivergingScale {
    private static final int[][] NEGATIVE = {{247, 247, 247}, {146, 197, 222}, {33, 102, 172}};
    private static final int[][] POSITIVE = {{247, 247, 247}, {253, 184, 99}, {179, 88, 6}};

    private DivergingScale() {}

    /** Red, green and blue, 0 to 255. {@code value} from −1 to 1; what lies beyond is cut. */
    public static int[] rgb(double value) {
        int[][] scale = value < 0 ? NEGATIVE : POSITIVE;
        double at = Math.min(Math.abs(value), 1) * (scale.length - 1);
        int below = Math.min((int) at, scale.length - 2);
        int[] colour = new int[3];
        for (int i = 0; i < 3; i++) {
            colour[i] = (int) Math.round(scale[below][i] + (at - below) * (scale[below + 1][i] - scale[below][i]));
        }
        return colour;
    }

    /** As in HTML, such as {@code #2166ac}; grey where there is no number. */
    public static String hex(double value) {
        if (Double.isNaN(value)) {
            return "#bbb";
        }
        int[] c = rgb(value);
        return String.format(Locale.ROOT, "#%02x%02x%02x", c[0], c[1], c[2]);
    }
}
