package io.residual.cli;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** A folder with a class of red discs and a class of blue squares, 20 images each: easy for anyone. */
final class TinyFolder {
    private TinyFolder() {}

    static Path create(Path root) {
        try {
            for (int c = 0; c < 2; c++) {
                Path folder = Files.createDirectories(root.resolve(c == 0 ? "red_circle" : "blue_square"));
                for (int i = 0; i < 20; i++) {
                    BufferedImage image = new BufferedImage(60, 50, BufferedImage.TYPE_INT_RGB);
                    Graphics2D g = image.createGraphics();
                    g.setColor(Color.WHITE);
                    g.fillRect(0, 0, 60, 50);
                    g.setColor(c == 0 ? Color.RED : Color.BLUE);
                    if (c == 0) {
                        g.fillOval(5 + i, 5, 25, 25);
                    } else {
                        g.fillRect(5 + i, 5, 25, 25);
                    }
                    g.dispose();
                    ImageIO.write(image, "png", folder.resolve("p" + i + ".png").toFile());
                }
            }
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
