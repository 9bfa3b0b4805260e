package io.residual.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.images.Batch;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.units.UnitFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        description = "Writes the contributions of all units, or embeddings, as Parquet with one row per image.",
        footer = {"", "Example: residual-spark trace hdfs:///photos --out hdfs:///photos.trace"})
final class TraceJob implements Callable<Integer> {
    static final String MANIFEST = "_residual.json";

    private static final StructType EMBEDDINGS = new StructType()
            .add("image", DataTypes.StringType)
            .add("label", DataTypes.IntegerType)
            .add("hash", DataTypes.BinaryType)
            .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false))
            .add("error", DataTypes.StringType);

    @Spec
    CommandSpec spec;

    @Mixin
    SparkOptions options = new SparkOptions();

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            required = true,
            description = "Folder to write, on any file system.")
    String target = "";

    @Option(names = "--embeddings", description = "Write embeddings of unit length instead of all units.")
    boolean embeddings;

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            description = "With --embeddings: adapter file, written by residual align.")
    @Nullable
    String adapter;

    @Parameters(paramLabel = "IMAGES", arity = "1..*", description = "Folders, Parquet files, tars, patterns.")
    List<String> images = List.of();

    @Override
    public Integer call() {
        if (adapter != null && !embeddings) {
            throw InputException.at("--adapter", "no --embeddings", "both", "A trace is of the unadapted model");
        }
        SparkSession session = options.session("trace");
        try (ImageTextModel model = options.open(session)) {
            if (adapter != null) { // refused before any task runs
                AdapterFile.read(
                        Place.local(adapter, session.sparkContext().hadoopConfiguration()),
                        UnitFrame.of(model.image()),
                        model);
            }
            Cluster cluster = options.cluster(session, model, adapter);
            cluster.requireFree(target);
            Pieces pieces = Pieces.list(SparkOptions.require(images), cluster.spark());
            pieces.notes().forEach(note -> spec.commandLine().getErr().println("residual-spark: note: " + note));
            Written[] written = new Written[1];
            cluster.write(target, folder -> written[0] = write(cluster, model, pieces, folder));
            written[0].print(spec.commandLine(), options.json, "images", target);
            return 0;
        } finally {
            OnExecutor.closeAll(session);
        }
    }

    private Written write(Cluster cluster, ImageTextModel model, Pieces pieces, String folder) {
        boolean adapted = adapter != null;
        JavaRDD<Row> rows = embeddings
                ? cluster.rows(pieces, null, (batch, executor) -> embed(batch, executor, adapted), TraceJob::failed)
                : cluster.rows(
                        pieces, null, (batch, executor) -> TraceRows.of(batch, executor.tracer()), TraceRows::failed);
        cluster.parquet(rows, embeddings ? EMBEDDINGS : TraceRows.SCHEMA, folder);
        Dataset<Row> table = cluster.session().read().parquet(folder);
        Written written = Written.of(table).requireSome(images);
        Map<String, String> settings = new TreeMap<>(Map.of(
                Provenance.MODEL_NAME,
                model.name(),
                "arithmetic",
                model.arithmetic().name().toLowerCase(Locale.ROOT),
                Provenance.SOURCE,
                String.join(", ", images),
                "data_hash",
                "sum of the images' hashes",
                "images",
                String.valueOf(written.images()),
                "skipped",
                String.valueOf(written.failed())));
        if (adapter != null) {
            settings.put("adapter", adapter);
        }
        ObjectNode manifest = (embeddings ? Schema.SPARK_EMBEDDINGS : Schema.SPARK_TRACE).document();
        manifest.set("shape", UnitFrame.of(model.image()).shape().json());
        manifest.set("classes", Json.of(pieces.classes()));
        manifest.set(
                "provenance",
                Provenance.now(model.hash(), Written.hash(table), 0, embeddings ? 0 : Written.error(table), settings)
                        .checked(model.selfCheck())
                        .json());
        cluster.text(folder + "/" + MANIFEST, Json.file(manifest));
        return written;
    }

    private static List<Row> embed(Batch batch, OnExecutor executor, boolean adapted) {
        float[] all = adapted
                ? executor.predictor().embed(batch.pixels(), batch.size())
                : executor.plain().embed(batch.pixels(), batch.size());
        int d = all.length / batch.size();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            float[] one = Arrays.copyOfRange(all, i * d, (i + 1) * d);
            rows.add(RowFactory.create(
                    batch.names().get(i), batch.labels()[i], batch.hashes().get(i), one, null));
        }
        return rows;
    }

    private static Row failed(String reason) {
        return RowFactory.create(null, null, null, null, reason);
    }
}
