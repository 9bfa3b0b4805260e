package io.residual.images;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pixels are known from how the images were written, or are what Pillow reads from the same file. */
class ImageDecoderTest {
    private static final Golden GOLDEN = Golden.open("decode");
    private static final int WIDTH = 24;
    private static final int HEIGHT = 16;

    @TempDir
    Path temporary;

    private static int colour(int x, int y) {
        return (x * 10) << 16 | (y * 15) << 8 | (x * y % 256);
    }

    private static BufferedImage image(int type) {
        BufferedImage buffered = new BufferedImage(WIDTH, HEIGHT, type);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                buffered.setRGB(x, y, 0xFF000000 | colour(x, y));
            }
        }
        return buffered;
    }

    private static byte[] encoded(BufferedImage buffered, String format) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            assertTrue(ImageIO.write(buffered, format, out), format);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    private static void assertColours(Image image) {
        assertEquals(WIDTH, image.width());
        assertEquals(HEIGHT, image.height());
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                assertEquals(colour(x, y), rgb(image, x, y), x + ", " + y);
            }
        }
    }

    private static int rgb(Image image, int x, int y) {
        return image.at(x, y, 0) << 16 | image.at(x, y, 1) << 8 | image.at(x, y, 2);
    }

    @ParameterizedTest
    @CsvSource({"png, 1", "png, 5", "bmp, 1", "bmp, 5", "tiff, 1"})
    void decode_colour_isWhatWasWritten(String format, int type) throws UnreadableImageException {
        assertColours(ImageDecoder.decode(encoded(image(type), format), "a"));
    }

    @Test
    void decode_alpha_isDroppedNotBlended() throws UnreadableImageException {
        BufferedImage buffered = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                buffered.setRGB(x, y, (x * 11) << 24 | colour(x, y)); // from transparent to nearly opaque
            }
        }
        assertColours(ImageDecoder.decode(encoded(buffered, "png"), "a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp"})
    void decode_grey_isRepeated(String format) throws UnreadableImageException {
        BufferedImage buffered = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            buffered.getRaster().setSample(i % WIDTH, i / WIDTH, 0, i % 256);
        }
        Image image = ImageDecoder.decode(encoded(buffered, format), "a");
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            assertEquals(i % 256 * 0x010101, rgb(image, i % WIDTH, i / WIDTH));
        }
    }

    /** JPEG keeps a block of one grey exactly: its only coefficient is a multiple of the quantiser's step. */
    @Test
    void decode_greyJpeg_isRepeated() throws UnreadableImageException {
        BufferedImage buffered = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
        int[] greys = {0, 40, 100, 128, 201, 255};
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH;
            buffered.getRaster().setSample(x, y, 0, greys[y / 8 * 3 + x / 8]);
        }
        Image image = ImageDecoder.decode(encoded(buffered, "jpg"), "a");
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH;
            assertEquals(greys[y / 8 * 3 + x / 8] * 0x010101, rgb(image, x, y), x + ", " + y);
        }
    }

    @ParameterizedTest
    @CsvSource({"png, 1", "png, 4", "png, 8", "gif, 8", "bmp, 8"})
    void decode_palette_givesItsColours(String format, int bits) throws UnreadableImageException {
        int[] palette = new int[1 << bits];
        for (int i = 0; i < palette.length; i++) {
            palette[i] = 0xFF000000 | (i * 0x31A7F5 & 0xFFFFFF);
        }
        Image image = ImageDecoder.decode(encoded(paletted(bits, palette), format), "a");
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            assertEquals(palette[i % palette.length] & 0xFFFFFF, rgb(image, i % WIDTH, i / WIDTH), "pixel " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "gif"})
    void decode_transparentPaletteEntry_keepsItsColour(String format) throws UnreadableImageException {
        int[] palette = {0xFF102030, 0x00FF8001, 0xFF405060, 0xFFFFFFFF};
        Image image = ImageDecoder.decode(encoded(paletted(2, palette), format), "a");
        assertEquals(0x102030, rgb(image, 0, 0));
        assertEquals(0xFF8001, rgb(image, 1, 0));
        assertEquals(0x405060, rgb(image, 2, 0));
    }

    /** Pixel {@code i} has entry {@code i} of the palette, from the start again after the last. */
    private static BufferedImage paletted(int bits, int... palette) {
        IndexColorModel model = new IndexColorModel(bits, palette.length, palette, 0, true, -1, DataBuffer.TYPE_BYTE);
        BufferedImage buffered = new BufferedImage(
                WIDTH, HEIGHT, bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY, model);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            buffered.getRaster().setSample(i % WIDTH, i / WIDTH, 0, i % palette.length);
        }
        return buffered;
    }

    static Stream<String> goldenFiles() {
        return GOLDEN.names("");
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void decode_otherFormats_equalsPillow(String file) throws UnreadableImageException {
        Image expected = GOLDEN.image(file);
        Image actual = ImageDecoder.decode(Golden.resource(file));
        assertEquals(expected.width() + " x " + expected.height(), actual.width() + " x " + actual.height());
        // A Java runtime may bring its own JPEG library, whose inverse transform may round otherwise.
        int tolerance = file.endsWith(".jpg") ? 2 : 0;
        for (int i = 0; i < expected.rgb().length; i++) {
            int difference = Math.abs((expected.rgb()[i] & 0xFF) - (actual.rgb()[i] & 0xFF));
            assertTrue(difference <= tolerance, "byte " + i + " differs by " + difference);
        }
    }

    @Test
    void golden_hasEveryFormat() {
        assertEquals(14, goldenFiles().count());
    }

    private static byte[] png16(int colourSpace, int bands, boolean alpha, int... samples) {
        ColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(colourSpace),
                alpha,
                false,
                alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
                DataBuffer.TYPE_USHORT);
        WritableRaster raster = model.createCompatibleWritableRaster(samples.length / bands, 1);
        raster.setPixels(0, 0, samples.length / bands, 1, samples);
        return encoded(new BufferedImage(model, raster, false, null), "png");
    }

    /** Of 16 bits Pillow keeps the upper eight, except for grey without alpha, which it clips. */
    @Test
    void decode_sixteenBitGreyWithAlpha_keepsUpperHalf() throws UnreadableImageException {
        byte[] png = png16(ColorSpace.CS_GRAY, 2, true, 0x1234, 0xFFFF, 0xFE80, 0x8000, 0x00FF, 0xFFFF);
        Image image = ImageDecoder.decode(png, "a");
        assertEquals(0x121212, rgb(image, 0, 0));
        assertEquals(0xFEFEFE, rgb(image, 1, 0));
        assertEquals(0, rgb(image, 2, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void decode_sixteenBitColour_keepsUpperHalf(int bands) throws UnreadableImageException {
        int[] samples = {0x12FF, 0x80F0, 0x00FF, 0xFFFF};
        byte[] png = png16(ColorSpace.CS_sRGB, bands, bands == 4, Arrays.copyOf(samples, bands));
        assertEquals(0x128000, rgb(ImageDecoder.decode(png, "a"), 0, 0));
    }

    /** Pillow leaves samples as they are, whatever profile says what they mean, and however damaged it is. */
    @ParameterizedTest
    @ValueSource(doubles = {1, .4})
    void decode_jpegWithColourProfile_isNotConverted(double share) throws Exception {
        byte[] plain = Files.readAllBytes(Golden.resource("420.jpg"));
        byte[] whole = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] profile = Arrays.copyOf(whole, (int) (whole.length * share));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(plain, 0, 20); // the JFIF header
        int length = profile.length + 16;
        out.write(new byte[] {(byte) 0xFF, (byte) 0xE2, (byte) (length >> 8), (byte) length});
        out.write("ICC_PROFILE\0\1\1".getBytes(UTF_8));
        out.write(profile);
        out.write(plain, 20, plain.length - 20);
        Golden.assertSame(ImageDecoder.decode(plain, "a"), ImageDecoder.decode(out.toByteArray(), "b"));
    }

    @ParameterizedTest
    @CsvSource({
        "lossless.webp, .2",
        "lossless.webp, .9",
        "lossy.webp, .2",
        "lossy.webp, .5",
        "lossy.webp, .95",
        "animated.webp, .3",
        "lossy-alpha.webp, .5"
    })
    void decode_truncatedWebp_isRefused(String name, double share) throws IOException {
        byte[] whole = Files.readAllBytes(Golden.resource(name));
        assertRefused("cut.webp", Arrays.copyOf(whole, (int) (whole.length * share)));
    }

    /** The cut file as if it had never been longer: its own lengths are put right, its bits still end too early. */
    @ParameterizedTest
    @ValueSource(doubles = {.3, .6, .9})
    void decode_truncatedWebpWithMendedLengths_isRefused(double share) throws IOException {
        byte[] whole = Files.readAllBytes(Golden.resource("lossless.webp"));
        byte[] cut = Arrays.copyOf(whole, (int) (whole.length * share) / 2 * 2);
        ByteBuffer bytes = ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(4, cut.length - 8).putInt(16, cut.length - 20);
        assertRefused("cut.webp", cut);
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(temporary.resolve(name), content);
    }

    private void assertRefused(String name, byte[] content, Object... mentioned) throws IOException {
        Path path = file(name, content);
        Refusal.ofImage(() -> ImageDecoder.decode(path), path);
        Refusal.ofImage(() -> ImageDecoder.decode(path), mentioned);
        Refusal.ofImage(() -> ImageDecoder.decode(content, "row 7"), "row 7");
    }

    @Test
    void decode_empty_isRefused() throws IOException {
        assertRefused("empty.png", new byte[0], "empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"not an image\n", "<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.7", "\0", "RIFF"})
    void decode_somethingElse_isRefused(String content) throws IOException {
        assertRefused("other.jpg", content.getBytes(UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "png, .1",
        "png, .5",
        "png, .9",
        "jpg, .1",
        "jpg, .5",
        "jpg, .9",
        "gif, .5",
        "gif, .9",
        "bmp, .5",
        "bmp, .9",
        "tiff, .5"
    })
    void decode_truncated_isRefused(String format, double share) throws IOException {
        byte[] whole = encoded(noise(format.equals("gif")), format);
        assertRefused("cut." + format, Arrays.copyOf(whole, (int) (whole.length * share)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"420.jpg", "444-progressive.jpg", "cmyk.jpg", "lzw.tiff", "palette.bmp", "grey16.png"})
    void decode_truncatedOtherFormats_isRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(Golden.resource(name));
        assertRefused(name, Arrays.copyOf(whole, whole.length * 2 / 3));
    }

    /** Something that does not compress, so that cutting the file cuts the pixels. */
    private static BufferedImage noise(boolean palette) {
        BufferedImage buffered =
                new BufferedImage(64, 64, palette ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64 * 64; i++) {
            buffered.setRGB(i % 64, i / 64, 0xFF000000 | (i * i * 48271 + i * 16807));
        }
        return buffered;
    }

    @Test
    void decode_changedByteInPng_isRefused() throws IOException {
        byte[] png = encoded(noise(false), "png");
        png[png.length / 2] ^= (byte) 0xFF;
        assertRefused("changed.png", png);
    }

    @Test
    void decode_headerOnly_isRefused() throws IOException {
        assertRefused("header.png", Arrays.copyOf(encoded(noise(false), "png"), 33));
        assertRefused("header.bmp", Arrays.copyOf(encoded(noise(false), "bmp"), 54));
        assertRefused("header.gif", Arrays.copyOf(encoded(noise(true), "gif"), 13));
        assertRefused("header.jpg", new byte[] {(byte) 0xFF, (byte) 0xD8});
    }

    @ParameterizedTest
    @CsvSource({"60000, 60000", "10001, 10000", "2147483647, 2147483647"})
    void decode_tooManyPixels_isRefusedBeforeAllocating(int width, int height) throws IOException {
        byte[] png = header(width, height);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertRefused("huge.png", png, width + " x " + height + " pixels");
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        // The pixels of the smallest would take 300 MB; a decoder's own classes and buffers take some.
        assertTrue(allocated < 50_000_000, allocated + " bytes");
    }

    /** A PNG's signature and first chunk, and no more. */
    private static byte[] header(int width, int height) {
        ByteBuffer out = ByteBuffer.allocate(33);
        out.putLong(0x89504E470D0A1A0AL).putInt(13);
        out.put("IHDR".getBytes(UTF_8)).putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(out.array(), 12, 17);
        return out.putInt((int) crc.getValue()).array();
    }

    @Test
    void decode_noSuchFileOrFolder_isRefused() {
        Path missing = temporary.resolve("missing.png");
        Refusal.ofImage(() -> ImageDecoder.decode(missing), missing, "cannot be read");
        Refusal.ofImage(() -> ImageDecoder.decode(temporary), temporary, "cannot be read");
    }

    @Test
    void decode_oneWrongFile_leavesNextOneAlone() throws UnreadableImageException {
        byte[] png = encoded(image(BufferedImage.TYPE_INT_RGB), "png");
        assertThrows(UnreadableImageException.class, () -> ImageDecoder.decode(Arrays.copyOf(png, 100), "a"));
        assertColours(ImageDecoder.decode(png, "b"));
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 0", "1, 0, 0", "2, 1, 3", "-1, -1, 3"})
    void image_sizeThatDoesNotFit_isRefused(int width, int height, int bytes) {
        assertThrows(IllegalArgumentException.class, () -> new Image(width, height, new byte[bytes]));
    }
}
