package io.residual.serve;

import io.residual.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks once a second whether the adapter's file has become another, and lets it take over if it can be read. */
final class AdapterWatch {
    private static final System.Logger LOG = System.getLogger(AdapterWatch.class.getName());

    /** Distinguishes versions of a file without reading it. */
    record Version(long time, long size, @Nullable Object key) {
        static @Nullable Version of(Path file) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                if (!now.isRegularFile()) {
                    return null; // to open a pipe would wait for whoever writes into it
                }
                return new Version(now.lastModifiedTime().toMillis(), now.size(), now.fileKey());
            } catch (IOException e) {
                return null; // being replaced, or gone: the version that answers stays
            }
        }
    }

    private final Path file;
    private final Deployment.Base base;
    private final Batcher batcher;
    private final Metrics metrics;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "adapter");
        thread.setDaemon(true);
        return thread;
    });
    private final ScheduledFuture<?> looking;
    private @Nullable Version seen;

    /**
     * Begins to look.
     *
     * @param read the version that answers
     */
    AdapterWatch(Path file, @Nullable Version read, Deployment.Base base, Batcher batcher, Metrics metrics) {
        this.file = file;
        this.base = base;
        this.batcher = batcher;
        this.metrics = metrics;
        this.seen = read;
        this.looking = timer.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    private void look() {
        Version now = Version.of(file);
        if (now == null || now.equals(seen)) {
            return;
        }
        try {
            batcher.replace(base.open(file));
            seen = now;
            metrics.reloaded(true);
            LOG.log(System.Logger.Level.INFO, "{0} has been read again", file);
        } catch (RuntimeException | OutOfMemoryError e) {
            seen = e instanceof InputException ? now : seen; // what is wrong with the machine may pass
            metrics.reloaded(false);
            LOG.log(System.Logger.Level.WARNING, "the old adapter stays: {0}", e.getMessage());
        }
    }

    /** Looks no more; false if a look that has begun goes on beyond the deadline. */
    boolean close(Deadline deadline) {
        looking.cancel(false);
        timer.shutdownNow();
        try {
            return timer.awaitTermination(deadline.nanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
