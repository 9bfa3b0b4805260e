package io.residual.spring;

import io.residual.Classifier;
import io.residual.base.InputException;
import io.residual.predict.Prediction;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The classifier of the application. It stays the same bean while its adapter is replaced: calls that have begun are answered by the old
 * adapter, later ones by the new. Safe for several threads.
 */
public final class ImageClassifier implements AutoCloseable {
    private final Supplier<Classifier> opening;
    private final ReadWriteLock lock = new ReentrantReadWriteLock(true);
    private final Observer observer;
    private Classifier current;
    private volatile @Nullable String refusal;
    private boolean closed;

    /** What metrics hear of. */
    interface Observer {
        /** An observer of nothing. */
        Observer NONE = new Observer() {};

        default void predicted(List<Prediction> predictions, long nanos) {}

        default void refused() {}

        default void reloaded(boolean taken) {}
    }

    ImageClassifier(Supplier<Classifier> opening, Observer observer) {
        this.opening = opening;
        this.observer = observer;
        this.current = opening.get();
    }

    /**
     * The class names.
     *
     * @return C names, in the order of {@link Prediction#probabilities()}
     */
    public List<String> classes() {
        return with(Classifier::classes);
    }

    /**
     * Classifies an image.
     *
     * @param image a file
     * @return its class and the probabilities of all C
     * @throws InputException if the file cannot be read as an image
     */
    public Prediction classify(Path image) {
        return predict(c -> List.of(c.classify(image))).get(0);
    }

    /**
     * Classifies images in batches.
     *
     * @param images files
     * @return one prediction per image
     * @throws InputException naming the first file that cannot be read as an image
     */
    public List<Prediction> classify(List<Path> images) {
        return predict(c -> c.classify(images));
    }

    /**
     * Classifies an image in memory.
     *
     * @param image of any size and type
     * @return its class and the probabilities of all C
     */
    public Prediction classify(BufferedImage image) {
        return predict(c -> List.of(c.classify(image))).get(0);
    }

    /**
     * Classifies an image file whose bytes are in memory, such as an upload, with the limits of files on disk.
     *
     * @param file the bytes
     * @param name what messages call it
     * @return its class and the probabilities of all C
     * @throws InputException if they cannot be read as an image
     */
    public Prediction classify(byte[] file, String name) {
        return predict(c -> List.of(c.classify(file, name))).get(0);
    }

    /**
     * The embedding of an image.
     *
     * @param image a file
     * @return D numbers, of unit length
     * @throws InputException if the file cannot be read as an image
     */
    public float[] embed(Path image) {
        return with(c -> c.embed(image));
    }

    /**
     * Opens the adapter's file again and lets it take over.
     *
     * @throws InputException if the new version cannot be read; the old one stays, and {@link #refusal()} says why
     */
    public void reload() {
        Classifier next;
        try {
            next = opening.get();
        } catch (InputException e) {
            refusal = e.getMessage();
            observer.reloaded(false);
            throw e;
        }
        Classifier last;
        lock.writeLock().lock();
        try {
            last = closed ? next : current;
            current = closed ? current : next;
        } finally {
            lock.writeLock().unlock();
        }
        last.close(); // nobody uses it: readers hold the lock
        refusal = null;
        observer.reloaded(true);
    }

    /**
     * Why the newest version of the adapter was refused.
     *
     * @return one sentence, or null if the newest version answers
     */
    public @Nullable String refusal() {
        return refusal;
    }

    private List<Prediction> predict(Function<Classifier, List<Prediction>> work) {
        long begun = System.nanoTime();
        try {
            List<Prediction> predictions = with(work);
            observer.predicted(predictions, System.nanoTime() - begun);
            return predictions;
        } catch (InputException e) {
            observer.refused();
            throw e;
        }
    }

    private <T> T with(Function<Classifier, T> work) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the classifier is closed");
            }
            return work.apply(current);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Waits for calls that have begun, and frees what the classifier holds. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                current.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
