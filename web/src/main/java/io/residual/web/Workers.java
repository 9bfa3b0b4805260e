package io.residual.web;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads for long work, separate from those that talk to clients. The queue is bounded, and work is given up after a
 * time limit, whether it has begun or not. A stuck thread is lost, but nothing waits for it.
 */
public final class Workers implements AutoCloseable {
    private final ThreadPoolExecutor pool;
    private final Duration patience;

    /**
     * Workers.
     *
     * @param name name of the threads
     * @param threads maximum number
     * @param waiting maximum number of tasks that have not begun
     * @param patience time limit of a task, waiting included
     */
    public Workers(String name, int threads, int waiting, Duration patience) {
        this.patience = patience;
        this.pool = new ThreadPoolExecutor(
                threads, threads, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(waiting), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs a task on one of the threads. The future fails with a {@link RefusedException} 503 if too many tasks wait or
     * the task exceeds its time limit. A task that was given up, or whose future was completed elsewhere, is not
     * started.
     */
    public <T> CompletableFuture<T> submit(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable task = () -> {
            if (result.isDone()) {
                return;
            }
            try {
                result.complete(work.call());
            } catch (Throwable e) { // also out of memory: nobody else would tell the one who waits
                result.completeExceptionally(e);
            }
        };
        try {
            pool.execute(task);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(RefusedException.busy("too much is waiting"));
            return result;
        }
        patient(result, patience);
        CompletableFuture<T> unused =
                result.whenComplete((made, problem) -> pool.remove(task)); // what it holds is let go of
        return result;
    }

    /** Completes a future with a {@link RefusedException} 503 if it takes longer. */
    public static <T> void patient(CompletableFuture<T> result, Duration patience) {
        CompletableFuture<Void> late =
                new CompletableFuture<Void>().orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS);
        CompletableFuture<Void> unused = late.whenComplete((nothing, problem) -> {
            if (problem instanceof TimeoutException) {
                result.completeExceptionally(RefusedException.busy("it waited too long"));
            }
        });
        CompletableFuture<T> unusedToo = result.whenComplete((made, problem) -> late.complete(null));
    }

    /** Begins nothing any more, and waits for what has begun; false if that takes longer. */
    public boolean close(long nanos) {
        close();
        try {
            return pool.awaitTermination(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Begins nothing any more; what has begun is left alone. */
    @Override
    public void close() {
        pool.shutdownNow();
    }
}
