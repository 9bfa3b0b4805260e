package io.residual.units;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.ImageBatches;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.images.Batch;
import io.residual.images.Orientation;
import io.residual.images.Preprocessing;
import io.residual.model.ImageTextModel;
import io.residual.model.PassHooks;
import io.residual.model.Residuals;
import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Runs images through an image tower and keeps what its units contributed. Images are read, decoded and resized a
 * few batches ahead on other threads; each batch's native memory is freed before the next.
 */
public final class Tracer implements ImageTracer {
    /** Images that are kept in memory together. */
    private static final int TOGETHER = 256;

    private final ImageTextModel model;
    private final UnitFrame frame;
    private final UnitSplitter splitter;
    private final PassHooks changes;
    private final long inMemory;
    private final Path disk;
    private volatile Consumer<String> notes = note -> {};

    /** A tracer of a model; it computes the model's {@link UnitFrame} once. */
    public Tracer(ImageTextModel model) {
        this(model, PassHooks.NONE);
    }

    /** A tracer of a model whose frame is at hand: that of a trace of this model. A large model's takes a second or two to compute. */
    public Tracer(ImageTextModel model, UnitFrame frame) {
        this(model, frame, PassHooks.NONE, TraceFolder.inMemory(), LargeTrace.usualPlace());
    }

    /** A tracer whose passes are changed on their way; units are what they are after the changes. */
    public Tracer(ImageTextModel model, PassHooks changes) {
        this(model, changes, TraceFolder.inMemory(), LargeTrace.usualPlace());
    }

    /**
     * The same.
     *
     * @param inMemory bytes of a trace that is held in memory; a larger one is kept on disk, if anything can be written there
     * @param disk where
     */
    Tracer(ImageTextModel model, PassHooks changes, long inMemory, Path disk) {
        this(model, UnitFrame.of(model.image()), changes, inMemory, disk);
    }

    private Tracer(ImageTextModel model, UnitFrame frame, PassHooks changes, long inMemory, Path disk) {
        this.inMemory = inMemory;
        this.disk = disk;
        this.changes = changes;
        this.model = model;
        this.frame = frame;
        this.splitter = UnitSplitter.of(model.image(), frame.shape());
    }

    /** Gives this, which tells from now on of a large trace that it holds in memory because nothing can be written. */
    public Tracer noting(Consumer<String> notes) {
        this.notes = notes;
        return this;
    }

    /** The model. */
    public ImageTextModel model() {
        return model;
    }

    @Override
    public UnitFrame frame() {
        return frame;
    }

    /** The metadata of a trace, without its blocks. */
    public record Summary(int images, List<String> skipped, Provenance provenance) {
        /**
         * The metadata of a trace.
         *
         * @param data hash over every traced image, in order
         * @param error the largest decomposition error
         * @param origin origin of the images, for provenance
         * @throws InputException if there is no image
         */
        public static Summary of(
                ImageTextModel model, ContentHash data, double error, String origin, int images, List<String> skipped) {
            if (images == 0) {
                String first = skipped.isEmpty() ? "none there" : skipped.get(0);
                throw InputException.at(
                        origin, "no readable image (first problem: " + first + ")", "at least one", "Check the files");
            }
            Map<String, String> settings = new TreeMap<>(Orientation.settings());
            settings.putAll(Map.of(
                    "arithmetic",
                    model.arithmetic().name().toLowerCase(Locale.ROOT),
                    Provenance.SOURCE,
                    origin,
                    "images",
                    String.valueOf(images),
                    "skipped",
                    String.valueOf(skipped.size()),
                    Provenance.MODEL_NAME,
                    model.name()));
            return new Summary(
                    images,
                    skipped,
                    Provenance.now(model.hash(), data.hex(), 0, error, settings).checked(model.selfCheck()));
        }
    }

    @Override
    public <S extends Split> Trace<S> trace(LabelledImages<S> images, String origin, Progress progress) {
        long bytes = (long) images.size() * frame.shape().kept() * Float.BYTES;
        try (LargeTrace large = bytes > inMemory ? large(bytes) : null) {
            if (large != null) {
                Summary summary = trace(images, origin, progress, large::add);
                return new Trace<>(frame, large.finish(), summary.skipped, summary.provenance);
            }
        }
        List<TraceBlock> blocks = new ArrayList<>();
        List<TraceBlock> waiting = new ArrayList<>(); // few large blocks are cheaper to analyse than many small ones
        Summary summary = trace(images, origin, progress, block -> {
            waiting.add(block);
            if (waiting.stream().mapToInt(TraceBlock::size).sum() >= TOGETHER) {
                blocks.add(TraceBlock.joined(waiting));
                waiting.clear();
            }
        });
        if (!waiting.isEmpty()) {
            blocks.add(TraceBlock.joined(waiting));
        }
        return new Trace<>(frame, blocks, summary.skipped, summary.provenance);
    }

    /** A place on disk; null where there is none, but the heap can hold the trace all the same. */
    private @Nullable LargeTrace large(long bytes) {
        try {
            return new LargeTrace(frame.shape(), disk, bytes);
        } catch (InputException | UncheckedIOException e) {
            if (bytes < Runtime.getRuntime().maxMemory() / 10 * 9) {
                notes.accept("the trace is held in memory, where it takes " + (bytes >> 20)
                        + " MB, because it cannot be kept on disk: " + e.getMessage());
                return null;
            }
            throw e;
        }
    }

    /**
     * Traces images and passes each block on as soon as it is complete.
     *
     * @param origin origin of the images, for provenance
     * @throws InputException if not one image can be read
     */
    public Summary trace(LabelledImages<?> images, String origin, Progress progress, Consumer<TraceBlock> sink) {
        progress.start("tracing " + origin, images.size());
        List<String> skipped = new ArrayList<>();
        ContentHash data = new ContentHash();
        double error = 0;
        int traced = 0;
        int[] order = IntStream.range(0, images.size()).toArray();
        try (ImageBatches batches = new ImageBatches(
                images, model.preprocessing(), order, model.image().batch())) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                skipped.addAll(batch.skipped());
                batch.hashes().forEach(data::add);
                if (batch.size() > 0) {
                    TraceBlock block = encode(batch.pixels(), batch.labels(), batch.names())
                            .requireFinite();
                    try (NativeScope scope = NativeScope.inference()) {
                        error = Math.max(error, block.decompositionError(frame));
                    }
                    traced += block.size();
                    sink.accept(block);
                }
                progress.at(traced + (long) skipped.size());
            }
        }
        progress.finish();
        return Summary.of(model, data, error, origin, traced, skipped);
    }

    /**
     * Traces preprocessed images, all in one forward pass.
     *
     * @param pixels n · 3 · height · width numbers, of the size that preprocessing gives or else square
     */
    public TraceBlock encode(float[] pixels, int[] labels, List<String> names) {
        return encode(pixels, labels, names, input -> model.image().trace(input, changes));
    }

    /** The units of a forward pass that has been made, of images in its order. */
    public TraceBlock units(Residuals residuals, int[] labels, List<String> names) {
        return splitter.split(residuals, labels, names);
    }

    /** As {@link #encode(float[], int[], List)}; {@code pass} is the forward pass, which may be watched or changed. */
    public TraceBlock encode(float[] pixels, int[] labels, List<String> names, Function<Tensor, Residuals> pass) {
        Preprocessing preprocessing = model.preprocessing();
        try (NativeScope scope = NativeScope.inference()) {
            long n = labels.length;
            long area = pixels.length / (n * 3);
            boolean usual = area == (long) preprocessing.inputHeight() * preprocessing.inputWidth();
            long height = usual ? preprocessing.inputHeight() : Math.round(Math.sqrt((double) area));
            if (height == 0 || area % height != 0) {
                throw new IllegalArgumentException(area + " pixels are no rectangle of height " + height);
            }
            return splitter.split(pass.apply(Tensors.of(pixels, n, 3, height, area / height)), labels, names);
        }
    }
}
