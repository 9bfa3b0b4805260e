package io.residual.cli;

import io.residual.base.AtomicFiles;
import io.residual.images.Dataset;
import io.residual.images.LabelledPictures;
import io.residual.images.Picture;
import io.residual.images.UnreadablePictureException;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Writes the first few training pictures of each class as PNG, to look at. */
final class SamplePictures {
    private static final int EACH = 4;

    private SamplePictures() {}

    static void write(Dataset dataset, Path folder) {
        LabelledPictures<?> pictures = dataset.train();
        int[] written = new int[dataset.prompts().classes().size()];
        for (int i = 0; i < pictures.size(); i++) {
            int label = pictures.label(i);
            if (written[label] == EACH) {
                continue;
            }
            try {
                BufferedImage image = image(pictures.read(i));
                String name = String.format(
                        Locale.ROOT,
                        "%s-%d.png",
                        dataset.prompts().classes().get(label).replaceAll("[^\\p{L}\\p{N}]+", "-"),
                        written[label]);
                AtomicFiles.write(folder.resolve(name), file -> ImageIO.write(image, "png", file.toFile()));
                written[label]++;
            } catch (UnreadablePictureException e) {
                System.getLogger(SamplePictures.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
            }
        }
    }

    private static BufferedImage image(Picture picture) {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                image.setRGB(x, y, picture.at(x, y, 0) << 16 | picture.at(x, y, 1) << 8 | picture.at(x, y, 2));
            }
        }
        return image;
    }
}
