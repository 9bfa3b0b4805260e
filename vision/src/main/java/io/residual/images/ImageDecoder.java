package io.residual.images;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.event.IIOReadProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * Decodes PNG, JPEG, GIF, BMP, WebP, TIFF and PNM into 8-bit RGB the way Pillow's {@code convert("RGB")} does: transparency is
 * dropped, not blended; grey is repeated; of an animation the first image is taken. Images are turned upright unless
 * {@link Orientation} says otherwise.
 *
 * <p>What one image may cost is bounded before it is decoded, by its pixels, scans, strips and tiles, and while it is, by
 * processor time; every call returns. Safe for several threads.
 */
public final class ImageDecoder {
    /** Images of more pixels are refused before anything of their size is allocated. */
    public static final long MAX_PIXELS = 100_000_000;

    /** The endings of files that it decodes, in small letters, without the dot. */
    public static final Set<String> ENDINGS =
            Set.of("png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "webp", "tif", "tiff", "ppm", "pgm");

    private static final long MAX_BYTES = 500_000_000;

    /** Bytes a pixel that decoding takes: the decoder's own image, and the one that it gives. */
    private static final long BYTES_PER_PIXEL = 8;

    static {
        ImageIO.setUseCache(false); // no temporary files
    }

    private ImageDecoder() {}

    /**
     * Decodes an image file, following the orientation of the process.
     *
     * @throws UnreadableImageException if it is damaged, too large or of an unsupported format
     */
    public static Image decode(Path file) throws UnreadableImageException {
        return decode(file, Orientation.inForce());
    }

    /** Decodes a file, whatever orientation is in force. */
    public static Image decode(Path file, Orientation orientation) throws UnreadableImageException {
        String name = file.toString();
        long size = 0;
        try {
            // A pipe or a device may never end, or begin.
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new UnreadableImageException(
                        name,
                        "cannot be read (it is no file but a " + (Files.isDirectory(file) ? "folder" : "pipe or device")
                                + ")");
            }
            size = Files.exists(file) ? Files.size(file) : 0;
            if (size > MAX_BYTES) {
                throw new UnreadableImageException(name, "has " + size + " bytes, more than " + MAX_BYTES);
            }
            return decode(Files.readAllBytes(file), name, MAX_PIXELS, orientation);
        } catch (IOException e) {
            throw new UnreadableImageException(name, "cannot be read (" + e.getMessage() + ")", e);
        } catch (OutOfMemoryError e) { // the file's bytes
            throw UnreadableImageException.noMemory(name, size, e);
        }
    }

    /**
     * Decodes an image in memory.
     *
     * @param name name for messages
     */
    public static Image decode(byte[] bytes, String name) throws UnreadableImageException {
        return decode(bytes, name, MAX_PIXELS);
    }

    /**
     * Decodes an image in memory, if it has no more pixels than {@code most}; their number is read before anything of their
     * size is allocated.
     */
    public static Image decode(byte[] bytes, String name, long most) throws UnreadableImageException {
        return decode(bytes, name, most, Orientation.inForce());
    }

    /** As above, with a given limit of pixels and a given orientation. */
    public static Image decode(byte[] bytes, String name, long most, Orientation orientation)
            throws UnreadableImageException {
        if (bytes.length == 0) {
            throw new UnreadableImageException(name, "is empty");
        }
        Decoding decoding = new Decoding(bytes, name, Math.min(most, MAX_PIXELS));
        try {
            Image stored = decoding.image();
            return orientation == Orientation.UPRIGHT ? Orientation.turned(stored, OrientationTag.of(bytes)) : stored;
        } catch (RefusedImage e) {
            throw new UnreadableImageException(name, "is refused: " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            if (UnreadableImageException.isForWantOfMemory(e)) {
                throw UnreadableImageException.noMemory(name, decoding.memory(), e);
            }
            throw new UnreadableImageException(name, "is damaged (" + e.getMessage() + ")", e);
        } catch (OutOfMemoryError e) { // one image's array that was too large; all else has what it had
            throw UnreadableImageException.noMemory(name, decoding.memory(), e);
        } catch (LinkageError e) {
            throw new UnreadableImageException(name, NativeWebp.problem(e), e);
        }
    }

    /** Whether a file's name has the ending of a supported format. */
    public static boolean isNamedLikeAnImage(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    /** One file on its way to an image. */
    private static final class Decoding {
        private final byte[] bytes;
        private final String name;
        private final long most;
        private long pixels;

        Decoding(byte[] bytes, String name, long most) {
            this.bytes = bytes;
            this.name = name;
            this.most = most;
        }

        /** The memory that decoding takes, in bytes, as far as the header tells. */
        long memory() {
            return 2L * bytes.length + pixels * BYTES_PER_PIXEL;
        }

        Image image() throws IOException, UnreadableImageException {
            if (PnmDecoder.isOne(bytes)) {
                return PnmDecoder.decode(bytes, name, most);
            }
            if (Bytes.is(bytes, 0, "GIF8")) {
                return gif();
            }
            TiffDirectory tiff = TiffDirectory.of(bytes, most);
            if (tiff != null) {
                Samples.Reading reading = new Samples.Reading(null, tiff.format(), tiff.isPremultiplied(), false);
                Image image = Samples.rgb(image(tiff.alone()), reading);
                return Orientation.turned(image, tiff.orientation());
            }
            if (Containers.isWebp(bytes)) {
                return webp();
            }
            if (Bytes.is(bytes, 0, "BM") && isAnotherImageWithin()) {
                throw new RefusedImage(
                        "it is a BMP around a JPEG or PNG, which no viewer shows: take out the image within");
            }
            JpegGuard.checkKind(bytes);
            byte[] bare = Containers.bare(bytes);
            byte[] palette = Bytes.is(bare, 0, "\u0089PNG") ? Containers.palette(bare) : null;
            boolean jpeg = Bytes.is(bare, 0, "\u00FF\u00D8");
            return Samples.rgb(image(bare), new Samples.Reading(palette, Samples.Format.UNSIGNED, false, jpeg));
        }

        /** A JPEG within would be decoded without being counted. */
        private boolean isAnotherImageWithin() {
            long compression = Bytes.little32(bytes, 14) < 40 ? 0 : Bytes.little32(bytes, 30);
            return compression == 4 || compression == 5;
        }

        private Image gif() throws IOException, UnreadableImageException {
            GifScreen screen = GifScreen.of(bytes);
            requireSize(screen.width(), screen.height());
            return Samples.onScreen(image(bytes).getRaster(), screen);
        }

        private Image webp() throws IOException, UnreadableImageException {
            Containers.Canvas canvas = Containers.canvas(bytes);
            if (canvas != null) {
                requireSize(canvas.width(), canvas.height());
            }
            byte[] bare = Containers.bare(bytes);
            NativeWebp.require();
            Image frame = Samples.rgb(image(bare), Samples.Reading.PLAIN);
            NativeWebp.works();
            return canvas == null ? frame : canvas.around(frame);
        }

        private void requireSize(long width, long height) throws UnreadableImageException {
            pixels = Math.max(pixels, width * height);
            if (width * height > most) {
                throw UnreadableImageException.tooLarge(name, width, height, most);
            }
        }

        private BufferedImage image(byte[] file) throws IOException, UnreadableImageException {
            try (BoundedStream stream = new BoundedStream(file)) {
                Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
                if (!readers.hasNext()) {
                    throw new UnreadableImageException(
                            name, "is not an image in a known format (PNG, JPEG, GIF, BMP, WebP, TIFF, PNM)");
                }
                ImageReader reader = readers.next();
                try {
                    return read(reader, stream, file);
                } finally {
                    reader.dispose();
                }
            }
        }

        private BufferedImage read(ImageReader reader, BoundedStream stream, byte[] file)
                throws IOException, UnreadableImageException {
            reader.setInput(stream, true, true);
            requireSize(reader.getWidth(0), reader.getHeight(0));
            JpegGuard.check(file, pixels);
            boolean[] damaged = new boolean[1];
            reader.addIIOReadWarningListener((source, warning) -> damaged[0] |= isDamage(warning));
            reader.addIIOReadProgressListener(new Watch(stream));
            // The stored samples, not those that a colour profile makes of them.
            ImageReadParam param = reader.getDefaultReadParam();
            ImageTypeSpecifier stored = stored(reader);
            if (stored != null) {
                param.setDestinationType(stored);
            }
            BufferedImage image = reader.read(0, param);
            if (stream.isOver()) {
                throw new RefusedImage("decoding it took more than " + BoundedStream.MAX_NANOS / 1_000_000_000
                        + " seconds of processor time");
            }
            if (damaged[0]) {
                throw new UnreadableImageException(name, "is damaged or truncated");
            }
            return image;
        }

        private static @Nullable ImageTypeSpecifier stored(ImageReader reader) throws IOException {
            ImageTypeSpecifier raw = reader.getRawImageType(0);
            int type = raw == null ? -1 : raw.getColorModel().getColorSpace().getType();
            return type == ColorSpace.TYPE_RGB || type == ColorSpace.TYPE_CMYK ? raw : null;
        }

        private static boolean isDamage(String warning) {
            String text = warning.toLowerCase(Locale.ROOT);
            return text.contains("corrupt") || text.contains("premature") || text.contains("truncated");
        }
    }

    /** Ends a decoder whose time is up where it says how far it is. */
    private record Watch(BoundedStream stream) implements IIOReadProgressListener {
        private void check(ImageReader source) {
            if (stream.isOver()) {
                source.abort();
            }
        }

        @Override
        public void imageProgress(ImageReader source, float percentageDone) {
            check(source);
        }

        @Override
        public void imageStarted(ImageReader source, int imageIndex) {
            check(source);
        }

        @Override
        public void imageComplete(ImageReader source) {}

        @Override
        public void readAborted(ImageReader source) {}

        @Override
        public void sequenceStarted(ImageReader source, int minIndex) {}

        @Override
        public void sequenceComplete(ImageReader source) {}

        @Override
        public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

        @Override
        public void thumbnailProgress(ImageReader source, float percentageDone) {}

        @Override
        public void thumbnailComplete(ImageReader source) {}
    }
}
