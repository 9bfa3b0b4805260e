package io.residual.spark;

import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.ImageFolder;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.images.Image;
import io.residual.images.UnreadableImageException;
import io.residual.model.ImageTextModel;
import io.residual.world.WorldDatasets;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Images of the embedded world in every form that Spark reads, and an adapter for them. */
final class Fixture {
    static final int IMAGES = 150;

    /** On a busy machine nothing is lost because it is slow, and no job begins before every executor is there. */
    static final Map<String, Object> PATIENT = Map.of(
            "spark.network.timeout", "3600s",
            "spark.worker.timeout", "3600",
            "spark.scheduler.minRegisteredResourcesRatio", "1",
            "spark.scheduler.maxRegisteredResourcesWaitingTime", "3600s");

    private Fixture() {}

    /** A folder with a sub-folder per class, {@link #IMAGES} PNG files. */
    static Path folder(Path root) {
        Dataset dataset = WorldDatasets.of(WorldDatasets.task("textures")).atMost(20, IMAGES, 20, 0);
        LabelledImages<Split.Validation> images = dataset.validation();
        try {
            for (int i = 0; i < IMAGES; i++) {
                String name = dataset.prompts().classes().get(images.label(i)).replace(' ', '_');
                Path folder = Files.createDirectories(root.resolve(name));
                write(images.read(i), folder.resolve(String.format(Locale.ROOT, "p%03d.png", i)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UnreadableImageException e) {
            throw new IllegalStateException(e);
        }
        return root;
    }

    private static void write(Image image, Path file) throws IOException {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                buffered.setRGB(x, y, image.at(x, y, 0) << 16 | image.at(x, y, 1) << 8 | image.at(x, y, 2));
            }
        }
        ImageIO.write(buffered, "png", file.toFile());
    }

    /** The folder's files, in the order of folders and names. */
    static List<Path> files(Path folder) {
        try (var all = Files.walk(folder)) {
            return all.filter(f -> f.toString().endsWith(".png")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Three Parquet files: images as structs with bytes, labels by folder. */
    static Path parquet(Path folder, Path target) {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            Files.createDirectories(target);
            String all = "(SELECT struct_pack(bytes := content, path := filename) AS image, dense_rank() OVER (ORDER"
                    + " BY regexp_extract(filename, '([^/]*)/[^/]*$', 1)) - 1 AS label, row_number() OVER (ORDER BY"
                    + " filename) - 1 AS n FROM read_blob('" + folder + "/*/*.png'))";
            for (int part = 0; part < 3; part++) {
                statement.execute("COPY (SELECT image, label::INTEGER AS label FROM " + all + " WHERE n // 60 = " + part
                        + " ORDER BY n) TO '" + target + "/part" + part + ".parquet' (FORMAT parquet)");
            }
            return target;
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Two tars as WebDataset has them: images and numbers of classes. */
    static Path tars(Path folder, Path target) {
        List<Path> files = files(folder);
        List<String> classes = files.stream()
                .map(f -> String.valueOf(f.getName(f.getNameCount() - 2)))
                .distinct()
                .sorted()
                .toList();
        try {
            Files.createDirectories(target);
            for (int part = 0; part < 2; part++) {
                try (OutputStream out = Files.newOutputStream(target.resolve("part" + part + ".tar"));
                        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
                    for (int i = part * 80; i < Math.min(files.size(), (part + 1) * 80); i++) {
                        Path file = files.get(i);
                        String key = String.format(Locale.ROOT, "samples/%04d", i);
                        put(tar, key + ".png", Files.readAllBytes(file));
                        int label = classes.indexOf(String.valueOf(file.getName(file.getNameCount() - 2)));
                        put(tar, key + ".cls", String.valueOf(label).getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void put(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    /** An adapter of a model, fitted on the folder on this machine. */
    static Path adapter(Path folder, Path target, String name) {
        Dataset dataset = ImageFolder.open(folder, Splitting.DEFAULT);
        try (ImageTextModel model = Models.open(name)) {
            new Experiments(model, null, Progress.silent())
                    .on(dataset, new DatasetSpec(folder.toString(), 0, 0, 0, .2, .2, 42), ExperimentSettings.DEFAULT)
                    .fit(Method.COARSE)
                    .save(target);
            return target;
        }
    }

    /** Workers look for Spark there; executors get everything from our class path. */
    static void sparkHome() {
        Path home = Path.of(Objects.requireNonNull(System.getenv("SPARK_HOME"), "the build sets SPARK_HOME"));
        try {
            Files.createDirectories(home.resolve("jars"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tests' class path, for executors. */
    static String classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(File.pathSeparator))
                .map(p -> Path.of(p).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Several strings. */
    static String[] words(Object... all) {
        List<String> words = new ArrayList<>();
        for (Object one : all) {
            words.add(one.toString());
        }
        return words.toArray(new String[0]);
    }
}
