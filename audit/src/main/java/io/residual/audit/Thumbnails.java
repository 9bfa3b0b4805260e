package io.residual.audit;

import io.residual.images.Image;
import io.residual.images.Resampling;
import io.residual.images.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Small copies of images for a page. */
final class Thumbnails {
    private static final int SIDE = 112;

    private Thumbnails() {}

    /** An image as a data URI; empty if it can no longer be read. */
    static String of(AuditImages images, int i) {
        try {
            return of(images.read(i));
        } catch (UnreadableImageException e) {
            return "";
        }
    }

    /** A decoded image as a data URI. */
    static String of(Image image) {
        double scale = Math.min(1, (double) SIDE / Math.max(image.width(), image.height()));
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        Image small = scale < 1 ? Resampling.BICUBIC.resize(image, width, height) : image;
        BufferedImage buffered = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                buffered.setRGB(x, y, small.at(x, y, 0) << 16 | small.at(x, y, 1) << 8 | small.at(x, y, 2));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(buffered, "jpg", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
