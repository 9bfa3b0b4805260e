package io.residual.spark;

import io.residual.base.InputException;
import io.residual.images.Batch;
import io.residual.model.ImageTextModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/** Images run through a model by the tasks of a Spark session, and tables that appear whole. */
final class Cluster {
    private final SparkSession session;
    private final JavaSparkContext spark;
    private final Place place;
    private final int partitions;
    private final String labelColumn;

    Cluster(SparkSession session, Place place, int partitions, String labelColumn) {
        this.session = session;
        this.spark = new JavaSparkContext(session.sparkContext());
        this.place = place;
        this.partitions = partitions;
        this.labelColumn = labelColumn;
    }

    JavaSparkContext spark() {
        return spark;
    }

    SparkSession session() {
        return session;
    }

    /** The computation on a batch, run on an executor. */
    interface Computing extends Serializable {
        List<Row> rows(Batch batch, OnExecutor executor);
    }

    /** The row of an image that could not be read. */
    interface Failing extends Serializable {
        Row row(String reason);
    }

    /**
     * Rows of images, computed where they are read.
     *
     * @param wanted names of the images that count; null for all
     */
    JavaRDD<Row> rows(Pieces pieces, @Nullable Set<String> wanted, Computing computing, Failing failing) {
        Broadcast<SerializableConfiguration> configuration =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        Broadcast<@Nullable Set<String>> names = spark.broadcast(wanted);
        Place where = place;
        String label = labelColumn;
        return pieces(pieces).mapPartitions(some -> {
            ImageStream images = opened(some, configuration, label);
            if (!images.hasNext()) {
                return List.<Row>of().iterator(); // no model for nothing
            }
            OnExecutor executor = OnExecutor.of(where, configuration.value().value());
            ImageTextModel model = executor.model();
            Set<String> only = names.value();
            return new Batches(
                    images,
                    name -> only == null || only.contains(name),
                    model.preprocessing(),
                    model.image().batch(),
                    batch -> computing.rows(batch, executor),
                    failing::row);
        });
    }

    /** A task's images, closed when it ends, however it ends. */
    private static ImageStream opened(
            Iterator<Piece> pieces, Broadcast<SerializableConfiguration> configuration, String labelColumn) {
        ImageStream images = new ImageStream(pieces, configuration.value().value(), labelColumn);
        TaskCompletionListener end = context -> images.close();
        TaskContext.get().addTaskCompletionListener(end);
        return images;
    }

    /** Names and labels of all images, in the order of the pieces; nothing is decoded. */
    List<Indexed> index(Pieces pieces) {
        Broadcast<SerializableConfiguration> configuration =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        String label = labelColumn;
        boolean known = pieces.pieces().stream().allMatch(p -> p.kind() == Piece.Kind.IMAGE);
        if (known) {
            return pieces.pieces().stream()
                    .map(p -> new Indexed(p.path(), p.label(), null))
                    .toList();
        }
        return pieces(pieces)
                .mapPartitions(some -> new Index(opened(some, configuration, label)))
                .collect();
    }

    private record Index(ImageStream images) implements Iterator<Indexed> {
        @Override
        public boolean hasNext() {
            return images.hasNext();
        }

        @Override
        public Indexed next() {
            RawImage raw = images.next();
            return new Indexed(raw.name(), raw.label(), raw.problem());
        }
    }

    /** An image's name and label. */
    record Indexed(String name, int label, @Nullable String problem) implements Serializable {}

    /** Neighbours stay together, so that order is kept and a folder's images make full batches. */
    private JavaRDD<Piece> pieces(Pieces pieces) {
        int wanted = partitions > 0 ? partitions : 4 * spark.defaultParallelism();
        int most = partitions > 0 ? partitions : Math.max(1, pieces.pieces().size());
        return spark.parallelize(pieces.pieces(), Math.min(wanted, most));
    }

    /** Writes into a folder that is there only once it is whole. */
    interface Writing {
        void into(String folder);
    }

    /**
     * Makes a folder with a table in it, and {@code _residual.json} beside the table.
     *
     * @throws InputException if there is something under that name
     */
    void write(String target, Writing writing) {
        try {
            Path path = new Path(target);
            FileSystem files = path.getFileSystem(spark.hadoopConfiguration());
            requireFree(target);
            Path partial = new Path(path.getParent(), path.getName() + ".partial-" + UUID.randomUUID());
            try {
                writing.into(partial.toString());
                requireFree(target);
                if (!files.rename(partial, path)) {
                    throw new IOException("cannot rename " + partial);
                }
            } finally {
                OnExecutor.settle(spark); // a task that still ran would write there again
                if (files.exists(partial)) {
                    files.delete(partial, true);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target + ": " + e.getMessage(), e);
        }
    }

    /** Complains if something has that name. */
    void requireFree(String target) {
        try {
            Path path = new Path(target);
            if (path.getFileSystem(spark.hadoopConfiguration()).exists(path)) {
                throw InputException.at(target, "something of that name", "nothing", "Give another name, or remove it");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + target + ": " + e.getMessage(), e);
        }
    }

    /** Writes rows as Parquet. Tasks that are tried again or run twice count once: Spark commits one of each. */
    void parquet(JavaRDD<Row> rows, StructType schema, String folder) {
        session.createDataFrame(rows, schema).write().parquet(folder);
    }

    /** Writes a small file. */
    void text(String file, String content) {
        try {
            Path path = new Path(file);
            try (var out = path.getFileSystem(spark.hadoopConfiguration()).create(path, false)) {
                out.write(content.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /** Reads a small file. */
    String text(String file) {
        try {
            Path path = new Path(file);
            try (var in = path.getFileSystem(spark.hadoopConfiguration()).open(path)) {
                return new String(((InputStream) in).readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw InputException.at(
                    file, "no readable file", "a trace", "Give a folder that residual-spark trace wrote", e);
        }
    }
}
