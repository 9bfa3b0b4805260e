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
    },
    BLIP {
        @Override
        ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
            return Blip.read(folder, owned);
        }
    },
    VIT {
        @Override
        ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
            return PlainVit.vit(folder, owned);
        }
    },
    DINO_V2 {
        @Override
        ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
            return PlainVit.dinoV2(folder, owned);
        }
    },
    DINO_V2_WITH_REGISTERS {
        @Override
        ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
            return PlainVit.dinoV2WithRegisters(folder, owned);
        }
    },
    DINO_V3 {
        @Override
        ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
            return PlainVit.dinoV3(folder, owned);
        }
    },
    SIGLIP {
        @Override
        ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
            return Siglip.read(folder, owned);
        }
    };

    private static final String KNOWN = "clip, siglip, blip (image-text retrieval), vit, dinov2,"
            + " dinov2_with_registers, dinov3_vit, and open_clip's own layout";

    abstract ImageTextModel.Parts read(Path folder, OwnedTensors owned);

    /** The type that a configuration without one means: by the class it names, or by its parts. */
    private static String typeOf(JsonNode config) {
        String made = config.path("architectures").path(0).asText("");
        if (made.startsWith("CLIP") && config.has("vision_config")) {
            return "clip";
        }
        if (made.equals("BlipForImageTextRetrieval")) {
            return "blip";
        }
        if (made.matches("ViT(Model|For[A-Z]\\w*|Backbone)")) {
            return "vit";
        }
        if (made.equals("SiglipModel")) {
            return "siglip";
        }
        if (made.matches("Dinov2WithRegisters(Model|For[A-Z]\\w*|Backbone)")) {
            return "dinov2_with_registers";
        }
        if (made.matches("DINOv3ViT(Model|For[A-Z]\\w*|Backbone)")) {
            return "dinov3_vit";
        }
        if (made.matches("Dinov2(Model|For[A-Z]\\w*|Backbone)")) {
            return "dinov2";
        }
        boolean parts = config.path("vision_config").isObject()
                && config.path("text_config").isObject()
                && !config.has("image_text_hidden_size");
        return made.isEmpty() && parts ? "clip" : "";
    }

    /** The family of the model in a folder. */
    static Family of(Path folder) {
        boolean openClip = Files.exists(folder.resolve("open_clip_config.json"));
        if (openClip && Checkpoint.exists(folder, OpenClip.WEIGHTS)) {
            return OPEN_CLIP;
        }
        Path file = folder.resolve("config.json");
        if (!Files.exists(file)) {
            if (openClip) {
                return OPEN_CLIP;
            }
            throw InputException.at(
                    folder, "neither config.json nor open_clip_config.json", "a model's folder", "Check the path");
        }
        JsonNode config = ModelFolder.json(file);
        String type = ModelFolder.text(config, "model_type", typeOf(config));
        return switch (type) {
            case "clip" -> CLIP;
            case "blip" -> {
                String made = config.path("architectures").path(0).asText("BlipForImageTextRetrieval");
                if (!made.equals("BlipForImageTextRetrieval")) {
                    throw InputException.at(
                            file + ", 'architectures'",
                            made,
                            "BlipForImageTextRetrieval",
                            "Only BLIP for image-text retrieval has the contrastive part");
                }
                yield BLIP;
            }
            case "vit" -> VIT;
            case "dinov2" -> DINO_V2;
            case "dinov2_with_registers" -> DINO_V2_WITH_REGISTERS;
            case "dinov3_vit" -> DINO_V3;
            case "siglip" -> {
                String made = config.path("architectures").path(0).asText("SiglipModel");
                if (!made.equals("SiglipModel")) {
                    throw InputException.at(
                            file + ", 'architectures'",
                            made,
                            "SiglipModel",
                            "Only the whole SigLIP has the pooled embedding and the text tower that its units are read with");
                }
                yield SIGLIP;
            }
            case "siglip2" ->
                throw InputException.at(
                        file + ", 'model_type'",
                        "'siglip2', which is NaFlex",
                        "one of " + KNOWN,
                        "NaFlex takes images in their own shape, with padding among the patches, and such batches are not"
                                + " supported; SigLIP 2 with a fixed resolution is (its model_type is siglip)");
            default ->
                throw InputException.at(
                        file + ", 'model_type'",
                        type.isEmpty()
                                ? "nothing known ('architectures' " + config.path("architectures") + ")"
                                : "'" + type + "'",
                        "one of the known architectures: " + KNOWN,
                        "This architecture is not supported");
        };
    }
}
