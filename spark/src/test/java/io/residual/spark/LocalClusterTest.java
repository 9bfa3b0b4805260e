package io.residual.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.catalogue.Models;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.predict.Predictor;
import io.residual.spectrum.TraceStatistics;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import io.residual.world.EmbeddedModels;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two executors in processes of their own: what is sent has to be serialisable, natives are loaded there, and an executor can be
 * killed in the middle.
 */
@Tag("thorough")
class LocalClusterTest {
    @TempDir
    static Path folder;

    @TempDir
    Path temporary;

    private static SparkSession session;
    private static Path photos;
    private static Path adapter;
    private static ImageTextModel model;

    @BeforeAll
    static void start() {
        Fixture.sparkHome();
        session = SparkSession.builder()
                .master("local-cluster[2,1,1024]")
                .config(Fixture.PATIENT)
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.executor.extraClassPath", Fixture.classPath())
                .config("spark.executor.memory", "768m")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate();
        photos = Fixture.folder(folder.resolve("photos"));
        adapter = Fixture.adapter(photos, folder.resolve("photos.adapter"), EmbeddedModels.WORLD_CLIP);
        model = Models.open(EmbeddedModels.WORLD_CLIP);
    }

    @AfterAll
    static void stop() {
        session.stop();
        model.close();
    }

    /** The Java processes that the cluster's workers have started. */
    private static List<ProcessHandle> executors() {
        return ProcessHandle.current()
                .descendants()
                .filter(p -> p.info().command().orElse("").endsWith("java"))
                .toList();
    }

    /** Kills one executor, without a word, as soon as some tasks have ended. */
    private static final class Killer extends SparkListener {
        private final int after;
        private final AtomicInteger ended = new AtomicInteger();
        private volatile @Nullable ProcessHandle killed;

        Killer(int after) {
            this.after = after;
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (ended.incrementAndGet() == after) {
                ProcessHandle victim = executors().get(0);
                victim.destroyForcibly();
                killed = victim;
            }
        }
    }

    private static void run(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), Fixture.words(words));
        assertEquals(0, code, out + err.toString());
    }

    @Test
    void executorsAreProcesses_thatRunTheModel() throws InterruptedException {
        Path out = temporary.resolve("said");
        Path relative = Path.of("").toAbsolutePath().relativize(adapter); // executors work in folders of their own
        run("predict", photos, "--adapter", relative, "--out", out, "--partitions", 6);
        while (executors().size() < 2) { // one may just be replacing another that was killed
            Thread.sleep(20);
        }
        assertEquals(2, executors().size(), "two executors");
        List<Row> rows = session.read().parquet(out.toString()).orderBy("image").collectAsList();
        List<Path> files = Fixture.files(photos);
        assertEquals(files.size(), rows.size());
        try (Predictor predictor = Predictor.with(Models.open(EmbeddedModels.WORLD_CLIP), adapter)) {
            for (int i = 0; i < files.size(); i++) {
                Prediction expected = predictor.predict(files.get(i));
                assertEquals(expected.label(), rows.get(i).getString(1));
                assertEquals(expected.probability(), rows.get(i).getDouble(2), 1e-5);
            }
        }
    }

    /** Nothing is counted twice and nothing is lost, whatever was computed twice. */
    @Test
    void killedExecutor_changesNothing() {
        Killer killer = new Killer(5);
        session.sparkContext().addSparkListener(killer);
        Path out = temporary.resolve("traced");
        try {
            run("trace", photos, "--out", out, "--partitions", 30);
        } finally {
            session.sparkContext().removeSparkListener(killer);
        }
        assertTrue(killer.killed != null, "an executor was killed after five of thirty tasks");
        List<Row> rows = TraceRows.numbers(session.read()
                        .parquet(out.toString())
                        .filter("error IS NULL")
                        .orderBy("image"))
                .collectAsList();
        assertEquals(Fixture.IMAGES, rows.size());
        assertEquals(
                Fixture.IMAGES,
                rows.stream().map(r -> r.getString(0)).distinct().count());
        Tracer tracer = new Tracer(model);
        TraceBlock block = TraceRows.block(rows, tracer.frame().shape());
        TraceStatistics expected = new TraceStatistics().add(block);

        Killer second = new Killer(4);
        session.sparkContext().addSparkListener(second);
        TraceStatistics found;
        try {
            found = SpectrumJob.statistics(
                    session.read().parquet(out.toString()).repartition(20),
                    tracer.frame().shape(),
                    20);
        } finally {
            session.sparkContext().removeSparkListener(second);
        }
        assertTrue(second.killed != null, "another executor was killed");
        for (UnitId unit : tracer.frame().shape().ids()) {
            double[] a = expected.of(unit).scatter();
            assertEquals(Fixture.IMAGES, found.of(unit).count());
            assertArrayEquals(
                    a,
                    found.of(unit).scatter(),
                    1e-9 * Arrays.stream(a).map(Math::abs).max().orElseThrow(),
                    unit.toString());
        }
    }

    /** A task that fails after some of its rows were written is run again; its first rows do not count. */
    @Test
    void retriedTask_countsOnce() {
        Attempts attempts = new Attempts();
        Pieces pieces = Pieces.list(List.of(photos.toString()), new JavaSparkContext(session.sparkContext()));
        List<String> found = attempts.traced(session, pieces, temporary.resolve("out"), (batch, executor) -> {
            List<Row> rows = TraceRows.of(batch, executor.tracer());
            if (TaskContext.getPartitionId() == 5 && TaskContext.get().attemptNumber() == 0) {
                Row wrong = RowFactory.create("a", "no number", null, null, null, null, null, null, null);
                rows.set(rows.size() - 1, wrong); // those before it are written, this one fails the task
            }
            return rows;
        });
        assertTrue(attempts.failed() > 0, "a task failed");
        assertEquals(Attempts.names(pieces), found);
    }

    /** Another model on an executor than the driver's is refused there, and the message comes back. */
    @Test
    void anotherModelOnAnExecutor_isRefused() {
        Cluster cluster = new Cluster(
                session, new Place(EmbeddedModels.WORLD_OPEN_CLIP, model.hash(), null, Arithmetic.FP32, 1), 4, "label");
        Pieces pieces = Pieces.list(List.of(photos.toString()), cluster.spark());
        Exception thrown = org.junit.jupiter.api.Assertions.assertThrows(Exception.class, () -> cluster.rows(
                        pieces, null, (batch, executor) -> TraceRows.of(batch, executor.tracer()), TraceRows::failed)
                .collect());
        assertTrue(
                String.valueOf(thrown.getMessage()).contains("Put the same files on every machine"),
                thrown.getMessage());
    }
}
