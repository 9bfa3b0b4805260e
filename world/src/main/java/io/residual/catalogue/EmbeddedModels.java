package io.residual.catalogue;

import io.residual.base.AtomicFiles;
import io.residual.base.UserCache;
import io.residual.provenance.ContentHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The models that ship with the program. Their files lie among its resources and are copied once into the user's cache,
 * under a name that holds their hash.
 */
public final class EmbeddedModels {
    /** The first of them. */
    public static final String WORLD_CLIP = "world-clip";

    private static final List<String> FILES = List.of(
            "config.json",
            "model.safetensors",
            "preprocessor_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "training.json");

    private EmbeddedModels() {}

    /** Their names with what they are. */
    public static Map<String, String> all() {
        return new TreeMap<>(Map.of(
                WORLD_CLIP, "CLIP, 6 layers x 8 heads, width 128 -> 96, 48 px; pre-trained on the embedded world"));
    }

    /** Whether there is one of this name. */
    public static boolean has(String name) {
        return all().containsKey(name);
    }

    /** The folder with a model's files. */
    public static Path folder(String name) {
        Map<String, byte[]> content = new TreeMap<>();
        ContentHash hash = new ContentHash();
        for (String file : FILES) {
            byte[] bytes = resource(name, file);
            content.put(file, bytes);
            hash.add(file).add(bytes);
        }
        Path folder = UserCache.folder()
                .resolve("models")
                .resolve(name + "-" + hash.hex().substring(0, 12))
                .resolve(name);
        if (!Files.isDirectory(folder)) {
            AtomicFiles.writeFolder(folder, target -> {
                for (Map.Entry<String, byte[]> file : content.entrySet()) {
                    Files.write(target.resolve(file.getKey()), file.getValue());
                }
            });
        }
        return folder;
    }

    private static byte[] resource(String name, String file) {
        String path = "/io/residual/models/" + name + "/" + file;
        try (InputStream in = EmbeddedModels.class.getResourceAsStream(path)) {
            return Objects.requireNonNull(in, () -> "the program lacks its resource " + path)
                    .readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + path, e);
        }
    }
}
