package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.images.Picture;
import org.junit.jupiter.api.Test;

class ShelfTest {
    private static Picture drawn(boolean round) {
        byte[] rgb = new byte[48 * 48 * 3];
        for (int y = 0; y < 48; y++) {
            for (int x = 0; x < 48; x++) {
                double dx = x - 23.5;
                double dy = y - 23.5;
                boolean inside = round ? dx * dx + dy * dy < 144 : Math.max(Math.abs(dx), Math.abs(dy)) < 11;
                rgb[(y * 48 + x) * 3] = (byte) (inside ? 220 : 240);
                rgb[(y * 48 + x) * 3 + 1] = (byte) (inside ? 30 : 240);
                rgb[(y * 48 + x) * 3 + 2] = (byte) (inside ? 30 : 240);
            }
        }
        return new Picture(48, 48, rgb);
    }

    @Test
    void shapes_areToldApart() {
        try (Shelf shelf = new Shelf()) {
            assertEquals("circle", shelf.label(drawn(true)));
            assertEquals("square", shelf.label(drawn(false)));
        }
    }
}
