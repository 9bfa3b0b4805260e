package io.residual.cli;

import io.residual.base.AtomicFiles;
import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.images.Image;
import io.residual.images.UnreadableImageException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** A few training images of each class in one PNG, a row per class, so that one can see what a data set holds. */
final class ContactSheet {
    private static final int COLUMNS = 8;
    private static final int CELL = 96;
    private static final int GAP = 4;

    private ContactSheet() {}

    static void write(Dataset dataset, Path file) {
        LabelledImages<?> images = dataset.train();
        int classes = dataset.prompts().classes().size();
        BufferedImage sheet = new BufferedImage(
                COLUMNS * (CELL + GAP) + GAP, classes * (CELL + GAP) + GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        int[] drawn = new int[classes];
        for (int i = 0; i < images.size(); i++) {
            int label = images.label(i);
            if (drawn[label] == COLUMNS) {
                continue;
            }
            try {
                BufferedImage buffered = image(images.read(i));
                double scale = (double) CELL / Math.max(buffered.getWidth(), buffered.getHeight());
                int w = Math.max(1, (int) (buffered.getWidth() * scale));
                int h = Math.max(1, (int) (buffered.getHeight() * scale));
                int x = GAP + drawn[label] * (CELL + GAP) + (CELL - w) / 2;
                int y = GAP + label * (CELL + GAP) + (CELL - h) / 2;
                g.drawImage(buffered, x, y, w, h, null);
                drawn[label]++;
            } catch (UnreadableImageException e) {
                System.getLogger(ContactSheet.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
            }
        }
        g.dispose();
        AtomicFiles.write(file, f -> ImageIO.write(sheet, "png", f.toFile()));
    }

    private static BufferedImage image(Image image) {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                buffered.setRGB(x, y, image.at(x, y, 0) << 16 | image.at(x, y, 1) << 8 | image.at(x, y, 2));
            }
        }
        return buffered;
    }
}
