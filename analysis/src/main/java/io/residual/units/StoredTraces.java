package io.residual.units;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.LabelledImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Traces on disk that are read block by block, as often as wanted: memory does not grow with the number of images, and no image is
 * encoded twice. They lie in the user's {@link TraceCache}, where later commands find them; those that the cache does not take lie in
 * a scratch folder beside it, which {@link #close} removes, or the next process if this one is killed. For one thread at a time.
 */
public final class StoredTraces implements AutoCloseable {
    private static final String NAME = "stored";

    private final Tracer tracer;
    private final @Nullable TraceCache cache;
    private final Consumer<String> notes;
    private final List<Path> temporary = new ArrayList<>();
    private boolean told;

    /**
     * Traces of a model.
     *
     * @param cache where traces are looked for and kept; null for neither
     * @param notes told, once, that traces are reused, and whatever could not be kept
     */
    public StoredTraces(Tracer tracer, @Nullable TraceCache cache, Consumer<String> notes) {
        this.tracer = tracer;
        this.cache = cache;
        this.notes = notes;
    }

    /** The frame of the model's units. */
    public UnitFrame frame() {
        return tracer.frame();
    }

    /**
     * The folder with the trace of some images, which are traced now unless they were before. It is to be read with
     * {@link TraceFolder#stream}.
     *
     * @param origin of the images, for provenance
     * @param beside how many further images of the same data set will be traced; the cache must hold all
     * @throws InputException if not one image can be read
     */
    public Path folder(LabelledImages<?> images, String origin, int beside, Progress progress) {
        TraceCache of = cache;
        if (of == null) {
            return temporary(images, origin, progress);
        }
        String key = CachedTracer.key(tracer.model(), images, origin, progress);
        Path known = of.folderOf(key, images.labels());
        if (known != null) {
            tell(origin, of);
            return known;
        }
        long needed = ((long) images.size() + beside) * frame().shape().kept() * Float.BYTES;
        if (needed > of.most()) {
            notes.accept("the traces are not kept for later commands: they take " + (needed >> 20) + " MB, and "
                    + TraceCache.VARIABLE + " allows " + (of.most() >> 20));
            return temporary(images, origin, progress);
        }
        Path place = of.place(key);
        try {
            Files.createDirectories(of.folder());
            List<String> skipped = write(place, images, origin, progress);
            if (skipped.stream().anyMatch(reason -> reason.contains("memory"))) {
                temporary.add(place); // with more memory there may be one more image
            }
            of.evict(place);
            return place;
        } catch (IOException | UncheckedIOException e) {
            notes.accept("the trace of " + origin + " is not kept for later commands: " + e.getMessage());
            return temporary(images, origin, progress);
        } catch (InputException e) {
            if (!isOfDisk(e, of.folder())) {
                throw e;
            }
            notes.accept("the trace of " + origin + " is not kept for later commands: " + e.getMessage());
            return temporary(images, origin, progress);
        }
    }

    /** Whether a folder could not be written, and the input is not at fault. */
    static boolean isOfDisk(InputException e, Path folder) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return !Files.isWritable(folder);
    }

    private void tell(String origin, TraceCache of) {
        if (!told) {
            told = true;
            notes.accept(origin + " was traced before: reused from " + of.folder()
                    + " (residual cache --clear empties it, --no-cache traces anew)");
        }
    }

    private Path temporary(LabelledImages<?> images, String origin, Progress progress) {
        try {
            Path folder = scratch();
            temporary.add(folder);
            Path trace = folder.resolve("trace");
            write(trace, images, origin, progress);
            return trace;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write traces to a temporary folder: " + e.getMessage(), e);
        }
    }

    /** Where large traces lie while they are made, and what a killed process left there is removed; else in the temporary folder. */
    private static Path scratch() throws IOException {
        try {
            return AtomicFiles.scratchFolder(LargeTrace.usualPlace().resolve(NAME));
        } catch (IOException | UncheckedIOException | InputException e) {
            return AtomicFiles.scratchFolder(); // the cache's folder cannot be written
        }
    }

    private List<String> write(Path target, LabelledImages<?> images, String origin, Progress progress) {
        int classes = Arrays.stream(images.labels()).max().orElse(0) + 1;
        return TraceFolder.write(
                        target,
                        tracer,
                        images,
                        TraceFolder.CACHED,
                        IntStream.range(0, classes).mapToObj(String::valueOf).toList(),
                        origin,
                        TraceFolder.Precision.FULL,
                        progress)
                .skipped();
    }

    /** Removes what lies in temporary folders. */
    @Override
    public void close() {
        temporary.forEach(AtomicFiles::delete);
    }
}
