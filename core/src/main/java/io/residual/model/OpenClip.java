package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** CLIP as open_clip publishes it: {@code open_clip_config.json}, {@code open_clip_model.safetensors}. */
final class OpenClip {
    static final String WEIGHTS = "open_clip_model.safetensors";
    private static final double EPS = 1e-5;

    private OpenClip() {}

    static ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("open_clip_config.json");
        JsonNode root = ModelFolder.json(file);
        JsonNode config = root.path("model_cfg");
        JsonNode vision = config.path("vision_cfg");
        JsonNode text = config.path("text_cfg");
        requirePlain(file, vision, text);
        Activation activation = config.path("quick_gelu").asBoolean(false) ? Activation.QUICK_GELU : Activation.GELU;
        int shared = ModelFolder.positive(file, config, "embed_dim", 512);
        int width = ModelFolder.positive(file, vision, "width", 768);
        int headWidth = ModelFolder.positive(file, vision, "head_width", 64);
        ImageConfig image = ModelFolder.imageConfig(
                file,
                ModelFolder.positive(file, vision, "image_size", 224),
                ModelFolder.positive(file, vision, "patch_size", 16),
                width,
                ModelFolder.positive(file, vision, "layers", 12),
                Math.max(1, width / headWidth),
                shared,
                activation);
        int context = ModelFolder.positive(file, text, "context_length", 77);
        int textWidth = ModelFolder.positive(file, text, "width", 512);
        int vocabulary = ModelFolder.positive(file, text, "vocab_size", 49408);
        try (Checkpoint weights = Checkpoint.open(folder, WEIGHTS)) {
            weights.locate("visual.conv1.weight");
            Reader reader = new Reader(new WeightReader(weights, owned));
            ImageWeights imageWeights =
                    reader.image(image, (long) (width * ModelFolder.positive(file, vision, "mlp_ratio", 4.0)));
            ClipTextTower.Weights textWeights = new ClipTextTower.Weights(
                    reader.from.tensor("token_embedding.weight", vocabulary, textWidth),
                    reader.from.tensor("positional_embedding", context, textWidth),
                    reader.blocks(
                            "transformer.resblocks.", ModelFolder.positive(file, text, "layers", 12), textWidth, (long)
                                    (textWidth * ModelFolder.positive(file, text, "mlp_ratio", 4.0))),
                    reader.from.norm("ln_final", textWidth, EPS),
                    new Linear(reader.from.transposed("text_projection", textWidth, shared), null));
            double scale = Math.exp(weights.readAny("logit_scale").item_double());
            return new ImageTextModel.Parts(
                    "OpenCLIP",
                    new ImageTower(image, imageWeights),
                    new ClipTextTower(
                            textWeights,
                            ModelFolder.positive(file, text, "heads", 8),
                            activation,
                            new ClipTextTower.EndOfText.HighestId()),
                    TextTokenizer.open(folder.resolve("tokenizer.json"), context, 0),
                    PreprocessorFiles.openClip(file, root.path("preprocess_cfg"), image.imageSize()),
                    scale,
                    weights,
                    Guards.openClip(folder, activation));
        }
    }

    /** Variants whose forward pass is another one are refused rather than computed wrongly. */
    private static void requirePlain(Path file, JsonNode vision, JsonNode text) {
        for (String key : List.of(
                "timm_model_name",
                "attentional_pool",
                "attn_pooler_queries",
                "global_average_pool",
                "ls_init_value",
                "no_ln_pre",
                "final_ln_after_pool",
                "patch_dropout_eval")) {
            JsonNode value = vision.path(key);
            if (value.isTextual() || value.isNumber() || value.asBoolean(false)) {
                throw unsupported(file, "vision_cfg." + key, value);
            }
        }
        for (String key : List.of("hf_model_name", "embed_cls", "ls_init_value", "no_causal_mask")) {
            JsonNode value = text.path(key);
            if (value.isTextual() || value.isNumber() || value.asBoolean(false)) {
                throw unsupported(file, "text_cfg." + key, value);
            }
        }
        if (vision.path("layers").isArray()) {
            throw unsupported(file, "vision_cfg.layers", vision.path("layers"));
        }
    }

    private static InputException unsupported(Path file, String key, JsonNode value) {
        return InputException.at(
                file + ", '" + key + "'",
                value.toString(),
                "a plain vision transformer",
                "This variant is not supported");
    }

    /** Reads towers, under the names that open_clip gives. */
    private record Reader(WeightReader from) {
        ImageWeights image(ImageConfig config, long mlp) {
            long d = config.width();
            return new ImageWeights(
                    from.tensor("visual.conv1.weight", d, 3, config.patchSize(), config.patchSize()),
                    null,
                    from.tensor("visual.class_embedding", d),
                    from.tensor("visual.positional_embedding", 1 + config.patches(), d),
                    from.norm("visual.ln_pre", d, EPS),
                    blocks("visual.transformer.resblocks.", config.layers(), d, mlp),
                    from.norm("visual.ln_post", d, EPS),
                    new Linear(from.transposed("visual.proj", d, config.sharedWidth()), null));
        }

        List<Block> blocks(String prefix, int layers, long d, long mlp) {
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < layers; l++) {
                String at = prefix + l + ".";
                blocks.add(new Block(
                        from.norm(at + "ln_1", d, EPS),
                        new Linear(
                                from.tensor(at + "attn.in_proj_weight", 3 * d, d),
                                from.tensor(at + "attn.in_proj_bias", 3 * d)),
                        from.linear(at + "attn.out_proj", d, d),
                        from.norm(at + "ln_2", d, EPS),
                        from.linear(at + "mlp.c_fc", mlp, d),
                        from.linear(at + "mlp.c_proj", d, mlp)));
            }
            return blocks;
        }
    }
}
