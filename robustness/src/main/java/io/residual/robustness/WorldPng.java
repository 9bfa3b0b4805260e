package io.residual.robustness;

import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.images.Image;
import io.residual.images.UnreadableImageException;
import io.residual.world.WorldDatasets;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Images of the embedded world as files. */
final class WorldPng {
    private WorldPng() {}

    /** The first training images of a task. */
    static LabelledImages<Split.Train> images(int count) {
        return WorldDatasets.of(WorldDatasets.task("textures"))
                .atMost(count, 20, 20, 0)
                .train();
    }

    /** Writes some of them. */
    static void write(Path folder, int count) throws IOException {
        LabelledImages<Split.Train> images = images(count);
        for (int i = 0; i < count; i++) {
            Files.write(folder.resolve(String.format(Locale.ROOT, "p%05d.png", i)), png(images, i));
        }
    }

    /** One of them, as PNG. */
    static byte[] png(LabelledImages<?> images, int i) {
        try {
            Image image = images.read(i);
            BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < image.height(); y++) {
                for (int x = 0; x < image.width(); x++) {
                    buffered.setRGB(x, y, image.at(x, y, 0) << 16 | image.at(x, y, 1) << 8 | image.at(x, y, 2));
                }
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(buffered, "png", bytes);
            return bytes.toByteArray();
        } catch (IOException | UnreadableImageException e) {
            throw new IllegalStateException(e);
        }
    }
}
