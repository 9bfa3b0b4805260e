package io.residual.description;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.UserCache;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.provenance.ContentHash;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.CachedTracer;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings of long lists of texts, on disk, since a dictionary of 1,500 texts takes a large model's text tower a minute. A list is found
 * by a hash of this version and build, the model's files and arithmetic, and the texts in order; its values carry a hash of their
 * own. What is damaged is encoded again, and what cannot be written costs only time. The lists used least recently are removed beyond
 * {@value #MOST}. Safe for several threads and processes.
 */
public final class KeptTexts {
    /** Lists that are kept, at most; one of 1,500 texts takes 5 MB at 768 dimensions. */
    public static final int MOST = 16;

    /** Fewer texts are encoded anew, which takes seconds at most. */
    static final int LEAST = 500;

    private static final System.Logger LOG = System.getLogger(KeptTexts.class.getName());
    private static final String ENDING = ".safetensors";
    private static final String VALUES = "embeddings";
    private static final String HASH = "values";

    private final Path folder;

    /** Lists kept in a folder, which may not exist yet. */
    public KeptTexts(Path folder) {
        this.folder = folder;
    }

    /** The user's. */
    public static KeptTexts ofUser() {
        return new KeptTexts(UserCache.folder().resolve("texts"));
    }

    /** The dictionary of some texts under a model: as {@link Dictionary#of(List, ImageTextModel)}, encoded once. */
    public Dictionary dictionary(List<String> texts, ImageTextModel model) {
        if (texts.size() < LEAST) {
            return Dictionary.of(texts, model);
        }
        int d = model.image().config().sharedWidth();
        Path file = folder.resolve(key(texts, model) + ENDING);
        float @Nullable [] known = find(file, texts.size(), d);
        if (known != null) {
            return Dictionary.of(texts, known);
        }
        float[] made = model.encodeTexts(texts, Overlong.CUT);
        Dictionary dictionary = Dictionary.of(texts, made); // before anything is kept: it refuses what is no direction
        keep(file, made, texts.size(), d);
        return dictionary;
    }

    /** Bytes that are kept. */
    public long bytes() {
        return lists().stream().mapToLong(KeptTexts::size).sum();
    }

    /** Removes everything that is kept; gives how many bytes that were. */
    public long clear() {
        long all = bytes();
        lists().forEach(AtomicFiles::delete);
        return all;
    }

    private static String key(List<String> texts, ImageTextModel model) {
        ContentHash hash = new ContentHash()
                .add(CachedTracer.computing(model, KeptTexts.class))
                .add(texts.size());
        texts.forEach(hash::add);
        return hash.hex();
    }

    private static float @Nullable [] find(Path file, int texts, int width) {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try (SafetensorsFile kept = SafetensorsFile.open(file);
                NativeScope scope = NativeScope.inference()) {
            float[] values = Tensors.floats(kept.read(VALUES, "It is encoded again", texts, width));
            if (hash(values).equals(kept.metadata().get(HASH))) {
                touch(file);
                return values;
            }
        } catch (UncheckedIOException | InputException e) {
            LOG.log(System.Logger.Level.DEBUG, "damaged or gone: " + file, e);
        }
        return null;
    }

    private void keep(Path file, float[] values, int texts, int width) {
        try {
            new SafetensorsWriter()
                    .metadata(HASH, hash(values))
                    .add(VALUES, values, texts, width)
                    .write(file);
            lists().stream().skip(MOST).forEach(AtomicFiles::delete);
        } catch (UncheckedIOException | InputException e) {
            LOG.log(System.Logger.Level.DEBUG, "not kept: " + file, e); // the dictionary is there all the same
        }
    }

    private static String hash(float... values) {
        ContentHash hash = new ContentHash();
        for (float value : values) {
            hash.add(Float.floatToIntBits(value));
        }
        return hash.hex();
    }

    /** What is kept, the most recently used first. */
    private List<Path> lists() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = new ArrayList<>(
                    files.filter(f -> Objects.toString(f.getFileName()).matches("[0-9a-f]{64}\\" + ENDING))
                            .toList());
            all.sort(Comparator.comparing(KeptTexts::used).reversed());
            return all;
        } catch (IOException | UncheckedIOException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot list " + folder, e);
            return List.of();
        }
    }

    private static Instant used(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH; // another process removed it
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0; // another process removed it
        }
    }

    private static void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "not ours, or gone: " + file, e); // the values have been read
        }
    }
}
