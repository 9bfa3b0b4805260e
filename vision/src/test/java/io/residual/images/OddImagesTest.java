package io.residual.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hundreds of odd files, with what Pillow reads from each (golden/odd_images.py): the same, or a refusal that says why. */
class OddImagesTest {
    private static final Golden GOLDEN = Golden.open("odd");

    /** What Pillow reads and this program refuses by name. */
    private static final Set<String> NOT_READ = Set.of(
            "grey12.tif",
            "lab8.tif",
            "saved-lab.tif",
            "map8-small.tif",
            "rgb16-planar.tif",
            "saved-lzma.tif",
            "saved-zstd.tif",
            "saved-pa.tif",
            "white-float.tif",
            "white-float-mm.tif",
            "white16.tif");

    /** What Pillow refuses and this program reads: nothing about it is ambiguous. */
    private static final Set<String> READ_NEVERTHELESS = Set.of("rgba8-planar-extra0.tif", "rle8-delta.bmp");

    /** Files that some builds of Pillow cannot write. */
    private static final Set<String> OPTIONAL = Set.of("saved-webp.tif", "saved-zstd.tif", "saved-lzma.tif");

    static Stream<String> files() {
        return GOLDEN.names("")
                .filter(n -> n.endsWith("/file"))
                .map(n -> n.substring(0, n.length() - "/file".length()));
    }

    private static Image read(String name, Orientation orientation) throws UnreadableImageException {
        return ImageDecoder.decode(GOLDEN.bytes(name + "/file"), name, ImageDecoder.MAX_PIXELS, orientation);
    }

    private static void assertClose(Image expected, Image actual, int tolerance) {
        assertEquals(expected.width() + " x " + expected.height(), actual.width() + " x " + actual.height());
        for (int i = 0; i < expected.rgb().length; i++) {
            int difference = Math.abs((expected.rgb()[i] & 0xFF) - (actual.rgb()[i] & 0xFF));
            assertTrue(difference <= tolerance, "byte " + i + " differs by " + difference);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void decode_isWhatPillowReads_orARefusal(String name) throws UnreadableImageException {
        boolean refused = GOLDEN.has(name + "/refused") ? !READ_NEVERTHELESS.contains(name) : NOT_READ.contains(name);
        if (refused) {
            UnreadableImageException e =
                    assertThrows(UnreadableImageException.class, () -> read(name, Orientation.UPRIGHT));
            assertTrue(String.valueOf(e.getMessage()).startsWith(name + ": "), e.getMessage());
            if (NOT_READ.contains(name)) {
                assertTrue(String.valueOf(e.getMessage()).contains("save it as 8-bit RGB"), e.getMessage());
            }
            return;
        }
        if (READ_NEVERTHELESS.contains(name)) {
            assertEquals(21, read(name, Orientation.UPRIGHT).width());
            return;
        }
        // JPEG libraries and conversions from YCbCr round as they like.
        int tolerance = name.endsWith(".jpg") || name.contains("jpeg") ? 2 : name.contains("ycbcr") ? 1 : 0;
        Image stored = GOLDEN.image(name + "/stored");
        Image upright = GOLDEN.has(name + "/upright") ? GOLDEN.image(name + "/upright") : stored;
        assertClose(stored, read(name, Orientation.STORED), tolerance);
        assertClose(upright, read(name, Orientation.UPRIGHT), tolerance);
    }

    @Test
    void golden_hasEveryKind() {
        assertEquals(283, files().filter(n -> !OPTIONAL.contains(n)).count());
        for (String ending : new String[] {".jpg", ".png", ".gif", ".bmp", ".webp", ".tif", ".pgm", ".ppm", ".pbm"}) {
            assertTrue(files().anyMatch(n -> n.endsWith(ending)), ending);
        }
    }
}
