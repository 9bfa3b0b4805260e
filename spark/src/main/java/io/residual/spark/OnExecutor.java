package io.residual.spark;

import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.model.ImageTextModel;
import io.residual.predict.Predictor;
import io.residual.tensor.NativeRuntime;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A model, opened once in an executor's process however many tasks run there: tasks share nothing else, so this is the one place of
 * the toolkit that keeps something for the whole process.
 */
final class OnExecutor {
    private static final Map<Place, OnExecutor> OPEN = new HashMap<>();
    private static final int SETTLE_S = 30;

    private final ImageTextModel model;
    private final Tracer tracer;
    private final Predictor plain; // owns the model
    private final @Nullable Predictor predictor;

    private OnExecutor(Place place, Configuration configuration) {
        NativeRuntime.setThreads(place.threads());
        String name = place.model().contains("://")
                ? Place.local(place.model(), configuration).toString()
                : place.model();
        this.model = Models.open(name, place.arithmetic(), Progress.silent());
        if (!model.hash().equals(place.hash())) {
            String found = model.hash();
            model.close();
            throw InputException.at(
                    place.model(),
                    "a model with hash " + found + " on an executor",
                    "the driver's, " + place.hash(),
                    "Put the same files on every machine");
        }
        this.tracer = new Tracer(model);
        this.plain = Predictor.plain(model);
        String adapter = place.adapter();
        if (adapter == null) {
            this.predictor = null;
        } else {
            UnitFrame frame = tracer.frame();
            try {
                AdapterFile file = AdapterFile.read(Place.local(adapter, configuration), frame, model);
                this.predictor = Predictor.beside(model, file, frame);
            } catch (RuntimeException e) {
                plain.close();
                throw e;
            }
        }
    }

    /** The models of this process for a place, opened by the first task that asks. */
    static OnExecutor of(Place place, Configuration configuration) {
        synchronized (OPEN) {
            OnExecutor open = OPEN.get(place);
            if (open == null) {
                open = new OnExecutor(place, configuration);
                OPEN.put(place, open);
            }
            return open;
        }
    }

    /**
     * Lets what still runs come to its end: the other tasks of a job that failed, or copies of tasks that another was faster than.
     *
     * @return whether nothing runs any more
     */
    static boolean settle(JavaSparkContext spark) {
        spark.cancelAllJobs();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_S);
        while (running(spark)) {
            if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return true;
    }

    private static boolean running(JavaSparkContext spark) {
        return Arrays.stream(spark.sc().statusTracker().getExecutorInfos()).anyMatch(e -> e.numRunningTasks() > 0);
    }

    /** Closes what this process has open, for a driver that ran tasks itself; or nothing, if a task still runs. */
    static void closeAll(SparkSession session) {
        if (!settle(new JavaSparkContext(session.sparkContext()))) {
            return; // the process ends soon, and memory must not go from under a task
        }
        synchronized (OPEN) {
            for (OnExecutor one : OPEN.values()) {
                if (one.predictor != null) {
                    one.predictor.close();
                }
                one.plain.close();
            }
            OPEN.clear();
        }
    }

    Tracer tracer() {
        return tracer;
    }

    ImageTextModel model() {
        return model;
    }

    /** The unadapted model, for embeddings. */
    Predictor plain() {
        return plain;
    }

    /** With the adapter. */
    Predictor predictor() {
        if (predictor == null) {
            throw new IllegalStateException("no adapter was named");
        }
        return predictor;
    }
}
