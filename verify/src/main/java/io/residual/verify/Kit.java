package io.residual.verify;

import io.residual.base.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A conformance kit of any kind: a model with its reference's values, what its heads read where, images with
 * Pillow's, or texts with token ids. */
public final class Kit {
    private Kit() {}

    /**
     * Compares everything the kit has expectations for.
     *
     * @param texts for a model's kit, the file with the kits' texts; see {@link KitVerifier#verify}
     * @throws InputException if the folder is no kit
     */
    public static List<Check> verify(Path kit, @Nullable Path texts) {
        if (Files.isDirectory(kit.resolve("good")) && Files.exists(kit.resolve("expected.safetensors"))) {
            return ImageKit.verify(kit);
        }
        boolean model = Files.exists(kit.resolve("config.json")) || Files.exists(kit.resolve("open_clip_config.json"));
        if (!model && Files.exists(kit.resolve("tokenizer.json")) && Files.exists(kit.resolve("expected.json"))) {
            return TokenKit.verify(kit);
        }
        if (!model && WhereKit.is(kit)) {
            return WhereKit.verify(kit);
        }
        return KitVerifier.verify(kit, texts);
    }
}
