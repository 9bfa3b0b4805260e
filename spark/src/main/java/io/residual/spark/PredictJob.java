package io.residual.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.images.Batch;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.provenance.Provenance;
import io.residual.units.UnitFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = "Classifies images with an adapter and writes one row per image as Parquet.",
        footer = {"", "Example: residual-spark predict --adapter signs.adapter hdfs:///photos --out hdfs:///said"})
final class PredictJob implements Callable<Integer> {
    /** As in {@link io.residual.tables.PredictionFiles}. */
    private static final StructType SCHEMA = new StructType()
            .add("image", DataTypes.StringType)
            .add("class", DataTypes.StringType)
            .add("probability", DataTypes.DoubleType)
            .add("accepted", DataTypes.BooleanType)
            .add("error", DataTypes.StringType);

    @Spec
    CommandSpec spec;

    @Mixin
    SparkOptions options = new SparkOptions();

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            required = true,
            description = "Adapter file, written by residual align.")
    String adapter = "";

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            required = true,
            description = "Folder to write, on any file system.")
    String target = "";

    @Parameters(paramLabel = "IMAGES", arity = "1..*", description = "Folders, Parquet files, tars, patterns.")
    List<String> images = List.of();

    @Override
    public Integer call() {
        SparkSession session = options.session("predict");
        try (ImageTextModel model = options.open(session)) {
            AdapterFile.read(
                    Place.local(adapter, session.sparkContext().hadoopConfiguration()),
                    UnitFrame.of(model.image()),
                    model); // refused before any task runs
            Cluster cluster = options.cluster(session, model, adapter);
            cluster.requireFree(target);
            Pieces pieces = Pieces.list(SparkOptions.require(images), cluster.spark());
            pieces.notes().forEach(note -> spec.commandLine().getErr().println("residual-spark: note: " + note));
            Written[] written = new Written[1];
            cluster.write(target, folder -> {
                cluster.parquet(cluster.rows(pieces, null, PredictJob::predict, PredictJob::failed), SCHEMA, folder);
                Dataset<Row> table = session.read().parquet(folder);
                written[0] = Written.of(table).requireSome(images);
                ObjectNode manifest = Schema.SPARK_PREDICTIONS.document();
                manifest.set(
                        "provenance",
                        Provenance.now(
                                        model.hash(),
                                        "",
                                        0,
                                        0,
                                        Map.of(
                                                "adapter",
                                                adapter,
                                                Provenance.SOURCE,
                                                String.join(", ", images),
                                                "images",
                                                String.valueOf(written[0].images()),
                                                "skipped",
                                                String.valueOf(written[0].failed())))
                                .json());
                cluster.text(folder + "/" + TraceJob.MANIFEST, Json.file(manifest));
            });
            written[0].print(spec.commandLine(), options.json, "predictions", target);
            return 0;
        } finally {
            OnExecutor.closeAll(session);
        }
    }

    private static List<Row> predict(Batch batch, OnExecutor executor) {
        List<Prediction> predictions = executor.predictor().predict(batch.pixels(), batch.size());
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < predictions.size(); i++) {
            Prediction p = predictions.get(i);
            rows.add(RowFactory.create(batch.names().get(i), p.label(), p.probability(), p.accepted(), null));
        }
        return rows;
    }

    private static Row failed(String reason) {
        return RowFactory.create(null, null, null, null, reason);
    }
}
