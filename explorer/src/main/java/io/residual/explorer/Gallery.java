package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.data.LabelledPictures;
import io.residual.images.Picture;
import io.residual.images.UnreadablePictureException;
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

/** The pictures that a page shows, each once, small. */
final class Gallery {
    private static final int SIDE = 88;

    private final LabelledPictures<?> pictures;
    private final Map<String, Integer> rows = new HashMap<>();
    private final TreeSet<String> shown = new TreeSet<>();

    Gallery(LabelledPictures<?> pictures) {
        this.pictures = pictures;
        for (int i = 0; i < pictures.size(); i++) {
            rows.put(pictures.name(i), i);
        }
    }

    /** Will show a picture. */
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
                target.put(name, thumbnail(pictures.read(row)));
            } catch (UnreadablePictureException e) {
                // It was traced, so it could be read then; a page without it is better than none.
                System.getLogger(Gallery.class.getName()).log(System.Logger.Level.WARNING, e.getMessage());
            }
        }
    }

    private static String thumbnail(Picture picture) {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = picture.rgb();
        for (int i = 0; i < picture.width() * picture.height(); i++) {
            int value = (rgb[i * 3] & 255) << 16 | (rgb[i * 3 + 1] & 255) << 8 | (rgb[i * 3 + 2] & 255);
            image.setRGB(i % picture.width(), i / picture.width(), value);
        }
        double scale = (double) SIDE / Math.max(picture.width(), picture.height());
        int width = Math.max(1, (int) Math.round(picture.width() * scale));
        int height = Math.max(1, (int) Math.round(picture.height() * scale));
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(image, 0, 0, width, height, null);
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
