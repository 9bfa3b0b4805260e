package io.residual.world;

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
import java.util.stream.Stream;

/**
 * The models that ship with the program. Their files lie among its resources and are copied once into the user's cache,
 * under a name that holds their hash.
 */
public final class EmbeddedModels {
    /** The first of them. */
    public static final String WORLD_CLIP = "world-clip";

    /** CLIP in open_clip's layout. */
    public static final String WORLD_OPEN_CLIP = "world-open-clip";

    /** BLIP's contrastive part. */
    public static final String WORLD_BLIP = "world-blip";

    private static final List<String> COMMON = List.of("tokenizer.json", "tokenizer_config.json", "training.json");
    private static final List<String> HUGGING_FACE =
            List.of("config.json", "model.safetensors", "preprocessor_config.json");
    private static final List<String> OPEN_CLIP = List.of("open_clip_config.json", "open_clip_model.safetensors");

    private EmbeddedModels() {}

    /** Their names with what they are. */
    public static Map<String, String> all() {
        String size = "6 layers x 8 heads, width 128 -> ";
        String world = ", 48 px; pre-trained on the embedded world";
        return new TreeMap<>(Map.of(
                WORLD_CLIP, "CLIP, " + size + "96" + world,
                WORLD_OPEN_CLIP, "OpenCLIP, QuickGELU, " + size + "96" + world,
                WORLD_BLIP, "BLIP, " + size + "64" + world));
    }

    private static List<String> files(String name) {
        return Stream.of(COMMON, name.equals(WORLD_OPEN_CLIP) ? OPEN_CLIP : HUGGING_FACE)
                .flatMap(List::stream)
                .sorted()
                .toList();
    }

    /** Whether there is one of this name. */
    public static boolean has(String name) {
        return all().containsKey(name);
    }

    /** The folder with a model's files. */
    public static Path folder(String name) {
        Map<String, byte[]> content = new TreeMap<>();
        ContentHash hash = new ContentHash();
        for (String file : files(name)) {
            byte[] bytes = resource(name, file);
            content.put(file, bytes);
            hash.add(file).add(bytes);
        }
        Path folder = UserCache.folder()
                .resolve("models")
                .resolve(name + "-" + hash.hex().substring(0, 12))
                .resolve(name);
        if (!Files.isDirectory(folder)) {
            AtomicFiles.writeFolder(folder, cached -> true, "a model", target -> {
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
