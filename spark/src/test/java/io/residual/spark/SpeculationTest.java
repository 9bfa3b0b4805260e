package io.residual.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/**
 * Two workers under two addresses: Spark never runs a task a second time on the host it already runs on, and a local cluster is one
 * host.
 */
@Tag("thorough")
class SpeculationTest {
    @TempDir
    Path temporary;

    private final List<RpcEnv> services = new ArrayList<>();
    private @Nullable SparkSession session;

    @BeforeEach
    void start() {
        assumeTrue(secondAddress(), "this system has no second loopback address, so no two hosts");
        Fixture.sparkHome();
        SparkConf conf = new SparkConf().set("spark.master.rest.enabled", "false");
        Fixture.PATIENT.forEach((key, value) -> conf.set(key, value.toString()));
        var master = Master.startRpcEnvAndEndpoint("127.0.0.1", 0, 0, conf);
        services.add(master._1());
        String url = "spark://127.0.0.1:" + master._1().address().port();
        for (int i = 1; i <= 2; i++) {
            services.add(Worker.startRpcEnvAndEndpoint(
                    "127.0.0." + i,
                    0,
                    0,
                    1,
                    1024,
                    new String[] {url},
                    temporary.resolve("worker" + i).toString(),
                    Option.apply(i),
                    conf,
                    Option.empty()));
        }
        session = SparkSession.builder()
                .master(url)
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.executor.extraClassPath", Fixture.classPath())
                .config("spark.executor.memory", "768m")
                .config(Fixture.PATIENT)
                .config("spark.speculation", "true")
                .config("spark.speculation.interval", "100ms")
                .config("spark.speculation.quantile", "0.5")
                .getOrCreate();
    }

    private static boolean secondAddress() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.0.0.2", 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void stop() {
        if (session != null) {
            session.stop();
        }
        for (int i = services.size() - 1; i >= 0; i--) {
            services.get(i).shutdown();
            services.get(i).awaitTermination();
        }
    }

    /** One task is slow on its executor, so Spark runs it on the other as well: two write, one counts. */
    @Test
    void slowTask_isRunTwice_andCountsOnce() {
        SparkSession session = Objects.requireNonNull(this.session);
        Path photos = Fixture.folder(temporary.resolve("photos"));
        Pieces pieces = Pieces.list(List.of(photos.toString()), new JavaSparkContext(session.sparkContext()));
        Attempts attempts = new Attempts();
        List<String> found = attempts.traced(session, pieces, temporary.resolve("out"), (batch, executor) -> {
            if (TaskContext.getPartitionId() == 3 && TaskContext.get().attemptNumber() == 0) {
                while (!TaskContext.get().isInterrupted()) { // until Spark kills the loser
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                }
            }
            return TraceRows.of(batch, executor.tracer());
        });
        assertTrue(attempts.speculative() > 0, "Spark ran a task twice at the same time");
        assertEquals(Attempts.names(pieces), found);
    }
}
