package io.residual.spring;

import io.residual.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Checks whether the adapter's file has become another, and has the classifier open it. */
final class AdapterReload implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AdapterReload.class.getName());

    /** Distinguishes versions of a file without reading it. */
    private record Version(long time, long size, @Nullable Object key) {
        static @Nullable Version of(Path file) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                return now.isRegularFile()
                        ? new Version(now.lastModifiedTime().toMillis(), now.size(), now.fileKey())
                        : null; // to open a pipe would wait for whoever writes into it
            } catch (IOException e) {
                return null; // being replaced, or gone: the version that answers stays
            }
        }
    }

    private final Path file;
    private final ImageClassifier classifier;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "residual-adapter");
        thread.setDaemon(true);
        return thread;
    });
    private final ScheduledFuture<?> checking;
    private @Nullable Version seen;

    AdapterReload(Path file, ImageClassifier classifier, Duration every) {
        this.file = file;
        this.classifier = classifier;
        this.seen = Version.of(file);
        this.checking =
                timer.scheduleWithFixedDelay(this::check, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void check() {
        Version now = Version.of(file);
        if (now == null || now.equals(seen)) {
            return;
        }
        try {
            classifier.reload();
            seen = now;
            LOG.log(System.Logger.Level.INFO, "{0} has been read again", file);
        } catch (RuntimeException | OutOfMemoryError e) {
            seen = e instanceof InputException ? now : seen; // what is wrong with the machine may pass
            LOG.log(System.Logger.Level.WARNING, "the old adapter stays: {0}", e.getMessage());
        }
    }

    /** Waits for a reload that has begun. */
    @Override
    public void close() {
        checking.cancel(false);
        timer.shutdown();
        try {
            if (!timer.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.log(System.Logger.Level.WARNING, "a reload of {0} goes on after a minute", file);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
