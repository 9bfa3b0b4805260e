package io.residual.chart;

import java.util.List;
import java.util.Locale;

/** The colours of a figure. Every palette but {@link #GREY} is safe for colour-blind eyes; series differ in markers, too. */
public enum Palette {
    /** Okabe and Ito's colours for series, viridis for amounts, blue to orange about zero. */
    OKABE_ITO(
            "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C6D1F", "#000000", "#7F7F7F",
            "#5B3A8C"),
    /** Paul Tol's bright scheme for series, else as {@link #OKABE_ITO}. */
    TOL("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#777777", "#000000"),
    /** Shades of grey, for print: series also differ in their dashes. */
    GREY("#000000", "#666666", "#333333", "#999999", "#4d4d4d", "#808080");

    private static final int[][] VIRIDIS = {{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}};
    /** Of cells without a number. */
    static final String NONE = "#bbb";

    private final String series;

    Palette(String... series) {
        this.series = String.join(" ", series);
    }

    /** As users write it, such as {@code okabe-ito}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Colour of the i-th series. */
    public String series(int i) {
        String[] all = series.split(" ");
        return all[i % all.length];
    }

    /** Dashes of the i-th series as in SVG; empty for a solid line. */
    String dashes(int i) {
        List<String> kinds = List.of("", "6 3", "2 2", "8 3 2 3", "12 4");
        return this == GREY ? kinds.get(i % kinds.size()) : "";
    }

    /** Of an amount from 0 to 1; what lies beyond is cut; grey where there is no number. */
    public String amount(double share) {
        if (Double.isNaN(share)) {
            return this == GREY ? "#ffffff" : NONE;
        }
        double within = Math.min(Math.max(share, 0), 1);
        if (this == GREY) {
            long level = Math.round(240 - 220 * within);
            return hex((int) level, (int) level, (int) level);
        }
        double at = within * (VIRIDIS.length - 1);
        int below = Math.min((int) at, VIRIDIS.length - 2);
        int[] c = new int[3];
        for (int i = 0; i < 3; i++) {
            c[i] = (int) Math.round(VIRIDIS[below][i] + (at - below) * (VIRIDIS[below + 1][i] - VIRIDIS[below][i]));
        }
        return hex(c[0], c[1], c[2]);
    }

    /** Of a signed number from −1 to 1; with {@link #GREY} from black over grey to white. */
    public String signed(double value) {
        if (this != GREY || Double.isNaN(value)) {
            return DivergingScale.hex(value);
        }
        int level = (int) Math.round(130 + 125 * Math.max(-1, Math.min(1, value)));
        return hex(level, level, level);
    }

    private static String hex(int r, int g, int b) {
        return String.format(Locale.ROOT, "#%02x%02x%02x", r, g, b);
    }
}
