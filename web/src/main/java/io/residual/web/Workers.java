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
 * Threads for work that may take long, apart from those that speak with clients. What waits is bounded, and given up after a
 * while, whether it has begun or not; a thread that is stuck is lost to the others, but nobody waits for it.
 */
public final class Workers implements AutoCloseable {
    private final ThreadPoolExecutor pool;
    private final Duration patience;

    /**
     * Workers.
     *
     * @param name of the threads
     * @param threads at most
     * @param waiting pieces of work at most that have not begun
     * @param patience how long a piece of work may take, waiting included
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
     * What the work makes, on a thread of these; or a {@link RefusedException} 503 if too much is waiting, or it takes too long.
     * Work that is given up, or whose future is completed by others, is not begun any more.
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
