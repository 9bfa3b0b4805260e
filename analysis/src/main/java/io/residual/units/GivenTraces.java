package io.residual.units;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.ImageBatches;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.images.Batch;
import io.residual.model.ImageTextModel;
import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.units.TraceFolder.Manifest;
import io.residual.units.TraceFolder.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tracer that takes traces from folders which the user names, as {@code residual trace} writes them, before it asks another tracer.
 * A trace stands for a split if it was made by the same weights and arithmetic, and if the hash over every decoded image and label, in
 * order, is the same: the images are read and decoded for that, but do not pass through the model. The names of images are those of
 * the data at hand. For one thread at a time.
 */
public final class GivenTraces implements ImageTracer {
    /** Rounding of a unit sum in 16 bits, relative to the largest output; of one in 32 bits. */
    private static final double HALF = 1e-2;

    private static final double FULL = 1e-6;

    private final ImageTextModel model;
    private final ImageTracer others;
    private final Consumer<String> notes;
    private final Map<Path, Manifest> unused = new LinkedHashMap<>();
    private final Map<Path, Manifest> used = new LinkedHashMap<>();

    /**
     * Traces of a model.
     *
     * @param folders traces, or folders with traces of several splits
     * @param others traces what no given trace is of
     * @param notes told which trace stands for which images, and what is traced all the same
     * @throws InputException if there is no trace, or it is of another model
     */
    public GivenTraces(List<Path> folders, ImageTextModel model, ImageTracer others, Consumer<String> notes) {
        this.model = model;
        this.others = others;
        this.notes = notes;
        String arithmetic = model.arithmetic().name().toLowerCase(Locale.ROOT);
        for (Path folder : folders.stream().flatMap(f -> in(f).stream()).toList()) {
            Manifest manifest = TraceFolder.manifest(folder);
            manifest.provenance().requireModel(folder, "a trace", model.name(), model.hash());
            String made = manifest.provenance().settings().getOrDefault("arithmetic", arithmetic);
            if (!made.equals(arithmetic)) {
                throw InputException.at(
                        folder,
                        "a trace made in " + made,
                        arithmetic,
                        "Give --bf16 or leave it out, as when it was traced, or trace again");
            }
            unused.put(folder, manifest);
        }
    }

    /**
     * The traces of a folder: itself, or those directly below it.
     *
     * @throws InputException if there is none
     */
    public static List<Path> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw InputException.missing(folder, "a folder with traces");
        }
        if (TraceFolder.isOne(folder)) {
            return List.of(folder);
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> found = entries.filter(Files::isDirectory)
                    .filter(TraceFolder::isOne)
                    .sorted()
                    .toList();
            if (!found.isEmpty()) {
                return found;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
        throw InputException.at(folder, "no trace", "a trace, or a folder with traces of all splits", "Check the path");
    }

    @Override
    public UnitFrame frame() {
        return others.frame();
    }

    @Override
    public <S extends Split> Trace<S> trace(LabelledImages<S> images, String origin, Progress progress) {
        Trace<S> found = given(images, origin, progress);
        if (found != null) {
            return found;
        }
        for (Map.Entry<Path, Manifest> given : unused.entrySet()) {
            if (origin.endsWith(" " + given.getValue().split())) {
                Provenance of = given.getValue().provenance();
                throw InputException.at(
                        given.getKey(),
                        "a trace of other images, " + of.settings().getOrDefault(Provenance.SOURCE, "") + " ("
                                + count(given.getValue()) + ")",
                        "the images of " + origin + " (" + images.size() + "), or of other labels or in another order",
                        "Trace them with the same --train, --validation and other options of the data, or leave it out");
            }
        }
        notes.accept("no given trace is of " + origin + ": it is traced, unless it was before");
        return others.trace(images, origin, progress);
    }

    @Override
    public <S extends Split> @Nullable Trace<S> known(LabelledImages<S> images, String origin, Progress progress) {
        Trace<S> found = given(images, origin, progress);
        return found != null ? found : others.known(images, origin, progress);
    }

    /** The given trace of some images, or null. */
    private <S extends Split> @Nullable Trace<S> given(LabelledImages<S> images, String origin, Progress progress) {
        Map<Path, Manifest> candidates = new LinkedHashMap<>(used);
        candidates.putAll(unused);
        candidates.values().removeIf(m -> count(m) != images.size());
        Content content = candidates.isEmpty() ? null : content(images, origin, progress);
        for (Map.Entry<Path, Manifest> candidate : candidates.entrySet()) {
            Path folder = candidate.getKey();
            Manifest manifest = candidate.getValue();
            if (content != null && manifest.provenance().data().equals(content.hash)) {
                Trace<S> trace = read(folder, manifest, content.names);
                unused.remove(folder);
                used.put(folder, manifest);
                notes.accept(String.format(
                        Locale.ROOT,
                        "%s: %d images of %s (%.1f MB, the same images by hash)",
                        origin,
                        trace.size(),
                        folder,
                        bytes(folder) / 1e6));
                return trace;
            }
        }
        return null;
    }

    /** Images that a trace was asked for, those left out included. */
    private static int count(Manifest manifest) {
        try {
            return Integer.parseInt(manifest.provenance().settings().getOrDefault("images", "-1"))
                    + manifest.skipped().size();
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static <S extends Split> Trace<S> read(Path folder, Manifest manifest, List<String> names) {
        Trace<S> trace = TraceFolder.read(folder, manifest.split(), TraceFolder.inMemory());
        double most =
                2 * manifest.provenance().decompositionError() + (manifest.precision() == Precision.HALF ? HALF : FULL);
        if (trace.size() != names.size() || !(trace.decompositionError() <= most)) {
            throw InputException.at(
                    folder, "numbers that are not those that were traced", "a trace as it was written", "Trace again");
        }
        List<TraceBlock> blocks = new ArrayList<>();
        int from = 0;
        for (TraceBlock block : trace.blocks()) {
            blocks.add(block.withNames(names.subList(from, from + block.size())));
            from += block.size();
        }
        return new Trace<>(trace.frame(), blocks, trace.skipped(), trace.provenance());
    }

    /** The hash over images that can be read, and their names. */
    private record Content(String hash, List<String> names) {}

    private Content content(LabelledImages<?> images, String origin, Progress progress) {
        ContentHash hash = new ContentHash();
        List<String> names = new ArrayList<>();
        int[] order = IntStream.range(0, images.size()).toArray();
        progress.start("comparing " + origin + " with the given traces", images.size());
        try (ImageBatches batches = new ImageBatches(
                images, model.preprocessing(), order, model.image().batch())) {
            for (int done = 0; batches.hasNext(); ) {
                Batch batch = batches.next();
                batch.hashes().forEach(hash::add);
                names.addAll(batch.names());
                done += batch.size() + batch.skipped().size();
                progress.at(done);
            }
        }
        progress.finish();
        return new Content(hash.hex(), names);
    }

    private static long bytes(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            long sum = 0;
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }
}
