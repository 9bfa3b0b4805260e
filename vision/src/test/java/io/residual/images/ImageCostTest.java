package io.residual.images;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What an image may cost is counted before it is decoded; nothing here depends on how fast anything is. */
class ImageCostTest {
    private static byte[] progressive() throws IOException {
        return Files.readAllBytes(Golden.resource("444-progressive.jpg"));
    }

    /** With so many more scans of one empty band before the end. */
    private static byte[] withScans(byte[] jpeg, int more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, jpeg.length - 2);
        byte[] scan = {(byte) 0xFF, (byte) 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, (byte) 0xFE};
        for (int i = 0; i < more; i++) {
            out.write(scan, 0, scan.length);
        }
        out.write(jpeg, jpeg.length - 2, 2);
        return out.toByteArray();
    }

    /** libjpeg's own script for three colours has ten scans; a baseline file has one. */
    @Test
    void scans_areCounted() throws IOException {
        byte[] jpeg = progressive();
        byte[] baseline = Files.readAllBytes(Golden.resource("420.jpg"));
        assertEquals(10, JpegGuard.scans(jpeg, 0, jpeg.length));
        assertEquals(1, JpegGuard.scans(baseline, 0, baseline.length));
        byte[] more = withScans(jpeg, 7);
        assertEquals(17, JpegGuard.scans(more, 0, more.length));
        byte[] behind = Arrays.copyOf(jpeg, jpeg.length + more.length);
        System.arraycopy(more, 0, behind, jpeg.length, more.length);
        assertEquals(10, JpegGuard.scans(behind, 0, behind.length));
    }

    @Test
    void manyScans_areRefused() throws IOException {
        JpegGuard.check(withScans(progressive(), 90), 37 * 23);
        byte[] bomb = withScans(progressive(), 91);
        Refusal.ofImage(() -> ImageDecoder.decode(bomb, "a"), "a: is refused", "101 scans", "100");
    }

    /** Valid files that the decoder would call damaged. */
    @Test
    void kindsOfJpegThatAreNotRead_areNamed() throws IOException {
        byte[] jpeg = Files.readAllBytes(Golden.resource("420.jpg"));
        int frame = 2;
        while (jpeg[frame + 1] != (byte) 0xC0) {
            frame += 2 + ((jpeg[frame + 2] & 0xFF) << 8 | (jpeg[frame + 3] & 0xFF));
        }
        byte[] arithmetic = jpeg.clone();
        arithmetic[frame + 1] = (byte) 0xC9;
        Refusal.ofImage(() -> ImageDecoder.decode(arithmetic, "a"), "is refused", "arithmetic coding");
        byte[] deep = jpeg.clone();
        deep[frame + 1] = (byte) 0xC1;
        deep[frame + 4] = 12;
        Refusal.ofImage(() -> ImageDecoder.decode(deep, "a"), "is refused", "12 bits a sample");
    }

    @Test
    void scansOfALargeImage_areRefusedEarlier() {
        long pixels = 6320L * 6320;
        JpegGuard.check(20, pixels);
        RefusedImage e = assertThrows(RefusedImage.class, () -> JpegGuard.check(60, pixels));
        assertTrue(String.valueOf(e.getMessage()).contains("60 scans"), e.getMessage());
    }

    private static byte[] tiff(int... tagsTypesAndValues) {
        int entries = tagsTypesAndValues.length / 3;
        ByteBuffer out = ByteBuffer.allocate(8 + 2 + entries * 12 + 4 + 64).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {'I', 'I', 42, 0}).putInt(8).putShort((short) entries);
        for (int i = 0; i < entries; i++) {
            out.putShort((short) tagsTypesAndValues[3 * i])
                    .putShort((short) tagsTypesAndValues[3 * i + 1])
                    .putInt(1)
                    .putInt(tagsTypesAndValues[3 * i + 2]);
        }
        return out.array();
    }

    private static void assertRefusedTiff(byte[] tiff, Object... mentioned) {
        Refusal.ofImage(() -> ImageDecoder.decode(tiff, "a"), mentioned);
    }

    @Test
    void tiffOfTinyOrHugeParts_isRefused() {
        assertRefusedTiff(
                tiff(256, 4, 9000, 257, 4, 9000, 258, 3, 8, 259, 3, 1, 262, 3, 1, 322, 3, 1, 323, 3, 1),
                "is refused",
                "81000000 strips or tiles");
        assertRefusedTiff(
                tiff(256, 4, 10, 257, 4, 10, 258, 3, 8, 259, 3, 1, 262, 3, 1, 322, 4, 60000, 323, 4, 60000),
                "is refused",
                "60000 x 60000");
    }

    /** A directory that names itself as the next one, and one whose further directories are damaged. */
    @Test
    void tiffDirectoriesBehindTheFirst_areNotFollowed() throws UnreadableImageException {
        Golden odd = Golden.open("odd");
        byte[] tiff = odd.bytes("rgb8.tif/file");
        ByteBuffer file = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
        int first = file.getInt(4);
        int next = first + 2 + file.getShort(first) * 12;
        for (int link : new int[] {first, tiff.length - 1, 5}) {
            file.putInt(next, link);
            Golden.assertSame(odd.image("rgb8.tif/stored"), ImageDecoder.decode(tiff, "a"));
        }
    }

    @Test
    void scansWithinATiff_areCounted() throws IOException {
        byte[] bomb = withScans(progressive(), 91);
        byte[] head = tiff(
                256,
                3,
                37,
                257,
                3,
                23,
                258,
                3,
                8,
                259,
                3,
                7,
                262,
                3,
                6,
                273,
                4,
                0,
                277,
                3,
                3,
                278,
                3,
                23,
                279,
                4,
                bomb.length);
        ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).putInt(10 + 5 * 12 + 8, head.length);
        byte[] whole = Arrays.copyOf(head, head.length + bomb.length);
        System.arraycopy(bomb, 0, whole, head.length, bomb.length);
        assertRefusedTiff(whole, "is refused", "101 scans");
    }

    @Test
    void screenOfAGif_isMeasuredFirst() {
        byte[] gif = Golden.open("odd").bytes("part.gif/file");
        gif[6] = gif[7] = gif[8] = gif[9] = (byte) 0xFF;
        Refusal.ofImage(() -> ImageDecoder.decode(gif, "a"), "65535 x 65535 pixels, more than");
    }

    @Test
    void portableMap_isMeasuredFirst() {
        byte[] pnm = "P5\n90000 90000\n255\n".getBytes(US_ASCII);
        Refusal.ofImage(() -> ImageDecoder.decode(pnm, "a"), "90000 x 90000 pixels, more than");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void deviceWithoutEnd_isNotOpened() {
        Refusal.ofImage(() -> ImageDecoder.decode(Path.of("/dev/zero")), "/dev/zero: cannot be read", "pipe or device");
    }

    /** The decoders of Java wrap it in exceptions of theirs, whose own message is empty. */
    @Test
    void wantOfMemory_isToldFromDamage() {
        Throwable wrapped = new IIOException("Caught exception during read: ", new OutOfMemoryError("Java heap space"));
        assertTrue(UnreadableImageException.isForWantOfMemory(new IllegalStateException(wrapped)));
        assertFalse(UnreadableImageException.isForWantOfMemory(new IIOException("Unexpected end", new IOException())));
        UnreadableImageException e = UnreadableImageException.noMemory("a.png", 648L << 20, wrapped);
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("648 MB") && message.contains("-Xmx"), message);
    }
}
