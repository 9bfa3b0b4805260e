package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class ShelfTest {
    private static BufferedImage drawn(boolean round) {
        BufferedImage image = new BufferedImage(48, 48, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(240, 240, 240));
        graphics.fillRect(0, 0, 48, 48);
        graphics.setColor(new Color(220, 30, 30));
        if (round) {
            graphics.fillOval(12, 12, 24, 24);
        } else {
            graphics.fillRect(13, 13, 22, 22);
        }
        graphics.dispose();
        return image;
    }

    @Test
    void shapes_areToldApart() {
        try (Shelf shelf = new Shelf()) {
            assertEquals("circle", shelf.label(drawn(true)));
            assertEquals("square", shelf.label(drawn(false)));
        }
    }
}
