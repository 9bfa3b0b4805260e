package io.residual.images;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes PNG, JPEG, GIF, BMP, WebP and TIFF into 8-bit RGB the way Pillow's {@code convert("RGB")} does: transparency is
 * dropped, not blended; grey is repeated; orientation tags are not followed.
 */
public final class PictureDecoder {
    /** Pictures of more pixels are refused before anything of their size is allocated. */
    public static final long MAX_PIXELS = 100_000_000;

    /** The endings of files that it decodes, in small letters, without the dot. */
    public static final Set<String> ENDINGS =
            Set.of("png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "webp", "tif", "tiff", "ppm", "pgm");

    private static final long MAX_BYTES = 500_000_000;

    static {
        ImageIO.setUseCache(false); // no temporary files
    }

    private PictureDecoder() {}

    /** Decodes a file. */
    public static Picture decode(Path file) throws UnreadablePictureException {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new UnreadablePictureException(file.toString(), "cannot be read (it is no file)");
            }
            if (Files.exists(file) && Files.size(file) > MAX_BYTES) {
                throw new UnreadablePictureException(
                        file.toString(), "has " + Files.size(file) + " bytes, more than " + MAX_BYTES);
            }
            return decode(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UnreadablePictureException(file.toString(), "cannot be read (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Decodes a picture in memory.
     *
     * @param name what to call it in an error
     */
    public static Picture decode(byte[] bytes, String name) throws UnreadablePictureException {
        return decode(bytes, name, MAX_PIXELS);
    }

    /**
     * Decodes a picture in memory, if it has no more pixels than {@code most}; their number is read before anything of their
     * size is allocated.
     */
    public static Picture decode(byte[] bytes, String name, long most) throws UnreadablePictureException {
        if (bytes.length == 0) {
            throw new UnreadablePictureException(name, "is empty");
        }
        try (InputStream in = new ByteArrayInputStream(checked(bytes));
                ImageInputStream stream = ImageIO.createImageInputStream(in)) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new UnreadablePictureException(
                        name, "is not a picture in a known format (PNG, JPEG, GIF, BMP, WebP, TIFF)");
            }
            ImageReader reader = readers.next();
            try {
                return decode(reader, stream, name, Math.min(most, MAX_PIXELS));
            } finally {
                reader.dispose();
            }
        } catch (IOException | RuntimeException e) {
            throw new UnreadablePictureException(name, "is damaged (" + e.getMessage() + ")", e);
        } catch (OutOfMemoryError e) { // one picture's array that was too large; all else has what it had
            throw new UnreadablePictureException(name, "needs more memory than there is", e);
        }
    }

    /** Whether a file is called like one that it decodes. */
    static boolean isNamedLikeAPicture(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    private static byte[] checked(byte[] bytes) {
        TiffGuard.check(bytes);
        return Containers.withoutProfile(bytes);
    }

    private static Picture decode(ImageReader reader, ImageInputStream stream, String name, long most)
            throws IOException, UnreadablePictureException {
        reader.setInput(stream, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > most) {
            throw new UnreadablePictureException(
                    name, "has " + reader.getWidth(0) + " x " + reader.getHeight(0) + " pixels, more than " + most);
        }
        boolean[] damaged = new boolean[1];
        reader.addIIOReadWarningListener((source, warning) -> damaged[0] |= isDamage(warning));
        // The stored samples, not those that a colour profile makes of them.
        ImageReadParam param = reader.getDefaultReadParam();
        ImageTypeSpecifier raw = reader.getRawImageType(0);
        if (raw != null && raw.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_RGB) {
            param.setDestinationType(raw);
        }
        BufferedImage image = reader.read(0, param);
        if (damaged[0]) {
            throw new UnreadablePictureException(name, "is damaged or truncated");
        }
        return toRgb(image);
    }

    private static boolean isDamage(String warning) {
        String text = warning.toLowerCase(java.util.Locale.ROOT);
        return text.contains("corrupt") || text.contains("premature") || text.contains("truncated");
    }

    /** The stored samples as 8-bit RGB, without colour conversion for grey and without blending alpha. */
    static Picture toRgb(BufferedImage image) {
        int w = image.getWidth();
        int h = image.getHeight();
        byte[] rgb = new byte[Math.multiplyExact(Math.multiplyExact(w, h), 3)];
        Raster raster = image.getRaster();
        ColorModel model = image.getColorModel();
        int type = raster.getDataBuffer().getDataType();
        boolean grey = !(model instanceof IndexColorModel) && model.getNumColorComponents() == 1;
        if (grey && type == DataBuffer.TYPE_USHORT) {
            int[] row = new int[w * raster.getNumBands()];
            int bands = raster.getNumBands();
            for (int y = 0; y < h; y++) {
                raster.getPixels(0, y, w, 1, row);
                for (int x = 0; x < w; x++) {
                    // Pillow opens 16-bit grey as 32-bit integers and clips them on conversion.
                    // Grey with alpha becomes eight bits at once, by its upper half.
                    int value = bands > 1 ? row[x * bands] >> 8 : Math.min(row[x * bands], 255);
                    fill(rgb, (y * w + x) * 3, (byte) value);
                }
            }
        } else if (grey && model.getComponentSize(0) == 8) {
            int bands = raster.getNumBands();
            int[] row = new int[w * bands];
            for (int y = 0; y < h; y++) {
                raster.getPixels(0, y, w, 1, row);
                for (int x = 0; x < w; x++) {
                    fill(rgb, (y * w + x) * 3, (byte) row[x * bands]);
                }
            }
        } else if (!(model instanceof IndexColorModel)
                && model.getColorSpace().getType() == ColorSpace.TYPE_RGB
                && (model.getComponentSize(0) == 16 || model.getComponentSize(0) == 8)) {
            int bands = raster.getNumBands();
            int shift = model.getComponentSize(0) - 8; // of 16 bits Pillow keeps the upper half
            int[] row = new int[w * bands];
            for (int y = 0; y < h; y++) {
                raster.getPixels(0, y, w, 1, row);
                for (int i = 0; i < w * 3; i++) {
                    rgb[y * w * 3 + i] = (byte) (row[i / 3 * bands + i % 3] >> shift);
                }
            }
        } else {
            int[] row = new int[w];
            for (int y = 0; y < h; y++) {
                image.getRGB(0, y, w, 1, row, 0, w);
                for (int x = 0; x < w; x++) {
                    int at = (y * w + x) * 3;
                    rgb[at] = (byte) (row[x] >> 16);
                    rgb[at + 1] = (byte) (row[x] >> 8);
                    rgb[at + 2] = (byte) row[x];
                }
            }
        }
        return new Picture(w, h, rgb);
    }

    private static void fill(byte[] rgb, int at, byte value) {
        rgb[at] = value;
        rgb[at + 1] = value;
        rgb[at + 2] = value;
    }
}
