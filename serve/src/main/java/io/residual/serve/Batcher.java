package io.residual.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.predict.Prediction;
import io.residual.predict.TextLogit;
import io.residual.web.RefusedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
 * A bounded queue of images, and the thread that computes them. Images that arrive while a batch is computed form the
 * next batch. A quiet server adds no delay; a busy one works in batches of the size that suits the model. A new version
 * of the adapter takes over between two batches.
 */
final class Batcher {
    private static final long BEAT_MS = 200;

    /** The kind of request. */
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
            Kind kind,
            float[] pixels,
            String name,
            int top,
            @Nullable TextLogit text,
            CompletableFuture<Answer> answer) {}

    private final Deployment.Base base;
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
        this.queue = new ArrayBlockingQueue<>(limits.queue());
        this.batches = batches;
        this.current = base.open(adapter);
        this.worker = new Thread(this::work, "batches");
        worker.setDaemon(true);
        worker.start();
    }

    /** The current version of the adapter. */
    Deployment current() {
        return current;
    }

    /** Lets a new version take over before the next batch. */
    void replace(Deployment deployment) {
        Deployment skipped = next.getAndSet(deployment);
        if (skipped != null) {
            skipped.close(); // it never answered
        }
    }

    /**
     * Adds an image.
     *
     * @param text of an explanation, whose map is asked for; else null
     * @param answer completed with the answer, or with a {@link RefusedException}: 503 where the queue is full or the server is
     *     stopping. Whoever does not want it any more completes it; it is not computed then
     */
    void submit(
            Kind kind,
            float[] pixels,
            String name,
            int top,
            @Nullable TextLogit text,
            CompletableFuture<Answer> answer) {
        if (closed || !queue.offer(new Job(kind, pixels, name, top, text, answer))) {
            answer.completeExceptionally(
                    RefusedException.busy(closed ? "the server is stopping" : "too many images are waiting"));
        }
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
            jobs.removeIf(job -> job.answer.isDone()); // given up
            for (Kind kind : Kind.values()) {
                List<Job> some = jobs.stream().filter(j -> j.kind == kind).toList();
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

    /** One image that cannot be computed must not take the others of its batch with it. */
    private void answer(Kind kind, List<Job> jobs) {
        try {
            compute(kind, jobs);
        } catch (RuntimeException | OutOfMemoryError e) {
            if (jobs.size() == 1) {
                jobs.get(0).answer.completeExceptionally(ours(e));
            } else {
                jobs.stream().filter(job -> !job.answer.isDone()).forEach(job -> answer(kind, List.of(job)));
            }
        }
    }

    /** Requests have been checked before, so an error here is the adapter's or the model's fault, not the client's. */
    private static Throwable ours(Throwable e) {
        return e instanceof InputException ? new RefusedException(500, String.valueOf(e.getMessage())) : e;
    }

    private void compute(Kind kind, List<Job> jobs) {
        List<String> classes = current.predictor().classes();
        if (kind == Kind.EXPLAIN) {
            for (Job job : jobs) {
                ObjectNode why = current.explain(base, job.pixels, job.name, job.top, job.text);
                job.answer.complete(new Answer(null, null, why, classes));
            }
            return;
        }
        batches.accept(jobs.size());
        float[] pixels = pixels(jobs);
        if (kind == Kind.PREDICT) {
            List<Prediction> predictions = current.predictor().predict(pixels, jobs.size());
            for (int i = 0; i < jobs.size(); i++) {
                give(jobs.get(i), new Answer(predictions.get(i), null, null, classes));
            }
            return;
        }
        float[] embeddings = current.predictor().embed(pixels, jobs.size());
        int width = embeddings.length / jobs.size();
        for (int i = 0; i < jobs.size(); i++) {
            float[] own = Arrays.copyOfRange(embeddings, i * width, (i + 1) * width);
            give(jobs.get(i), new Answer(null, own, null, classes));
        }
    }

    /** The images' numbers, one image after the other. */
    private static float[] pixels(List<Job> jobs) {
        float[] first = jobs.get(0).pixels;
        if (jobs.size() == 1) {
            return first;
        }
        float[] all = new float[first.length * jobs.size()];
        for (int i = 0; i < jobs.size(); i++) {
            System.arraycopy(jobs.get(i).pixels, 0, all, i * first.length, first.length);
        }
        return all;
    }

    private static void give(Job job, Answer answer) {
        String wrong = answer.prediction() != null
                ? Sanity.of(answer.prediction())
                : Sanity.of(Objects.requireNonNull(answer.embedding()));
        if (wrong == null) {
            job.answer.complete(answer);
        } else {
            job.answer.completeExceptionally(new RefusedException(500, "no answer: " + wrong));
        }
    }

    /** Answers what waits, then stops; after the deadline it leaves the thread that computes, and what it uses, alone. */
    boolean close(Deadline deadline) {
        closed = true;
        worker.interrupt();
        try {
            worker.join(Math.max(1, deadline.millis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (worker.isAlive()) {
            return false;
        }
        Deployment never = next.getAndSet(null);
        if (never != null) {
            never.close();
        }
        Objects.requireNonNull(current).close();
        return true;
    }
}
