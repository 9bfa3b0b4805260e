package io.residual.bench;

import io.residual.bench.Result.Measure;
import io.residual.bench.Result.Ratio;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;

/** From the shell to an answer: {@code residual predict} on one image with the model that ships. */
final class StartWork implements Work {
    private static final double WANTED = 1.5;
    private static final String CLASSES = "circle,square,star";

    @Override
    public String name() {
        return "start";
    }

    @Override
    public Result run(Setting setting) {
        Path image = setting.folder().resolve("one.png");
        Path launcher = setting.home().resolve("residual");
        try {
            BufferedImage buffered = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
            buffered.setRGB(3, 3, 0xffffff);
            Files.createDirectories(setting.folder());
            ImageIO.write(buffered, "png", image.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, double[]> values = new Rounds()
                .add("residual predict", () -> seconds(launcher, image))
                .run(setting.repetitions());
        double[] ours = Objects.requireNonNull(values.get("residual predict"));
        double[] ratio = Arrays.stream(ours).map(s -> WANTED / s).toArray();
        return new Result(
                name(),
                "residual predict on one image with the embedded model, natives on disk",
                List.of(new Measure("residual predict", "s", ours)),
                List.of(new Ratio(WANTED + " s over it", 1, ratio)),
                List.of("zero-shot among " + CLASSES));
    }

    private static double seconds(Path launcher, Path image) {
        try {
            long started = System.nanoTime();
            Process process = new ProcessBuilder(
                            List.of(launcher.toString(), "predict", "--classes", CLASSES, image.toString()))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("residual predict failed: " + said);
            }
            return (System.nanoTime() - started) / 1e9;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
