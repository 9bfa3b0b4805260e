package io.residual.spark;

import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.world.EmbeddedModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command on Spark. */
final class SparkOptions {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "A model that ships, a name on the hub, a folder that every machine has, or one on a Hadoop file"
                            + " system. Default: ${DEFAULT-VALUE}, or what RESIDUAL_MODEL says.",
            defaultValue = "${env:RESIDUAL_MODEL:-" + EmbeddedModels.WORLD_CLIP + "}")
    String model = EmbeddedModels.WORLD_CLIP;

    @Option(names = "--bf16", description = "Compute large products in bfloat16.")
    boolean bf16;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark master. Default: that of spark-submit, else local[*].")
    @Nullable
    String master;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description =
                    "Tasks that the images are divided into. Default: four for every core, fewer for fewer files.")
    int partitions;

    @Option(
            names = "--label-column",
            paramLabel = "COLUMN",
            description = "Label column of Parquet files. Default: ${DEFAULT-VALUE}.")
    String labelColumn = "label";

    @Option(names = "--json", description = "Print JSON instead of text.")
    boolean json;

    /** A session that was there already stays; one that this makes is the caller's to stop. */
    SparkSession session(String name) {
        if (partitions < 0) {
            throw InputException.at("--partitions", String.valueOf(partitions), "1 or more", "Correct it");
        }
        SparkSession.Builder builder = SparkSession.builder()
                .appName("residual " + name)
                .config("spark.ui.showConsoleProgress", String.valueOf(Boolean.getBoolean("residual.terminal")));
        String given = master != null ? master : System.getProperty("spark.master");
        String url = given == null ? "local[*]" : given;
        builder.master(url);
        if (url.equals("local") || url.startsWith("local[")) { // nothing that other machines could reach
            builder.config("spark.ui.enabled", "false")
                    .config("spark.driver.host", "127.0.0.1")
                    .config("spark.driver.bindAddress", "127.0.0.1");
        }
        return builder.getOrCreate();
    }

    /** The driver's own copy: it says what the executors have to have. */
    ImageTextModel open(SparkSession session) {
        String name = model.contains("://")
                ? Place.local(model, session.sparkContext().hadoopConfiguration())
                        .toString()
                : model;
        return Models.open(name, arithmetic(), Progress.silent());
    }

    private Arithmetic arithmetic() {
        return bf16 ? Arithmetic.BF16 : Arithmetic.FP32;
    }

    /** A cluster whose executors open that model, and an adapter if there is one. */
    Cluster cluster(SparkSession session, ImageTextModel opened, @Nullable String adapter) {
        int threads = Integer.parseInt(session.conf().get("spark.task.cpus", "1"));
        String file = adapter == null ? null : absolute(adapter);
        Place place = new Place(absolute(model), opened.hash(), file, arithmetic(), threads);
        return new Cluster(session, place, partitions, labelColumn);
    }

    /** Executors work in folders of their own, so what is there under a relative name is named in full. */
    private static String absolute(String name) {
        if (name.contains(":")) {
            return name;
        }
        Path path = FileNames.path("a path", name);
        return Files.exists(path) ? path.toAbsolutePath().toString() : name;
    }

    /** Refuses an empty list of images. */
    static List<String> require(List<String> images) {
        if (images.isEmpty()) {
            throw InputException.at("the images", "none", "folders, Parquet files or tars", "Name some");
        }
        return images;
    }
}
