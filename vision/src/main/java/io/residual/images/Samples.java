package io.residual.images;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import org.jspecify.annotations.Nullable;

/** From a decoder's samples to 8-bit RGB, with Pillow's arithmetic, without colour conversion for grey and without blending. */
final class Samples {
    private Samples() {}

    /** The number format of a sample. */
    enum Format {
        UNSIGNED,
        SIGNED,
        FLOAT
    }

    /**
     * How samples are interpreted where their decoder does not tell.
     *
     * @param palette three bytes an index where the file's own is known, or null
     * @param premultiplied whether colours have been multiplied by alpha
     * @param inverted whether 0 is full ink, as in JPEG
     */
    record Reading(byte @Nullable [] palette, Format format, boolean premultiplied, boolean inverted) {
        static final Reading PLAIN = new Reading(null, Format.UNSIGNED, false, false);
    }

    /** The image of some samples. */
    static Image rgb(BufferedImage image, Reading reading) {
        byte[] palette = reading.palette;
        Raster raster = image.getRaster();
        ColorModel model = image.getColorModel();
        int w = image.getWidth();
        int h = image.getHeight();
        byte[] rgb = new byte[Math.multiplyExact(Math.multiplyExact(w, h), 3)];
        boolean indexed = model instanceof IndexColorModel;
        int space = model.getColorSpace().getType();
        if (indexed && palette != null) {
            indexed(raster, palette, rgb);
        } else if (!indexed && model.getNumColorComponents() == 1 && reading.format != Format.UNSIGNED) {
            wideGrey(raster, reading.format == Format.FLOAT, rgb);
        } else if (!indexed && model.getNumColorComponents() == 1) {
            grey(raster, rgb);
        } else if (!indexed && space == ColorSpace.TYPE_RGB && isByBand(model)) {
            colour(raster, model, reading.premultiplied, rgb);
        } else if (!indexed && space == ColorSpace.TYPE_CMYK) {
            ink(raster, model.getComponentSize(0) - 8, reading.inverted ? 255 : 0, rgb);
        } else {
            converted(image, rgb);
        }
        return new Image(w, h, rgb);
    }

    private static boolean isByBand(ColorModel model) {
        int bits = model.getComponentSize(0);
        return bits <= 8 || bits == 16;
    }

    private static void indexed(Raster raster, byte[] palette, byte[] rgb) {
        int w = raster.getWidth();
        int[] row = new int[w];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, w, 1, 0, row);
            for (int x = 0; x < w; x++) {
                for (int c = 0; c < 3; c++) {
                    int at = row[x] * 3 + c;
                    rgb[(y * w + x) * 3 + c] = at < palette.length ? palette[at] : 0; // beyond it is black
                }
            }
        }
    }

    private static void grey(Raster raster, byte[] rgb) {
        int w = raster.getWidth();
        int bands = raster.getNumBands();
        boolean wide = raster.getDataBuffer().getDataType() == DataBuffer.TYPE_USHORT;
        int bits = raster.getSampleModel().getSampleSize(0);
        int[] row = new int[w * bands];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, w, 1, row);
            for (int x = 0; x < w; x++) {
                int value = row[x * bands];
                if (wide) {
                    // Pillow opens 16-bit grey as 32-bit integers and clips them on conversion.
                    // Grey with alpha becomes eight bits at once, by its upper half.
                    value = bands > 1 ? value >> 8 : Math.min(value, 255);
                } else if (bits < 8) {
                    value = value * 255 / ((1 << bits) - 1);
                }
                fill(rgb, (y * w + x) * 3, (byte) value);
            }
        }
    }

    /** Pillow clips integers and floats to 0 … 255, and drops a fraction. */
    private static void wideGrey(Raster raster, boolean real, byte[] rgb) {
        int w = raster.getWidth();
        boolean half = raster.getSampleModel().getSampleSize(0) == 16;
        int[] row = new int[w];
        float largest = 2;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, w, 1, 0, row);
            for (int x = 0; x < w; x++) {
                float value = real ? Float.intBitsToFloat(row[x]) : half ? (short) row[x] : row[x];
                largest = (x == 0 && y == 0) || value > largest ? value : largest;
                fill(rgb, (y * w + x) * 3, (byte) (int) Math.min(255, Math.max(0, value)));
            }
        }
        if (real && largest <= 1) {
            throw new RefusedImage("its floating-point samples are 1 at most, and would all be black or nearly so:"
                    + " save it with levels from 0 to 255");
        }
    }

    private static void colour(Raster raster, ColorModel model, boolean premultiplied, byte[] rgb) {
        int w = raster.getWidth();
        int bands = raster.getNumBands();
        int[] row = new int[w * bands];
        int[] most = new int[3];
        for (int c = 0; c < 3; c++) {
            most[c] = (1 << model.getComponentSize(c)) - 1;
        }
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, w, 1, row);
            for (int i = 0; i < w * 3; i++) {
                int value = row[i / 3 * bands + i % 3];
                if (most[i % 3] > 255) {
                    value >>= 8; // of 16 bits Pillow keeps the upper half
                } else if (most[i % 3] < 255) {
                    value = value * 255 / most[i % 3];
                }
                if (premultiplied) {
                    int alpha = row[i / 3 * bands + 3];
                    value = alpha == 0 ? 0 : Math.min(255, value * 255 / alpha);
                }
                rgb[y * w * 3 + i] = (byte) value;
            }
        }
    }

    private static void ink(Raster raster, int shift, int flip, byte[] rgb) {
        int w = raster.getWidth();
        int bands = raster.getNumBands();
        int[] row = new int[w * bands];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, w, 1, row);
            for (int i = 0; i < w * 3; i++) {
                int from = i / 3 * bands;
                int light = 255 - (row[from + 3] >> shift ^ flip);
                int product = (row[from + i % 3] >> shift ^ flip) * light + 128;
                rgb[y * w * 3 + i] = (byte) Math.max(0, light - (((product >> 8) + product) >> 8));
            }
        }
    }

    private static void converted(BufferedImage image, byte[] rgb) {
        int w = image.getWidth();
        int[] row = new int[w];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, w, 1, row, 0, w);
            for (int x = 0; x < w; x++) {
                int at = (y * w + x) * 3;
                rgb[at] = (byte) (row[x] >> 16);
                rgb[at + 1] = (byte) (row[x] >> 8);
                rgb[at + 2] = (byte) row[x];
            }
        }
    }

    /** A GIF's frame of indices on its screen. */
    static Image onScreen(Raster frame, GifScreen screen) {
        int w = screen.width();
        int h = screen.height();
        byte[] rgb = new byte[Math.multiplyExact(Math.multiplyExact(w, h), 3)];
        byte[] ground = {
            screen.colour(screen.ground(), 0), screen.colour(screen.ground(), 1), screen.colour(screen.ground(), 2)
        };
        for (int at = 0; at < rgb.length; at++) {
            rgb[at] = ground[at % 3];
        }
        int[] row = new int[frame.getWidth()];
        for (int y = 0; y < frame.getHeight(); y++) {
            frame.getSamples(0, y, row.length, 1, 0, row);
            for (int x = 0; x < row.length; x++) {
                int at = ((y + screen.top()) * w + x + screen.left()) * 3;
                for (int c = 0; c < 3; c++) {
                    rgb[at + c] = screen.colour(row[x], c);
                }
            }
        }
        return new Image(w, h, rgb);
    }

    private static void fill(byte[] rgb, int at, byte value) {
        rgb[at] = value;
        rgb[at + 1] = value;
        rgb[at + 2] = value;
    }
}
