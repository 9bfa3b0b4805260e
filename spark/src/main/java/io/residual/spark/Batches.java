package io.residual.spark;

import io.residual.images.Batch;
import io.residual.images.ImageDecoder;
import io.residual.images.Preprocessed;
import io.residual.images.Preprocessing;
import io.residual.images.UnreadableImageException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.Row;

/**
 * A task's images, batch by batch, turned into rows; holds one batch at a time however many images there are. Reading and
 * computing take turns on the task's own thread, since its neighbours keep the other cores busy.
 */
final class Batches implements Iterator<Row> {
    private final ImageStream images;
    private final Predicate<String> wanted;
    private final Preprocessing preprocessing;
    private final int size;
    private final Function<Batch, List<Row>> compute;
    private final Function<String, Row> failed;
    private final ArrayDeque<Row> ready = new ArrayDeque<>();

    /**
     * Rows of images.
     *
     * @param wanted names of the images that count
     * @param size images a batch
     * @param failed the row of an image that could not be read
     */
    Batches(
            ImageStream images,
            Predicate<String> wanted,
            Preprocessing preprocessing,
            int size,
            Function<Batch, List<Row>> compute,
            Function<String, Row> failed) {
        this.images = images;
        this.wanted = wanted;
        this.preprocessing = preprocessing;
        this.size = size;
        this.compute = compute;
        this.failed = failed;
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && images.hasNext()) {
            Preprocessed filling = new Preprocessed(preprocessing, size);
            while (filling.size() < size && images.hasNext()) {
                RawImage raw = images.next();
                if (wanted.test(raw.name())) {
                    filling.add(raw.name(), raw.label(), () -> {
                        byte[] bytes = raw.bytes();
                        if (bytes == null) {
                            throw new UnreadableImageException(raw.name(), String.valueOf(raw.problem()));
                        }
                        return ImageDecoder.decode(bytes, raw.name());
                    });
                }
            }
            Batch batch = filling.toBatch();
            if (batch.size() > 0) {
                ready.addAll(compute.apply(batch));
            }
            batch.skipped().forEach(reason -> ready.add(failed.apply(reason)));
        }
        return !ready.isEmpty();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }
}
