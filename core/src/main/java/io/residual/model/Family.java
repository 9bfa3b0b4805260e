package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The families of models, and how a folder tells which one it holds. */
enum Family {
    CLIP {
        @Override
        ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
            return HuggingFaceClip.read(folder, owned);
        }
    },
    OPEN_CLIP {
        @Override
        ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
            return OpenClip.read(folder, owned);
        }
    };

    private static final String KNOWN = "clip (CLIPModel), open_clip";

    abstract ImageTextModel.Parts read(Path folder, OwnedTensors owned);

    /** The family of the model in a folder. */
    static Family of(Path folder) {
        if (Files.exists(folder.resolve("open_clip_config.json")) && Files.exists(folder.resolve(OpenClip.WEIGHTS))) {
            return OPEN_CLIP;
        }
        Path file = folder.resolve("config.json");
        if (!Files.exists(file)) {
            if (Files.exists(folder.resolve("open_clip_config.json"))) {
                return OPEN_CLIP;
            }
            throw InputException.at(
                    folder, "neither config.json nor open_clip_config.json", "a model's folder", "Check the path");
        }
        JsonNode config = ModelFolder.json(file);
        String type = ModelFolder.text(config, "model_type", "");
        if (type.equals("clip")) {
            return CLIP;
        }
        throw InputException.at(
                file + ", 'model_type'",
                type.isEmpty() ? "nothing" : "'" + type + "'",
                "one of the known architectures: " + KNOWN,
                "This architecture is not supported");
    }
}
