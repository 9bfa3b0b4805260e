package io.residual.bench;

import io.residual.base.Progress;
import io.residual.bench.Result.Measure;
import io.residual.bench.Result.Ratio;
import io.residual.data.Dataset;
import io.residual.data.ImageFolder;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.units.TraceFolder;
import io.residual.units.TraceFolder.Precision;
import io.residual.units.Tracer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** From JPEG files to a trace on disk: whether reading starves the products, how time and memory grow, what it weighs. */
final class PipelineWork implements Work {
    private static final int WIDTH = 500;
    private static final int HEIGHT = 375;
    private static final List<String> CLASSES = List.of("noise", "more noise");

    private final boolean growth;

    PipelineWork(boolean growth) {
        this.growth = growth;
    }

    @Override
    public String name() {
        return growth ? "growth" : "pipeline";
    }

    @Override
    public Result run(Setting setting) {
        return growth ? growth(setting) : pipeline(setting);
    }

    private Result pipeline(Setting setting) {
        Shape shape = setting.quick() ? Shape.B32 : Shape.L14;
        int images = setting.quick() ? 8 : 24;
        Dataset dataset = images(setting.folder().resolve("images-" + images), images);
        try (ImageTextModel model = SyntheticModel.open(shape, Arithmetic.FP32, setting.folder())) {
            Tracer tracer = new Tracer(model);
            int batch = model.image().batch();
            float[] pixels = TraceWork.pixels(shape, batch);
            Path target = setting.folder().resolve("trace");
            Map<String, double[]> values = new Rounds()
                    .add(
                            "from arrays to arrays",
                            () -> TraceWork.traced(tracer, pixels, batch, Math.max(1, images / batch)))
                    .add("from JPEG files to a folder", () -> write(target, tracer, dataset.train(), images))
                    .run(setting.repetitions());
            List<Measure> measures = new ArrayList<>(Rounds.measures(values, "images/s"));
            double bytes = bytes(target, "shard-");
            measures.add(new Measure("an image on disk, 16 bits", "KB", new double[] {bytes / images / 1e3}));
            double[] all = Objects.requireNonNull(values.get("from JPEG files to a folder"));
            return new Result(
                    name(),
                    shape.name() + ": " + images + " JPEG files of " + WIDTH + " x " + HEIGHT + " to a trace on disk",
                    measures,
                    List.of(
                            Ratio.of(
                                    "all of it over the tower alone",
                                    Double.NaN,
                                    all,
                                    Objects.requireNonNull(values.get("from arrays to arrays"))),
                            new Ratio("95 KB over an image on disk", 1, new double[] {95e3 / (bytes / images)})),
                    List.of(String.format(
                            Locale.ROOT,
                            "the model's maps, once a trace, are another %.0f MB; writing them counts above",
                            bytes(target, "frame") / 1e6)));
        }
    }

    private static Result growth(Setting setting) {
        Shape shape = Shape.B32;
        int unit = setting.quick() ? 8 : 64;
        Dataset dataset = images(setting.folder().resolve("images-" + 16 * unit), 16 * unit);
        List<Measure> measures = new ArrayList<>();
        List<Ratio> ratios = new ArrayList<>();
        try (ImageTextModel model = SyntheticModel.open(shape, Arithmetic.FP32, setting.folder())) {
            Tracer tracer = new Tracer(model);
            Path target = setting.folder().resolve("trace");
            write(target, tracer, dataset.train().atMost(unit, 1), unit);
            double first = 0;
            double memory = 0;
            for (int times : new int[] {1, 4, 16}) {
                int images = times * unit;
                Machine.forgetPeak();
                double rate = write(target, tracer, dataset.train().atMost(images, 1), images);
                double held = Machine.peakMemory() / 1e6;
                first = times == 1 ? rate : first;
                memory = times == 1 ? held : memory;
                measures.add(new Measure(images + " images", "images/s", new double[] {rate}));
                measures.add(new Measure(images + " images, most memory", "MB", new double[] {held}));
                if (times > 1) {
                    ratios.add(new Ratio("rate at " + times + " x", Double.NaN, new double[] {rate / first}));
                    ratios.add(new Ratio("memory at " + times + " x", Double.NaN, new double[] {held / memory}));
                }
            }
        }
        return new Result(
                "growth",
                shape.name() + ": time and memory as images grow",
                measures,
                ratios,
                List.of("once each; 1.0 is linear time and flat memory; the heap is free to grow to its limit"));
    }

    private static double write(Path target, Tracer tracer, LabelledImages<Split.Train> source, int images) {
        long started = System.nanoTime();
        TraceFolder.write(target, tracer, source, "train", CLASSES, "noise", Precision.HALF, Progress.silent());
        return images / ((System.nanoTime() - started) / 1e9);
    }

    private static double bytes(Path folder, String prefix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .mapToLong(f -> f.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Photographs' size and about their weight: smooth noise. */
    private static Dataset images(Path folder, int count) {
        try {
            for (String split : List.of("train", "validation", "test")) {
                int some = split.equals("train") ? count : CLASSES.size();
                for (int i = 0; i < some; i++) {
                    Path file = folder.resolve(split)
                            .resolve(CLASSES.get(i % CLASSES.size()))
                            .resolve(i + ".jpg");
                    if (!Files.exists(file)) {
                        Files.createDirectories(file.getParent());
                        ImageIO.write(noise(i), "jpg", file.toFile());
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ImageFolder.open(folder, Splitting.DEFAULT);
    }

    private static BufferedImage noise(int seed) {
        Random random = new Random(seed);
        BufferedImage small = new BufferedImage(50, 38, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < small.getHeight(); y++) {
            for (int x = 0; x < small.getWidth(); x++) {
                small.setRGB(x, y, random.nextInt(1 << 24));
            }
        }
        BufferedImage large = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        var graphics = large.createGraphics();
        graphics.setRenderingHint(
                java.awt.RenderingHints.KEY_INTERPOLATION, java.awt.RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(small, 0, 0, WIDTH, HEIGHT, null);
        graphics.dispose();
        return large;
    }
}
