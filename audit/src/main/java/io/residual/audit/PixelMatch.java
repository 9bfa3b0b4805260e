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
    static final int GRID = 32;

    /** Correlations of brightness and of fine detail from which whole images are copies. */
    private static final double WHOLE = .97;

    private static final double WHOLE_DETAIL = .88;

    /** Images of less contrast have nothing to compare. */
    private static final double FLAT = 4;

    /** A window of an image: left, top, width and height as shares of it. */
    record Window(double x, double y, double w, double h) {
        static final Window ALL = new Window(0, 0, 1, 1);

        boolean isInside() {
            return x >= 0 && y >= 0 && w > .4 && h > .4 && x + w <= 1 + 1e-9 && y + h <= 1 + 1e-9;
        }
    }

    /** How the whole images match, or null if they do not; {@link PartSearch} looks for parts. */
    static @Nullable PixelMatch of(ImageFacts a, ImageFacts b) {
        if (isFlat(a) || isFlat(b)) {
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
        return null;
    }

    /** Whether an image has nothing to compare. */
    static boolean isFlat(ImageFacts image) {
        return image.deviation() < FLAT;
    }

    /** A match, if brightness and fine detail correlate enough. Changes the grids. */
    static @Nullable PixelMatch confirmed(
            double[] a, double[] b, double whole, double detail, boolean mirrored, boolean cropped) {
        double likeness = product(normalised(detail(a)), normalised(detail(b))); // before normalising in place
        return likeness < detail || product(normalised(a), normalised(b)) < whole
                ? null
                : new PixelMatch(mirrored, cropped, likeness);
    }

    /** Bilinear samples of a window on a grid of {@code side} by {@code side}. */
    static double[] sampled(byte[] grey, Window window, int side, boolean mirrored) {
        double[] out = new double[side * side];
        int[] left = new int[side];
        int[] right = new int[side];
        double[] ofRight = new double[side];
        for (int j = 0; j < side; j++) { // the same in every row
            double x = (window.x + window.w * (j + .5) / side) * SIDE - .5;
            left[j] = Math.max(0, Math.min(SIDE - 1, (int) Math.floor(x)));
            right[j] = Math.min(SIDE - 1, left[j] + 1);
            ofRight[j] = Math.max(0, Math.min(1, x - left[j]));
        }
        for (int i = 0; i < side; i++) {
            double y = (window.y + window.h * (i + .5) / side) * SIDE - .5;
            int y0 = Math.max(0, Math.min(SIDE - 1, (int) Math.floor(y)));
            int y1 = Math.min(SIDE - 1, y0 + 1);
            double fy = Math.max(0, Math.min(1, y - y0));
            for (int j = 0; j < side; j++) {
                double fx = ofRight[j];
                double above = (grey[y0 * SIDE + left[j]] & 255) * (1 - fx) + (grey[y0 * SIDE + right[j]] & 255) * fx;
                double below = (grey[y1 * SIDE + left[j]] & 255) * (1 - fx) + (grey[y1 * SIDE + right[j]] & 255) * fx;
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
    static double[] normalised(double[] values) {
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

    /** The sum of products. */
    static double product(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
