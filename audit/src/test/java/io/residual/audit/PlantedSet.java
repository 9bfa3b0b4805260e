package io.residual.audit;

import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.ImageFolder;
import io.residual.data.Splitting;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import javax.imageio.ImageIO;

/** A small set of made-up photographs, whose made-up embeddings follow the class that begins each file's name. */
final class PlantedSet implements Tracing {
    static final List<String> CLASSES = List.of("ant", "bee", "cow");
    static final int WIDTH = 6;
    private static final UnitShape SHAPE = new UnitShape(1, 1, 2, WIDTH);

    final Path root;
    private final Random random = new Random(5);

    PlantedSet(Path root, int train, int test) {
        this.root = root;
        for (String name : CLASSES) {
            for (int i = 0; i < train; i++) {
                write(photo(), "train/" + name + "/" + name + "-" + i + ".png");
            }
            for (int i = 0; i < test; i++) {
                write(photo(), "test/" + name + "/" + name + "-t" + i + ".png");
            }
        }
    }

    /** A smooth pattern of random colours, like no other. */
    BufferedImage photo() {
        BufferedImage seed = new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < 81; p++) {
            seed.setRGB(p % 9, p / 9, random.nextInt(1 << 24));
        }
        return scaled(seed, 60, 60);
    }

    static BufferedImage scaled(BufferedImage image, int width, int height) {
        BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = out.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        pen.drawImage(image, 0, 0, width, height, null);
        pen.dispose();
        return out;
    }

    BufferedImage read(String file) {
        try {
            return ImageIO.read(root.resolve(file).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(BufferedImage image, String file) {
        try {
            Path target = root.resolve(file);
            Files.createDirectories(target.getParent());
            ImageIO.write(image, file.substring(file.lastIndexOf('.') + 1), target.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void move(String from, String to) throws IOException {
        Files.move(root.resolve(from), root.resolve(to));
    }

    Dataset open() {
        return ImageFolder.open(root, new Splitting(.2, .2, 3));
    }

    Findings audit() {
        return Findings.of(open(), this, Progress.silent());
    }

    @Override
    public UnitFrame frame() {
        return new UnitFrame(SHAPE, new float[WIDTH * 5]);
    }

    /** The embedding's unit has what the class says, the MLP's what the image alone says; the head says nothing. */
    @Override
    public void trace(AuditImages images, int[] wanted, Progress progress, BiConsumer<TraceBlock, int[]> sink) {
        List<Integer> readable = new ArrayList<>();
        for (int i : wanted) {
            if (!images.name(i).contains("broken")) {
                readable.add(i);
            }
        }
        int n = readable.size();
        float[] projected = new float[n * 2 * WIDTH];
        float[] output = new float[n * WIDTH];
        for (int r = 0; r < n; r++) {
            String name = images.shortName(readable.get(r)).replaceAll(".*/", "");
            Random own = new Random(name.hashCode());
            for (int j = 0; j < WIDTH; j++) {
                float said = CLASSES.indexOf(name.substring(0, 3)) == j ? 1 : 0;
                float noise = (float) (.15 * own.nextGaussian()) + (name.contains("odd") && j == 5 ? 9 : 0);
                projected[r * 2 * WIDTH + j] = said;
                projected[(r * 2 + 1) * WIDTH + j] = noise;
                output[r * WIDTH + j] = said + noise;
            }
        }
        int[] numbers = readable.stream().mapToInt(Integer::intValue).toArray();
        sink.accept(
                new TraceBlock(
                        SHAPE,
                        new float[n * 2],
                        new float[n * 2],
                        projected,
                        output,
                        Arrays.stream(numbers).map(images::label).toArray(),
                        readable.stream().map(images::name).toList()),
                numbers);
    }
}
