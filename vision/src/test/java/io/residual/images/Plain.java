package io.residual.images;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Images of one pixel, whose colour tells which it is. */
public final class Plain {
    private Plain() {}

    public static byte[] png(int colour) {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, colour);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Writes such images, making the folder. */
    public static void write(Path folder, int colour, String... names) throws IOException {
        Files.createDirectories(folder);
        for (String name : names) {
            Files.write(folder.resolve(name), png(colour));
        }
    }

    public static int colour(Image image) {
        return image.at(0, 0, 0) << 16 | image.at(0, 0, 1) << 8 | image.at(0, 0, 2);
    }
}
