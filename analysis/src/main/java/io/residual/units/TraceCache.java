package io.residual.units;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.UserCache;
import io.residual.data.Split;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Traces that were made before, below the user's cache: a folder each, as {@link TraceFolder} has them, under a key that holds the
 * hashes of model and images ({@link CachedTracer}). Together they take no more than a bound; those used least recently are removed
 * first. What is damaged, or cannot be written, is traced again and is no error. Safe for several threads and processes: an entry
 * appears whole or not at all, and one that vanishes while it is read is traced again.
 */
public final class TraceCache {
    /** Megabytes of the cache, unless the environment says otherwise. */
    public static final long USUAL = 4096;

    /** The variable that says so; 0 keeps no traces. */
    public static final String VARIABLE = "RESIDUAL_TRACES_MB";

    private static final System.Logger LOG = System.getLogger(TraceCache.class.getName());
    private static final String KEY = "[0-9a-f]{64}";
    private static final double ROUNDING = 1e-6;

    private final Path folder;
    private final long most;

    /**
     * A cache.
     *
     * @param most bytes, at most
     */
    public TraceCache(Path folder, long most) {
        this.folder = folder;
        this.most = most;
    }

    /** The user's. */
    public static TraceCache ofUser() {
        return new TraceCache(UserCache.folder().resolve("traces"), bound(System.getenv()) << 20);
    }

    static long bound(Map<String, String> environment) {
        String given = environment.getOrDefault(VARIABLE, "").strip();
        if (!given.isEmpty() && !given.matches("[0-9]{1,9}")) {
            throw InputException.at(
                    VARIABLE, "'" + given + "'", "megabytes, such as " + USUAL + " (0: keep no traces)", "Correct it");
        }
        return given.isEmpty() ? USUAL : Long.parseLong(given);
    }

    /** A kept trace: how many bytes it takes, and when it was last used. */
    public record Entry(Path folder, long bytes, Instant used) {
        /** The model and the images that it is of, such as {@code world-clip, photos train: 58 images}. */
        public String what() {
            try {
                Map<String, String> settings =
                        TraceFolder.manifest(folder).provenance().settings();
                return settings.getOrDefault(Provenance.MODEL_NAME, "") + ", "
                        + settings.getOrDefault(Provenance.SOURCE, "") + ": " + settings.getOrDefault("images", "?")
                        + " images";
            } catch (InputException | UncheckedIOException e) {
                return "unreadable";
            }
        }
    }

    /** Where they are kept; the folder may not exist yet. */
    public Path folder() {
        return folder;
    }

    /** Bytes, at most. */
    public long most() {
        return most;
    }

    /** What is kept, the most recently used first. */
    public List<Entry> entries() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Entry> all = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.filter(TraceCache::isEntry).toList()) {
                try {
                    all.add(new Entry(
                            entry,
                            bytes(entry),
                            Files.getLastModifiedTime(entry).toInstant()));
                } catch (IOException | UncheckedIOException e) {
                    LOG.log(System.Logger.Level.DEBUG, "vanished: " + entry, e); // another process removed it
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
        all.sort(Comparator.comparing(Entry::used).reversed());
        return all;
    }

    private static boolean isEntry(Path path) {
        return String.valueOf(path.getFileName()).matches(KEY) && Files.isDirectory(path);
    }

    private static long bytes(Path entry) throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(entry)) {
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    /** Removes everything that is kept; gives how many bytes that were. */
    public long clear() {
        List<Entry> all = entries();
        all.forEach(e -> AtomicFiles.delete(e.folder));
        return all.stream().mapToLong(Entry::bytes).sum();
    }

    /** The trace of a key, or null if it is not there or is damaged. */
    <S extends Split> @Nullable Trace<S> find(String key, int... labels) {
        Path entry = folder.resolve(key);
        if (!Files.isDirectory(entry)) {
            return null;
        }
        try {
            Trace<S> trace = TraceFolder.cached(entry);
            if (isSound(trace, labels)) {
                touch(entry);
                return trace;
            }
        } catch (UncheckedIOException | InputException e) {
            LOG.log(System.Logger.Level.DEBUG, "damaged or gone: " + entry, e);
        }
        AtomicFiles.delete(entry);
        return null;
    }

    /** The folder of a key's trace, if all its images are there with their labels; null if it is not, or is damaged. */
    @Nullable
    Path folderOf(String key, int... labels) {
        Path entry = folder.resolve(key);
        if (!Files.isDirectory(entry)) {
            return null;
        }
        try {
            int[] seen = {0, 0};
            double[] error = {0};
            UnitFrame frame = TraceFolder.frame(entry);
            TraceFolder.Manifest manifest = TraceFolder.manifest(entry);
            boolean complete = manifest.skipped().isEmpty();
            TraceFolder.stream(entry, block -> {
                for (int label : block.labels()) {
                    seen[1] += complete && (seen[0] >= labels.length || labels[seen[0]] != label) ? 1 : 0;
                    seen[0]++;
                }
                try (NativeScope scope = NativeScope.inference()) {
                    error[0] = Math.max(error[0], block.decompositionError(frame));
                }
            });
            double most = 2 * manifest.provenance().decompositionError() + ROUNDING;
            if (seen[0] + manifest.skipped().size() == labels.length && seen[1] == 0 && error[0] <= most) {
                touch(entry);
                return entry;
            }
        } catch (UncheckedIOException | InputException e) {
            LOG.log(System.Logger.Level.DEBUG, "damaged or gone: " + entry, e);
        }
        AtomicFiles.delete(entry);
        return null;
    }

    /** The place of a trace that is about to be written. */
    Path place(String key) {
        return folder.resolve(key);
    }

    private static void touch(Path entry) {
        try {
            Files.setLastModifiedTime(entry, FileTime.from(Instant.now()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "not ours, or gone: " + entry, e); // the trace has been read
        }
    }

    /** Whether all images are there, with their labels, and the units of each still add up to the output. */
    private static boolean isSound(Trace<?> trace, int... labels) {
        int[] own = trace.labels();
        if (own.length + trace.skipped().size() != labels.length) {
            return false;
        }
        boolean same =
                own.length < labels.length || IntStream.range(0, own.length).allMatch(i -> own[i] == labels[i]);
        double most = 2 * trace.provenance().decompositionError() + ROUNDING;
        return same && trace.decompositionError() <= most;
    }

    /**
     * Keeps a trace, and removes what was used least recently if there is too much.
     *
     * @return why it was not kept; null if it was
     */
    @Nullable
    String keep(String key, Trace<?> trace) {
        if (trace.skipped().stream().anyMatch(reason -> reason.contains("memory"))) {
            return "an image needs more memory than there was"; // with more there may be one more image
        }
        long needed = trace.size() * trace.shape().kept() * Float.BYTES;
        if (needed > most) {
            return "it takes " + (needed >> 20) + " MB, and " + VARIABLE + " allows " + (most >> 20);
        }
        try {
            Path entry = folder.resolve(key);
            TraceFolder.write(entry, trace);
            evict(entry);
            return null;
        } catch (IOException | UncheckedIOException | InputException e) {
            return String.valueOf(
                    e.getMessage()); // a full disk or a folder without permission: the trace is there all the same
        }
    }

    /** Removes what was used least recently, if there is too much; {@code kept} stays. */
    void evict(Path kept) throws IOException {
        long sum = 0;
        for (Entry entry : entries()) {
            sum += entry.bytes;
            if (sum > most && !Files.isSameFile(entry.folder, kept)) {
                AtomicFiles.delete(entry.folder);
                sum -= entry.bytes;
            }
        }
    }
}
