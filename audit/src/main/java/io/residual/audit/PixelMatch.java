package io.residual.audit;

import org.jspecify.annotations.Nullable;

/**
 * Decides by pixels whether two images are copies of one another: the whole of both, or a part of one, either perhaps mirrored.
 * Brightness and contrast may differ, because correlations ignore them.
 *
 * @param mirrored whether one is turned left to right
 * @param cropped whether one shows a part of the other
 * @param likeness correlation of the fine detail, from the threshold to 1
 */
record PixelMatch(boolean mirrored, boolean cropped, double likeness) {
    private static final int SIDE = ImageFacts.SIDE;

    /** Side of the grid on which images are compared. */
    private static final int GRID = 32;

    private static final int COARSE = 12;

    /** Correlations of brightness and of fine detail from which whole images are copies. */
    private static final double WHOLE = .97;

    private static final double WHOLE_DETAIL = .88;

    /** The same where a part was searched for, which resampling blurs. */
    private static final double PART = .95;

    private static final double PART_DETAIL = .8;

    /** A coarse match below this is not refined. */
    private static final double PROMISING = .8;

    /** Images of less contrast have nothing to compare. */
    private static final double FLAT = 4;

    private static final double[] SCALES = {.9, .8, .7, .6};

    /** A window of an image: left, top, width and height as shares of it. */
    private record Window(double x, double y, double w, double h) {
        static final Window ALL = new Window(0, 0, 1, 1);

        boolean isInside() {
            return x >= 0 && y >= 0 && w > .4 && h > .4 && x + w <= 1 + 1e-9 && y + h <= 1 + 1e-9;
        }
    }

    /** How the images match, or null if they do not. */
    static @Nullable PixelMatch of(ImageFacts a, ImageFacts b) {
        if (a.deviation() < FLAT || b.deviation() < FLAT) {
            return null;
        }
        for (boolean mirrored : new boolean[] {false, true}) {
            double[] grid = sampled(b.grey(), Window.ALL, GRID, mirrored);
            PixelMatch whole =
                    confirmed(sampled(a.grey(), Window.ALL, GRID, false), grid, WHOLE, WHOLE_DETAIL, mirrored, false);
            if (whole != null) {
                return whole;
            }
        }
        for (boolean mirrored : new boolean[] {false, true}) {
            PixelMatch part = part(a, b, mirrored);
            part = part == null ? part(b, a, mirrored) : part;
            if (part != null) {
                return part;
            }
        }
        return null;
    }

    /** Whether {@code b} is a part of {@code a}. */
    private static @Nullable PixelMatch part(ImageFacts a, ImageFacts b, boolean mirrored) {
        double[] coarse = normalised(sampled(b.grey(), Window.ALL, COARSE, mirrored));
        Window best = Window.ALL;
        double most = -1;
        for (double w : SCALES) {
            for (double h : SCALES) {
                for (double x = 0; x <= 1 - w + 1e-9; x += .1) {
                    for (double y = 0; y <= 1 - h + 1e-9; y += .1) {
                        Window window = new Window(x, y, w, h);
                        double found = product(normalised(sampled(a.grey(), window, COARSE, false)), coarse);
                        if (found > most) {
                            most = found;
                            best = window;
                        }
                    }
                }
            }
        }
        if (most < PROMISING) {
            return null;
        }
        double[] fine = sampled(b.grey(), Window.ALL, GRID, mirrored);
        Window window = refined(a, normalised(fine.clone()), best);
        return confirmed(sampled(a.grey(), window, GRID, false), fine, PART, PART_DETAIL, mirrored, true);
    }

    /** Moves the window's edges one after the other as long as that helps. */
    private static Window refined(ImageFacts a, double[] target, Window from) {
        Window best = from;
        double most = product(normalised(sampled(a.grey(), best, GRID, false)), target);
        for (double step = .06; step > .004; step /= 2) {
            for (boolean better = true; better; ) {
                better = false;
                for (Window next : moved(best, step)) {
                    double found =
                            next.isInside() ? product(normalised(sampled(a.grey(), next, GRID, false)), target) : -1;
                    if (found > most + 1e-6) {
                        most = found;
                        best = next;
                        better = true;
                    }
                }
            }
        }
        return best;
    }

    private static Window[] moved(Window o, double s) {
        return new Window[] {
            new Window(o.x + s, o.y, o.w, o.h),
            new Window(o.x - s, o.y, o.w, o.h),
            new Window(o.x, o.y + s, o.w, o.h),
            new Window(o.x, o.y - s, o.w, o.h),
            new Window(o.x, o.y, o.w + s, o.h),
            new Window(o.x, o.y, o.w - s, o.h),
            new Window(o.x, o.y, o.w, o.h + s),
            new Window(o.x, o.y, o.w, o.h - s),
            new Window(o.x - s / 2, o.y, o.w + s, o.h),
            new Window(o.x, o.y - s / 2, o.w, o.h + s)
        };
    }

    private static @Nullable PixelMatch confirmed(
            double[] a, double[] b, double whole, double detail, boolean mirrored, boolean cropped) {
        double likeness = product(normalised(detail(a)), normalised(detail(b))); // before normalising in place
        return likeness < detail || product(normalised(a), normalised(b)) < whole
                ? null
                : new PixelMatch(mirrored, cropped, likeness);
    }

    /** Bilinear samples of a window on a grid of {@code side} by {@code side}. */
    private static double[] sampled(byte[] grey, Window window, int side, boolean mirrored) {
        double[] out = new double[side * side];
        for (int i = 0; i < side; i++) {
            double y = (window.y + window.h * (i + .5) / side) * SIDE - .5;
            int y0 = Math.max(0, Math.min(SIDE - 1, (int) Math.floor(y)));
            int y1 = Math.min(SIDE - 1, y0 + 1);
            double fy = Math.max(0, Math.min(1, y - y0));
            for (int j = 0; j < side; j++) {
                double x = (window.x + window.w * (j + .5) / side) * SIDE - .5;
                int x0 = Math.max(0, Math.min(SIDE - 1, (int) Math.floor(x)));
                int x1 = Math.min(SIDE - 1, x0 + 1);
                double fx = Math.max(0, Math.min(1, x - x0));
                double above = (grey[y0 * SIDE + x0] & 255) * (1 - fx) + (grey[y0 * SIDE + x1] & 255) * fx;
                double below = (grey[y1 * SIDE + x0] & 255) * (1 - fx) + (grey[y1 * SIDE + x1] & 255) * fx;
                out[i * side + (mirrored ? side - 1 - j : j)] = above * (1 - fy) + below * fy;
            }
        }
        return out;
    }

    /** What remains of a grid when the mean of its surroundings, three by three, is taken away. */
    private static double[] detail(double[] grid) {
        double[] out = new double[(GRID - 2) * (GRID - 2)];
        for (int y = 1; y < GRID - 1; y++) {
            for (int x = 1; x < GRID - 1; x++) {
                double sum = 0;
                for (int dy = -1; dy <= 1; dy++) {
                    for (int dx = -1; dx <= 1; dx++) {
                        sum += grid[(y + dy) * GRID + x + dx];
                    }
                }
                out[(y - 1) * (GRID - 2) + x - 1] = grid[y * GRID + x] - sum / 9;
            }
        }
        return out;
    }

    /** Changes the values in place: mean 0, length 1. */
    private static double[] normalised(double[] values) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        double square = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] -= mean;
            square += values[i] * values[i];
        }
        double scale = 1 / Math.sqrt(Math.max(square, 1e-12));
        for (int i = 0; i < values.length; i++) {
            values[i] *= scale;
        }
        return values;
    }

    private static double product(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
