package io.residual.units;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.images.LabelledPictures;
import io.residual.images.Picture;
import io.residual.images.Preprocessing;
import io.residual.images.Split;
import io.residual.images.UnreadablePictureException;
import io.residual.model.ImageTextModel;
import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Runs pictures through an image tower and keeps what its units contributed. Pictures are read, decoded and resized a
 * few batches ahead on other threads; each batch's native memory is freed before the next.
 */
public final class Tracer {
    /** Images a forward pass. */
    static final int BATCH = 32;

    private static final int AHEAD = 4;

    private final ImageTextModel model;
    private final UnitFrame frame;
    private final UnitSplitter splitter;

    /** A tracer of a model; it computes the model's {@link UnitFrame} once. */
    public Tracer(ImageTextModel model) {
        this.model = model;
        this.frame = UnitFrame.of(model.image());
        this.splitter = new UnitSplitter(model.image(), frame.shape());
    }

    /** The model. */
    public ImageTextModel model() {
        return model;
    }

    /** The model's frame. */
    public UnitFrame frame() {
        return frame;
    }

    /** What a trace says of itself besides its blocks. */
    public record Summary(int images, List<String> skipped, Provenance provenance) {}

    /** Traces pictures and keeps them in memory. */
    public <S extends Split> Trace<S> trace(LabelledPictures<S> pictures, String origin, Progress progress) {
        List<TraceBlock> blocks = new ArrayList<>();
        Summary summary = trace(pictures, origin, progress, blocks::add);
        return new Trace<>(frame, blocks, summary.skipped, summary.provenance);
    }

    /**
     * Traces pictures and hands on each block as it is done.
     *
     * @param origin of the pictures, for provenance
     * @throws InputException if not one picture can be read
     */
    public Summary trace(LabelledPictures<?> pictures, String origin, Progress progress, Consumer<TraceBlock> sink) {
        progress.start("tracing " + origin, pictures.size());
        List<String> skipped = new ArrayList<>();
        ContentHash data = new ContentHash();
        double error = 0;
        int images = 0;
        int workers = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        ExecutorService readers = Executors.newFixedThreadPool(workers, task -> {
            Thread thread = new Thread(task, "pictures");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Deque<Future<Batch>> ready = new ArrayDeque<>();
            int next = 0;
            while (next < pictures.size() || !ready.isEmpty()) {
                while (next < pictures.size() && ready.size() < AHEAD * workers) {
                    int from = next;
                    int to = Math.min(from + BATCH, pictures.size());
                    ready.add(readers.submit(() -> read(pictures, from, to)));
                    next = to;
                }
                Batch batch = take(ready.remove());
                skipped.addAll(batch.skipped);
                batch.hashes.forEach(data::add);
                if (batch.size() > 0) {
                    TraceBlock block = encode(batch);
                    try (NativeScope scope = NativeScope.inference()) {
                        error = Math.max(error, block.decompositionError(frame));
                    }
                    images += block.size();
                    sink.accept(block);
                }
                progress.at(images + (long) skipped.size());
            }
        } finally {
            readers.shutdownNow();
        }
        progress.finish();
        if (images == 0) {
            throw InputException.at(
                    origin,
                    "no readable picture (first problem: " + (skipped.isEmpty() ? "none there" : skipped.get(0)) + ")",
                    "at least one",
                    "Check the files");
        }
        Provenance provenance = Provenance.now(
                        model.hash(),
                        data.hex(),
                        0,
                        error,
                        Map.of(
                                "pictures", origin,
                                "images", String.valueOf(images),
                                "skipped", String.valueOf(skipped.size()),
                                "model folder", String.valueOf(model.folder().getFileName())))
                .certified(model.certificate());
        return new Summary(images, skipped, provenance);
    }

    private TraceBlock encode(Batch batch) {
        return encode(
                batch.pixels, batch.labels.stream().mapToInt(Integer::intValue).toArray(), batch.names);
    }

    /**
     * Traces preprocessed pictures, all in one forward pass.
     *
     * @param pixels n · 3 · height · width numbers
     */
    public TraceBlock encode(float[] pixels, int[] labels, List<String> names) {
        Preprocessing preprocessing = model.preprocessing();
        try (NativeScope scope = NativeScope.inference()) {
            long n = labels.length;
            long area = pixels.length / (n * 3);
            long height = preprocessing.inputHeight();
            return splitter.split(model.image().trace(Tensors.of(pixels, n, 3, height, area / height)), labels, names);
        }
    }

    /** Preprocessed pictures, those that could be read. */
    private record Batch(
            float[] pixels, List<Integer> labels, List<String> names, List<byte[]> hashes, List<String> skipped) {
        int size() {
            return labels.size();
        }
    }

    private Batch read(LabelledPictures<?> pictures, int from, int to) {
        Preprocessing preprocessing = model.preprocessing();
        int length = preprocessing.inputLength();
        float[] pixels = new float[(to - from) * length];
        List<Integer> labels = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<byte[]> hashes = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        for (int i = from; i < to; i++) {
            try {
                Picture picture = pictures.read(i);
                preprocessing.apply(picture, pixels, labels.size() * length);
                String hash = new ContentHash()
                        .add(picture.width())
                        .add(picture.rgb())
                        .add(pictures.label(i))
                        .hex();
                hashes.add(HexFormat.of().parseHex(hash));
                labels.add(pictures.label(i));
                names.add(pictures.name(i));
            } catch (UnreadablePictureException e) {
                skipped.add(e.getMessage());
            } catch (IllegalArgumentException e) {
                skipped.add(pictures.name(i) + ": cannot be preprocessed (" + e.getMessage() + ")");
            }
        }
        float[] used = labels.size() == to - from ? pixels : java.util.Arrays.copyOf(pixels, labels.size() * length);
        return new Batch(used, labels, names, hashes, skipped);
    }

    private static Batch take(Future<Batch> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("cannot read pictures", e.getCause());
        }
    }
}
