package io.residual.trials;

import io.residual.data.LabelledPictures;
import io.residual.data.Split;
import io.residual.images.Picture;
import io.residual.images.UnreadablePictureException;
import io.residual.world.WorldDatasets;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Pictures of the embedded world as files. */
final class WorldPng {
    private WorldPng() {}

    /** The first training pictures of a task. */
    static LabelledPictures<Split.Train> pictures(int count) {
        return WorldDatasets.of(WorldDatasets.task("textures"))
                .atMost(count, 20, 20, 0)
                .train();
    }

    /** Writes some of them. */
    static void write(Path folder, int count) throws IOException {
        LabelledPictures<Split.Train> pictures = pictures(count);
        for (int i = 0; i < count; i++) {
            Files.write(folder.resolve(String.format(Locale.ROOT, "p%05d.png", i)), png(pictures, i));
        }
    }

    /** One of them, as PNG. */
    static byte[] png(LabelledPictures<?> pictures, int i) {
        try {
            Picture picture = pictures.read(i);
            BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < picture.height(); y++) {
                for (int x = 0; x < picture.width(); x++) {
                    image.setRGB(x, y, picture.at(x, y, 0) << 16 | picture.at(x, y, 1) << 8 | picture.at(x, y, 2));
                }
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(image, "png", bytes);
            return bytes.toByteArray();
        } catch (IOException | UnreadablePictureException e) {
            throw new IllegalStateException(e);
        }
    }
}
