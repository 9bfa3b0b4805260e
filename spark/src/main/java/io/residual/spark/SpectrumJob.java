package io.residual.spark;

import io.residual.base.JsonObject;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.report.GeometryReport;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.SpectrumFile;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.UnitGeometry;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "spectrum",
        mixinStandardHelpOptions = true,
        description =
                "Computes the components of every unit of a trace. Tasks exchange (h + 2)² numbers per head, never images.",
        footer = {"", "Example: residual-spark spectrum hdfs:///photos.trace --out photos.spectra"})
final class SpectrumJob implements Callable<Integer> {
    private static final int TOGETHER = 256;
    private static final int MERGED = 8; // statistics that one task merges

    @Spec
    CommandSpec spec;

    @Mixin
    SparkOptions options = new SparkOptions();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Also write means, components and eigenvalues (safetensors).")
    @Nullable
    Path target;

    @Option(names = "--heads", description = "Also print a line for every head.")
    boolean everyHead;

    @Parameters(paramLabel = "TRACE", description = "Trace, written by residual-spark trace.")
    String trace = "";

    @Override
    public Integer call() {
        SparkSession session = options.session("spectrum");
        try (ImageTextModel model = options.open(session)) {
            UnitFrame frame = UnitFrame.of(model.image());
            Cluster cluster = options.cluster(session, model, null);
            JsonObject manifest = JsonObject.parse(
                            cluster.text(trace + "/" + TraceJob.MANIFEST),
                            trace,
                            "Trace the images again, with residual-spark trace and without --embeddings")
                    .requireSchema(Schema.SPARK_TRACE);
            Provenance provenance = Provenance.of(manifest.object("provenance"));
            provenance.requireModel(trace, "a trace", model.name(), model.hash());
            TraceStatistics statistics = statistics(session.read().parquet(trace), frame.shape(), options.partitions);
            List<Spectrum> spectra = statistics.spectra(frame);
            if (target != null) {
                new SpectrumFile(frame.shape(), spectra, provenance).write(target);
            }
            print(spectra, provenance);
            return 0;
        } finally {
            OnExecutor.closeAll(session);
        }
    }

    /**
     * The statistics of a trace's images: of each partition by its task, then merged in a tree whose last step is a task, too, so that
     * the driver gets one. No image moves: partitions are joined where they are read, since statistics are as large as some
     * thousand images and there should be few of them.
     *
     * @param most partitions; 0: four for every core
     */
    static TraceStatistics statistics(Dataset<Row> table, UnitShape shape, int most) {
        JavaRDD<Row> rows = TraceRows.numbers(table.filter("error IS NULL")).javaRDD();
        FlatMapFunction<Iterator<Row>, TraceStatistics> ofPartition = some -> {
            TraceStatistics statistics = new TraceStatistics();
            List<TraceBlock> blocks = new ArrayList<>();
            List<Row> waiting = new ArrayList<>();
            while (some.hasNext()) {
                waiting.add(some.next());
                if (waiting.size() == TOGETHER || !some.hasNext()) {
                    blocks.add(TraceRows.block(waiting, shape));
                    statistics.add(blocks);
                    blocks.clear();
                    waiting.clear();
                }
            }
            return List.of(statistics).iterator();
        };
        int wanted = most > 0 ? most : 4 * rows.context().defaultParallelism();
        int partitions = Math.min(Math.max(1, rows.getNumPartitions()), wanted);
        int depth = Math.max(2, (int) Math.ceil(Math.log(partitions) / Math.log(MERGED)));
        Function2<TraceStatistics, TraceStatistics, TraceStatistics> merge =
                (a, b) -> new TraceStatistics().add(a).add(b);
        return rows.coalesce(partitions)
                .mapPartitions(ofPartition)
                .treeAggregate(new TraceStatistics(), merge, merge, depth, true);
    }

    private void print(List<Spectrum> spectra, Provenance provenance) {
        List<UnitGeometry> geometry =
                spectra.stream().map(s -> UnitGeometry.of(s, Double.NaN)).toList();
        if (options.json) {
            spec.commandLine()
                    .getOut()
                    .println(GeometryReport.json(
                            geometry,
                            spectra.stream().map(Spectrum::eigenvalues).toList(),
                            provenance));
            return;
        }
        spec.commandLine().getOut().print(GeometryReport.text(geometry, everyHead));
        spec.commandLine()
                .getOut()
                .printf(Locale.ROOT, "%n%,d images%n", spectra.get(0).count());
        if (target != null) {
            spec.commandLine().getOut().println(Printable.line("Written to " + target));
        }
    }
}
