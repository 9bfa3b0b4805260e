package io.residual.images;

/**
 * Pillow's resize: separable, anti-aliased, in 8-bit fixed point with 22 fractional bits, the horizontal pass rounded to
 * bytes before the vertical one. Written from the published algorithm so that results equal Pillow's to the bit.
 */
public enum Resampling {
    NEAREST(0) {
        @Override
        double weight(double x) {
            throw new IllegalStateException("nearest has no kernel");
        }

        @Override
        public Image resize(Image image, int width, int height) {
            byte[] out = new byte[Math.multiplyExact(width, height) * 3];
            // Pillow adds up the steps instead of multiplying, and where that rounds, so must this.
            double stepX = (double) image.width() / width;
            double stepY = (double) image.height() / height;
            double atY = stepY * .5;
            for (int y = 0; y < height; y++, atY += stepY) {
                int sy = Math.min(image.height() - 1, (int) atY);
                double atX = stepX * .5;
                for (int x = 0; x < width; x++, atX += stepX) {
                    int sx = Math.min(image.width() - 1, (int) atX);
                    System.arraycopy(image.rgb(), (sy * image.width() + sx) * 3, out, (y * width + x) * 3, 3);
                }
            }
            return new Image(width, height, out);
        }
    },
    BOX(.5) {
        @Override
        double weight(double x) {
            return x > -.5 && x <= .5 ? 1 : 0;
        }
    },
    BILINEAR(1) {
        @Override
        double weight(double x) {
            double a = Math.abs(x);
            return a < 1 ? 1 - a : 0;
        }
    },
    HAMMING(1) {
        @Override
        double weight(double x) {
            double a = Math.abs(x);
            if (a == 0) {
                return 1;
            }
            double p = a * Math.PI;
            return a >= 1 ? 0 : Math.sin(p) / p * (.54 + .46 * Math.cos(p));
        }
    },
    BICUBIC(2) {
        @Override
        double weight(double x) {
            double a = Math.abs(x);
            if (a < 1) {
                return ((-.5 + 2) * a - (-.5 + 3)) * a * a + 1;
            }
            return a < 2 ? (((a - 5) * a + 8) * a - 4) * -.5 : 0;
        }
    },
    LANCZOS(3) {
        @Override
        double weight(double x) {
            return x > -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
        }
    };

    private static final int BITS = 32 - 8 - 2;
    private final double support;

    Resampling(double support) {
        this.support = support;
    }

    /** The kernel at {@code x}, in source pixels when not shrinking. */
    abstract double weight(double x);

    /** The image with another size. */
    public Image resize(Image image, int width, int height) {
        if (width <= 0 || height <= 0) {
            throw new IllegalArgumentException("cannot resize to " + width + " x " + height);
        }
        Image wide = image.width() == width ? image : horizontal(image, width);
        return wide.height() == height ? wide : vertical(wide, height);
    }

    /** Fixed-point kernel for every target position: where it starts, and its weights. */
    private record Kernels(int[] start, int[][] weights) {}

    private Kernels kernels(int from, int to) {
        double scale = (double) from / to;
        double filterScale = Math.max(scale, 1);
        double reach = support * filterScale;
        int[] start = new int[to];
        int[][] weights = new int[to][];
        for (int i = 0; i < to; i++) {
            double centre = (i + .5) * scale;
            int first = Math.max((int) (centre - reach + .5), 0);
            int last = Math.min((int) (centre + reach + .5), from);
            double[] exact = new double[last - first];
            double sum = 0;
            for (int j = 0; j < exact.length; j++) {
                exact[j] = weight((j + first - centre + .5) * (1 / filterScale));
                sum += exact[j];
            }
            start[i] = first;
            weights[i] = new int[exact.length];
            for (int j = 0; j < exact.length; j++) {
                double w = (sum == 0 ? exact[j] : exact[j] / sum) * (1 << BITS);
                weights[i][j] = (int) (w < 0 ? w - .5 : w + .5);
            }
        }
        return new Kernels(start, weights);
    }

    private Image horizontal(Image image, int width) {
        Kernels kernels = kernels(image.width(), width);
        byte[] in = image.rgb();
        byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, image.height()), 3)];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < width; x++) {
                int[] weights = kernels.weights[x];
                int at = (y * image.width() + kernels.start[x]) * 3;
                int r = 1 << (BITS - 1);
                int g = r;
                int b = r;
                for (int w : weights) {
                    r += w * (in[at] & 0xFF);
                    g += w * (in[at + 1] & 0xFF);
                    b += w * (in[at + 2] & 0xFF);
                    at += 3;
                }
                put(out, (y * width + x) * 3, r, g, b);
            }
        }
        return new Image(width, image.height(), out);
    }

    private Image vertical(Image image, int height) {
        Kernels kernels = kernels(image.height(), height);
        int width = image.width();
        byte[] in = image.rgb();
        byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        for (int y = 0; y < height; y++) {
            int[] weights = kernels.weights[y];
            for (int x = 0; x < width; x++) {
                int at = (kernels.start[y] * width + x) * 3;
                int r = 1 << (BITS - 1);
                int g = r;
                int b = r;
                for (int w : weights) {
                    r += w * (in[at] & 0xFF);
                    g += w * (in[at + 1] & 0xFF);
                    b += w * (in[at + 2] & 0xFF);
                    at += width * 3;
                }
                put(out, (y * width + x) * 3, r, g, b);
            }
        }
        return new Image(width, height, out);
    }

    private static void put(byte[] out, int at, int r, int g, int b) {
        out[at] = clip(r);
        out[at + 1] = clip(g);
        out[at + 2] = clip(b);
    }

    private static byte clip(int fixed) {
        return (byte) Math.min(Math.max(fixed >> BITS, 0), 255);
    }

    private static double sinc(double x) {
        double p = x * Math.PI;
        return x == 0 ? 1 : Math.sin(p) / p;
    }
}
