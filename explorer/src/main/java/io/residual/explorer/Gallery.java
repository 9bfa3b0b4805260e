package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.data.LabelledImages;
import io.residual.images.Image;
import io.residual.images.UnreadableImageException;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import javax.imageio.ImageIO;

/** The images that a page shows, each once, small. */
final class Gallery {
    private static final int SIDE = 88;

    private final LabelledImages<?> images;
    private final Map<String, Integer> rows = new HashMap<>();
    private final TreeSet<String> shown = new TreeSet<>();

    Gallery(LabelledImages<?> images) {
        this.images = images;
        for (int i = 0; i < images.size(); i++) {
            rows.put(images.name(i), i);
        }
    }

    /** Will show an image. */
    String show(String name) {
        shown.add(name);
        return name;
    }

    /** Name to data URI, of everything that will be shown. */
    void write(ObjectNode target) {
        for (String name : shown) {
            Integer row = rows.get(name);
            if (row == null) {
                continue;
            }
            try {
                target.put(name, thumbnail(images.read(row)));
            } catch (UnreadableImageException e) {
                // It was traced, so it could be read then; a page without it is better than none.
                System.getLogger(Gallery.class.getName()).log(System.Logger.Level.WARNING, e.getMessage());
            }
        }
    }

    private static String thumbnail(Image image) {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        for (int i = 0; i < image.width() * image.height(); i++) {
            int value = (rgb[i * 3] & 255) << 16 | (rgb[i * 3 + 1] & 255) << 8 | (rgb[i * 3 + 2] & 255);
            buffered.setRGB(i % image.width(), i / image.width(), value);
        }
        double scale = (double) SIDE / Math.max(image.width(), image.height());
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(buffered, 0, 0, width, height, null);
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(small, "jpg", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
