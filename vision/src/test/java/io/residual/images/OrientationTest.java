package io.residual.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OrientationTest {
    @AfterEach
    void reset() {
        Orientation.reset();
    }

    /** The first letters of a row and of the next one, after each of EXIF's eight turns of "abc" over "def". */
    @Test
    void turned_isExifsMeaning() {
        String[] expected = {"abc/def", "cba/fed", "fed/cba", "def/abc", "ad/be/cf", "da/eb/fc", "fc/eb/da", "cf/be/ad"
        };
        byte[] rgb = new byte[18];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ('a' + i / 3);
        }
        for (int tag = 1; tag <= 8; tag++) {
            Image turned = Orientation.turned(new Image(3, 2, rgb), tag);
            StringBuilder rows = new StringBuilder();
            for (int y = 0; y < turned.height(); y++) {
                rows.append(y == 0 ? "" : "/");
                for (int x = 0; x < turned.width(); x++) {
                    rows.append((char) turned.at(x, y, 2));
                }
            }
            assertEquals(expected[tag - 1], rows.toString(), "orientation " + tag);
        }
    }

    @Test
    void setting_holdsForWhatIsDecoded_andIsRecordedWhereItIsNotTheDefault() throws UnreadableImageException {
        byte[] file = Golden.open("odd").bytes("exif6.png/file");
        assertEquals(13, ImageDecoder.decode(file, "a").width());
        assertEquals(Map.of(), Orientation.settings());
        Orientation.use(Orientation.STORED);
        assertEquals(21, ImageDecoder.decode(file, "a").width());
        assertEquals(Map.of("orientation", "stored"), Orientation.settings());
    }

    @Test
    void artefactMadeOtherwise_isRefused() {
        Orientation.require("a.adapter", Map.of());
        Refusal.of(
                () -> Orientation.require("a.adapter", Map.of("orientation", "stored")),
                "a.adapter",
                "'stored'",
                "--orientation stored");
        Orientation.use(Orientation.STORED);
        Orientation.require("a.adapter", Map.of("orientation", "stored"));
        Refusal.of(() -> Orientation.require("a.adapter", Map.of()), "'upright'", "RESIDUAL_ORIENTATION=upright");
    }
}
