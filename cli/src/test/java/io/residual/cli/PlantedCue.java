package io.residual.cli;

import io.residual.base.Csv;
import io.residual.base.Json;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelledImages;
import io.residual.data.Prompts;
import io.residual.images.Image;
import io.residual.images.UnreadableImageException;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * A data set with a planted cue, for measurements ({@code main}): images of a task of the synthetic benchmark, each with a small image of a class in its
 * upper left corner, two fifths as wide. In training 95 % of the cues are of the image's own class, elsewhere any class alike. Beside the folders it
 * writes {@code prompts.json} and {@code groups.csv}, by whether the cue agrees or misleads.
 */
final class PlantedCue {
    private static final double HONEST = .95;

    private PlantedCue() {}

    /** {@code TASK FOLDER TRAIN VALIDATION TEST SEED}. */
    public static void main(String... arguments) throws IOException, UnreadableImageException {
        int[] counts =
                IntStream.range(2, 5).map(i -> Integer.parseInt(arguments[i])).toArray();
        Random random = new Random(Long.parseLong(arguments[5]));
        Dataset dataset = DataOptions.open(
                new DatasetSpec("world:" + arguments[0], counts[0], counts[1], counts[2], .2, .2, 42), null);
        Path folder = Path.of(arguments[1]);
        List<String> classes = dataset.prompts().classes();
        StringBuilder groups = new StringBuilder(Csv.line(List.of("file", "group")));
        write(dataset.train(), classes, HONEST, random, folder, "train", groups);
        write(dataset.validation(), classes, 0, random, folder, "validation", groups);
        write(dataset.test(), classes, 0, random, folder, "test", groups);
        Files.writeString(folder.resolve("groups.csv"), groups);
        List<String> sorted = new ArrayList<>(classes);
        Collections.sort(sorted); // as folders are read
        Files.writeString(
                folder.resolve("prompts.json"),
                Json.pretty(new Prompts(sorted, dataset.prompts().templates()).json()));
    }

    private static void write(
            LabelledImages<?> images,
            List<String> classes,
            double honest,
            Random random,
            Path folder,
            String split,
            StringBuilder groups)
            throws IOException, UnreadableImageException {
        for (int i = 0; i < images.size(); i++) {
            int label = images.label(i);
            int cue = random.nextDouble() < honest ? label : random.nextInt(classes.size());
            int other;
            do {
                other = random.nextInt(images.size());
            } while (images.label(other) != cue || other == i); // a cue is another image
            BufferedImage image = buffered(images.read(i));
            Graphics2D graphics = image.createGraphics();
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            graphics.drawImage(
                    buffered(images.read(other)), 0, 0, image.getWidth() * 2 / 5, image.getHeight() * 2 / 5, null);
            graphics.dispose();
            Path file = folder.resolve(split).resolve(classes.get(label)).resolve(i + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
            groups.append(Csv.line(List.of(
                    folder.relativize(file).toString().replace('\\', '/'), cue == label ? "agrees" : "misleads")));
        }
    }

    private static BufferedImage buffered(Image image) {
        BufferedImage out = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                out.setRGB(x, y, image.at(x, y, 0) << 16 | image.at(x, y, 1) << 8 | image.at(x, y, 2));
            }
        }
        return out;
    }
}
