package io.residual.spark;

import io.residual.catalogue.Models;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.world.EmbeddedModels;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/** Counts tasks that fail, and tasks that are run beside another attempt at the same. */
final class Attempts extends SparkListener {
    private static final int PARTITIONS = 8;

    private final AtomicInteger speculative = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        if (end.taskInfo().speculative()) {
            speculative.incrementAndGet();
        }
        if (end.taskInfo().failed()) {
            failed.incrementAndGet();
        }
    }

    int speculative() {
        return speculative.get();
    }

    int failed() {
        return failed.get();
    }

    /** Writes a trace in eight tasks; gives the names that are in the table. */
    List<String> traced(SparkSession session, Pieces pieces, Path out, Cluster.Computing computing) {
        String hash;
        try (ImageTextModel model = Models.open(EmbeddedModels.WORLD_CLIP)) {
            hash = model.hash();
        }
        Place place = new Place(EmbeddedModels.WORLD_CLIP, hash, null, Arithmetic.FP32, 1);
        Cluster cluster = new Cluster(session, place, PARTITIONS, "label");
        session.sparkContext().addSparkListener(this);
        try {
            cluster.write(
                    out.toString(),
                    folder -> cluster.parquet(
                            cluster.rows(pieces, null, computing, TraceRows::failed), TraceRows.SCHEMA, folder));
        } finally {
            session.sparkContext().removeSparkListener(this);
        }
        return session.read().parquet(out.toString()).select("image").collectAsList().stream()
                .map(row -> row.getString(0))
                .sorted()
                .toList();
    }

    /** The names of single images' files. */
    static List<String> names(Pieces pieces) {
        return pieces.pieces().stream().map(Piece::path).sorted().toList();
    }
}
