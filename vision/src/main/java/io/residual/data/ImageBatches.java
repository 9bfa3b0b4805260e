package io.residual.data;

import io.residual.images.Batch;
import io.residual.images.Preprocessed;
import io.residual.images.Preprocessing;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Images in batches, read, decoded and resized a few batches ahead on other threads, handed out in order. Images that
 * cannot be read are left out and named.
 */
public final class ImageBatches implements AutoCloseable {
    private static final int AHEAD = 4;

    private final LabelledImages<?> images;
    private final Preprocessing preprocessing;
    private final int[] order;
    private final int batch;
    private final int ahead;
    private final ExecutorService readers;
    private final Deque<Future<Batch>> ready = new ArrayDeque<>();
    private int next;

    /**
     * Starts reading.
     *
     * @param order indices of the images, in the order in which they are wanted
     * @param batch images at a time
     */
    public ImageBatches(LabelledImages<?> images, Preprocessing preprocessing, int[] order, int batch) {
        this.images = images;
        this.preprocessing = preprocessing;
        this.order = order.clone();
        this.batch = batch;
        int workers = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.ahead = AHEAD * workers;
        this.readers = Executors.newFixedThreadPool(workers, task -> {
            Thread thread = new Thread(task, "images");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Whether there is another batch. Blocks until that is known. */
    public boolean hasNext() {
        return next < order.length || !ready.isEmpty();
    }

    /** The next batch; waits until it has been read. It may be empty if none of its images could be. */
    public Batch next() {
        while (next < order.length && ready.size() < ahead) {
            int[] rows = Arrays.copyOfRange(order, next, Math.min(next + batch, order.length));
            ready.add(readers.submit(() -> read(rows)));
            next += rows.length;
        }
        try {
            return ready.remove().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) { // no memory for a batch: not any one image's fault
                throw cause;
            }
            throw new IllegalStateException("cannot read images", e.getCause());
        }
    }

    private Batch read(int... rows) {
        Preprocessed batch = new Preprocessed(preprocessing, rows.length);
        for (int row : rows) {
            batch.add(images.name(row), images.label(row), () -> images.read(row));
        }
        return batch.toBatch();
    }

    @Override
    public void close() {
        readers.shutdownNow();
    }
}
