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
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;

/** The images that a page shows, each once, small. */
final class Gallery {
    /** Side of an image among others, in pixels; smaller images stay as they are. */
    private static final int SIDE = 128;

    /** Side of an image that stands alone. */
    private static final int LARGE = 320;

    /** Of JPEGs, from 0 to 1: hundreds of them are in one page. */
    private static final float QUALITY = .65f;

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
            Image image = read(name);
            if (image != null) {
                target.put(name, encoded(image, SIDE));
            }
        }
    }

    /** A small image as a data URI; null if there is none of that name any more. */
    @Nullable
    String thumbnail(String name) {
        Image image = read(name);
        return image == null ? null : encoded(image, SIDE);
    }

    /** An image of that name; null if it cannot be read any more. */
    @Nullable
    Image read(String name) {
        Integer row = rows.get(name);
        try {
            return row == null ? null : images.read(row);
        } catch (UnreadableImageException e) {
            // It was traced, so it could be read then; a page without it is better than none.
            System.getLogger(Gallery.class.getName()).log(System.Logger.Level.WARNING, e.getMessage());
            return null;
        }
    }

    /** An image as a data URI, as large as one that stands alone. */
    static String large(Image image) {
        return encoded(image, LARGE);
    }

    private static String encoded(Image image, int side) {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        for (int i = 0; i < image.width() * image.height(); i++) {
            int value = (rgb[i * 3] & 255) << 16 | (rgb[i * 3 + 1] & 255) << 8 | (rgb[i * 3 + 2] & 255);
            buffered.setRGB(i % image.width(), i / image.width(), value);
        }
        double scale = Math.min(1, (double) side / Math.max(image.width(), image.height()));
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(buffered, 0, 0, width, height, null);
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpg").next();
        ImageWriteParam quality = writer.getDefaultWriteParam();
        quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        quality.setCompressionQuality(QUALITY);
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(small, null, null), quality);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
