package io.residual.world;

import java.util.List;
import java.util.Locale;

/**
 * The kinds of objects: ten shapes and ten digits, each a signed distance in its own coordinates of about −1 to 1, y
 * down.
 */
public enum Kind {
    CIRCLE {
        @Override
        double distance(double x, double y) {
            return Math.sqrt(x * x + y * y) - .9;
        }
    },
    SQUARE {
        @Override
        double distance(double x, double y) {
            return Math.max(Math.abs(x), Math.abs(y)) - .78;
        }
    },
    TRIANGLE {
        @Override
        double distance(double x, double y) {
            double down = y - .15; // the centroid lies below the middle
            return Math.max(.866 * Math.abs(x) - .5 * down, down) - .5;
        }
    },
    STAR {
        @Override
        double distance(double x, double y) {
            // Fold the plane into one tenth of the star, then measure to the edge between a tip and a notch.
            double px = Math.abs(x);
            double py = -y;
            for (int fold = 0; fold < 2; fold++) {
                double kx = fold == 0 ? COS36 : -COS36;
                double along = Math.max(kx * px - SIN36 * py, 0);
                px -= 2 * along * kx;
                py += 2 * along * SIN36;
            }
            px = Math.abs(px);
            py -= .98;
            double ex = NOTCH * SIN36;
            double ey = NOTCH * COS36 - .98;
            double t = Math.min(Math.max((px * ex + py * ey) / (ex * ex + ey * ey), 0), 1);
            double dx = px - ex * t;
            double dy = py - ey * t;
            return Math.sqrt(dx * dx + dy * dy) * (py * ex - px * ey > 0 ? 1 : -1);
        }
    },
    RING {
        @Override
        double distance(double x, double y) {
            return Math.abs(Math.sqrt(x * x + y * y) - .68) - .22;
        }
    },
    CROSS {
        @Override
        double distance(double x, double y) {
            double a = Math.abs(x);
            double b = Math.abs(y);
            return Math.min(Math.max(a - .28, b - .9), Math.max(b - .28, a - .9));
        }
    },
    DIAMOND {
        @Override
        double distance(double x, double y) {
            return .8 * Math.abs(x) + .6 * Math.abs(y) - .58;
        }
    },
    CRESCENT {
        @Override
        double distance(double x, double y) {
            double bite = x - .45;
            return Math.max(Math.sqrt(x * x + y * y) - .9, .75 - Math.sqrt(bite * bite + y * y));
        }
    },
    ARROW {
        @Override
        double distance(double x, double y) {
            double a = Math.abs(x);
            double shaft = Math.max(a - .2, Math.abs(y - .4) - .5);
            double head = Math.max(.8 * a - .6 * (y + .9), y + .05);
            return Math.min(shaft, head);
        }
    },
    BAR {
        @Override
        double distance(double x, double y) {
            return Math.max(Math.abs(x) - .95, Math.abs(y) - .28);
        }
    },
    // Digits: poly-lines through points of the unit square, y down.
    ZERO(.30, .15, .70, .15, .80, .50, .70, .85, .30, .85, .20, .50, .30, .15),
    ONE(.35, .30, .55, .12, .55, .88),
    TWO(.25, .30, .40, .14, .65, .16, .75, .35, .25, .86, .78, .86),
    THREE(.25, .15, .72, .15, .48, .45, .75, .62, .68, .82, .25, .86),
    FOUR(.62, .90, .62, .12, .20, .62, .80, .62),
    FIVE(.72, .14, .30, .14, .27, .46, .65, .46, .75, .65, .62, .86, .25, .84),
    SIX(.65, .12, .35, .40, .25, .68, .40, .88, .65, .86, .75, .66, .60, .50, .30, .56),
    SEVEN(.22, .15, .78, .15, .42, .88),
    EIGHT(.50, .14, .28, .30, .50, .48, .73, .68, .50, .87, .27, .68, .50, .48, .72, .30, .50, .14),
    NINE(.70, .40, .45, .50, .27, .34, .40, .15, .65, .16, .72, .40, .55, .88);

    /** The ten shapes. */
    public static final List<Kind> SHAPES = List.of(values()).subList(0, 10);

    /** The ten digits, in order. */
    public static final List<Kind> DIGITS = List.of(values()).subList(10, 20);

    private static final double COS36 = .8090169943749475;
    private static final double SIN36 = .5877852522924731;
    private static final double NOTCH = .44;
    private static final double HALF_STROKE = .15;

    @SuppressWarnings("ImmutableEnumChecker") // written by the constructor alone
    private final double[] line;

    Kind(double... line) {
        this.line = line;
    }

    /** Signed distance to the outline, negative inside. */
    double distance(double x, double y) {
        double px = (x + 1) / 2;
        double py = (y + 1) / 2;
        double nearest = Double.MAX_VALUE;
        for (int i = 0; i + 3 < line.length; i += 2) {
            double dx = line[i + 2] - line[i];
            double dy = line[i + 3] - line[i + 1];
            double t = ((px - line[i]) * dx + (py - line[i + 1]) * dy) / (dx * dx + dy * dy);
            t = Math.min(Math.max(t, 0), 1);
            double ex = px - line[i] - t * dx;
            double ey = py - line[i + 1] - t * dy;
            nearest = Math.min(nearest, ex * ex + ey * ey);
        }
        return Math.sqrt(nearest) * 2 - HALF_STROKE;
    }

    /** Whether it is a digit. */
    public boolean isDigit() {
        return line.length > 0;
    }

    /** The digit's value. */
    public int digit() {
        return ordinal() - 10;
    }

    /** The word for a shape. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
