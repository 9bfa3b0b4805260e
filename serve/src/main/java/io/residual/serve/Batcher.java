package io.residual.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.prediction.Prediction;
import io.residual.web.RefusedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Pictures that wait, and the one thread that sees to them: whatever has come while a batch was computed is the next batch. A
 * quiet server answers one at a time without delay; a busy one in batches of the size that suits the model. The queue is bounded,
 * and a new version of the adapter takes over between two batches.
 */
final class Batcher implements AutoCloseable {
    private static final long BEAT_MS = 200;

    /** What is wanted of a picture. */
    enum Kind {
        PREDICT,
        EMBED,
        EXPLAIN
    }

    /** An answer, of the kind that was asked for. */
    record Answer(
            @Nullable Prediction prediction,
            float @Nullable [] embedding,
            @Nullable ObjectNode explanation,
            List<String> classes) {}

    private record Job(
            Kind kind, float[] pixels, String name, int top, long deadline, CompletableFuture<Answer> answer) {}

    private final Deployment.Base base;
    private final Duration patience;
    private final BlockingQueue<Job> queue;
    private final IntConsumer batches;
    private final AtomicReference<@Nullable Deployment> next = new AtomicReference<>();
    private final Thread worker;
    private volatile Deployment current;
    private volatile boolean closed;

    /**
     * Starts the worker.
     *
     * @param batches told the size of every batch
     */
    Batcher(Deployment.Base base, Path adapter, Limits limits, IntConsumer batches) {
        this.base = base;
        this.patience = limits.patience();
        this.queue = new ArrayBlockingQueue<>(limits.queue());
        this.batches = batches;
        this.current = base.open(adapter);
        this.worker = new Thread(this::work, "batches");
        worker.setDaemon(true);
        worker.start();
    }

    /** The version that answers. */
    Deployment current() {
        return current;
    }

    /** How many wait. */
    int waiting() {
        return queue.size();
    }

    /** Whether another picture would be taken. */
    boolean full() {
        return queue.remainingCapacity() == 0;
    }

    /** Lets a new version take over before the next batch. */
    void replace(Deployment deployment) {
        Deployment skipped = next.getAndSet(deployment);
        if (skipped != null) {
            skipped.close(); // it never answered
        }
    }

    /**
     * Adds a picture.
     *
     * @throws RefusedException 503 where the queue is full or the server is stopping
     */
    CompletableFuture<Answer> submit(Kind kind, float[] pixels, String name, int top) {
        Job job = new Job(kind, pixels, name, top, System.nanoTime() + patience.toNanos(), new CompletableFuture<>());
        if (closed || !queue.offer(job)) {
            throw new RefusedException(503, closed ? "the server is stopping" : "too many pictures are waiting");
        }
        return job.answer;
    }

    private void work() {
        while (!closed || !queue.isEmpty()) {
            List<Job> jobs = new ArrayList<>();
            try {
                Job first = queue.poll(BEAT_MS, TimeUnit.MILLISECONDS);
                swap();
                if (first == null) {
                    continue;
                }
                jobs.add(first);
            } catch (InterruptedException e) {
                continue; // closing is said by a flag
            }
            queue.drainTo(jobs, current.predictor().batch() - 1);
            long now = System.nanoTime();
            List<Job> live = new ArrayList<>();
            for (Job job : jobs) {
                if (now - job.deadline > 0) {
                    job.answer.completeExceptionally(new RefusedException(503, "it waited too long"));
                } else {
                    live.add(job);
                }
            }
            for (Kind kind : Kind.values()) {
                List<Job> some = live.stream().filter(j -> j.kind == kind).toList();
                if (!some.isEmpty()) {
                    answer(kind, some);
                }
            }
        }
    }

    private void swap() {
        Deployment replacement = next.getAndSet(null);
        if (replacement != null) {
            Deployment old = current;
            current = replacement;
            old.close();
        }
    }

    private void answer(Kind kind, List<Job> jobs) {
        try {
            if (kind == Kind.EXPLAIN) {
                for (Job job : jobs) {
                    ObjectNode why = current.explain(base, job.pixels, job.name, job.top);
                    job.answer.complete(
                            new Answer(null, null, why, current.predictor().classes()));
                }
                return;
            }
            batches.accept(jobs.size());
            int length = jobs.get(0).pixels.length;
            float[] pixels = new float[length * jobs.size()];
            for (int i = 0; i < jobs.size(); i++) {
                System.arraycopy(jobs.get(i).pixels, 0, pixels, i * length, length);
            }
            List<String> classes = current.predictor().classes();
            if (kind == Kind.PREDICT) {
                List<Prediction> predictions = current.predictor().predict(pixels, jobs.size());
                for (int i = 0; i < jobs.size(); i++) {
                    jobs.get(i).answer.complete(new Answer(predictions.get(i), null, null, classes));
                }
                return;
            }
            float[] embeddings = current.predictor().embed(pixels, jobs.size());
            int width = embeddings.length / jobs.size();
            for (int i = 0; i < jobs.size(); i++) {
                float[] own = java.util.Arrays.copyOfRange(embeddings, i * width, (i + 1) * width);
                jobs.get(i).answer.complete(new Answer(null, own, null, classes));
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            jobs.forEach(job -> job.answer.completeExceptionally(e)); // those that have been answered stay answered
        }
    }

    /** Answers what waits, then stops. */
    @Override
    public void close() {
        closed = true;
        worker.interrupt();
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Deployment never = next.getAndSet(null);
        if (never != null) {
            never.close();
        }
        Objects.requireNonNull(current).close();
    }
}
