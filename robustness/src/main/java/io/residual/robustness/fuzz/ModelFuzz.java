package io.residual.robustness.fuzz;

import io.residual.catalogue.Models;
import io.residual.model.ImageTextModel;
import io.residual.world.EmbeddedModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The JSON and text files beside a model's weights: the first byte says which file of which family. */
public final class ModelFuzz {
    private ModelFuzz() {}

    private static final List<Path> FILES = files();

    /** Folders in which every file but the weights may be replaced. */
    private static List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (String name :
                List.of(EmbeddedModels.WORLD_CLIP, EmbeddedModels.WORLD_OPEN_CLIP, EmbeddedModels.WORLD_BLIP)) {
            try (ImageTextModel model = Models.open(name);
                    Stream<Path> all = Files.list(model.folder())) {
                Path folder = Files.createDirectories(Scratch.at(name));
                for (Path file : all.sorted().toList()) {
                    Path copy = Files.copy(file, folder.resolve(file.getFileName()));
                    if (!copy.toString().endsWith(".safetensors")) {
                        files.add(copy);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return List.copyOf(files);
    }

    /** The files that are replaced, by number. */
    static List<Path> replaceable() {
        return FILES;
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        Path file = FILES.get(Math.floorMod(data[0], FILES.size()));
        byte[] before = Files.readAllBytes(file);
        try {
            Files.write(file, Arrays.copyOfRange(data, 1, data.length));
            Scratch.read(() -> ImageTextModel.open(file.resolveSibling("")).close());
        } finally {
            Files.write(file, before);
        }
    }
}
