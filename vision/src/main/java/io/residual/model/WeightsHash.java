package io.residual.model;

import io.residual.provenance.ContentHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hash of a model's weights, which is its identity. A model of one file is known by it before the file is opened; the hash that was
 * computed for that serves the opening once, so that a file is hashed once. Safe for several threads.
 */
final class WeightsHash {
    private static final Map<Stamp, String> BEFORE = new ConcurrentHashMap<>();

    private WeightsHash() {}

    private record Stamp(Path file, long size, FileTime written) {
        static Stamp of(Path file) throws IOException {
            return new Stamp(file.toRealPath(), Files.size(file), Files.getLastModifiedTime(file));
        }
    }

    /** The hash of a model's files. */
    static String of(List<Path> files) {
        if (files.size() == 1 && !BEFORE.isEmpty()) {
            try {
                String known = BEFORE.remove(Stamp.of(files.get(0)));
                if (known != null) {
                    return known;
                }
            } catch (IOException e) {
                System.getLogger(WeightsHash.class.getName()).log(System.Logger.Level.DEBUG, "no stamp", e);
            }
        }
        ContentHash hash = new ContentHash();
        files.forEach(hash::add);
        return hash.hex();
    }

    /** The hash of the model in a folder; null unless its weights are one file. */
    static @Nullable String before(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> weights = entries.filter(
                            f -> String.valueOf(f.getFileName()).endsWith(".safetensors"))
                    .toList();
            if (weights.size() != 1 || !Files.isRegularFile(weights.get(0))) {
                return null;
            }
            Stamp stamp = Stamp.of(weights.get(0));
            String hash = of(weights);
            BEFORE.put(stamp, hash);
            return hash;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }
}
