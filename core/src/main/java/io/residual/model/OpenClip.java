package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

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
            Reader reader = new Reader(weights, owned);
            ImageWeights imageWeights =
                    reader.image(image, Math.round(width * ModelFolder.positive(file, vision, "mlp_ratio", 4.0)));
            ClipTextTower.Weights textWeights = new ClipTextTower.Weights(
                    reader.own("token_embedding.weight", vocabulary, textWidth),
                    reader.own("positional_embedding", context, textWidth),
                    reader.blocks(
                            "transformer.resblocks.",
                            ModelFolder.positive(file, text, "layers", 12),
                            textWidth,
                            Math.round(textWidth * ModelFolder.positive(file, text, "mlp_ratio", 4.0))),
                    reader.norm("ln_final", textWidth),
                    new Linear(reader.transposed("text_projection", textWidth, shared), null));
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
                    weights.paths(),
                    weights.ignored());
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
    private record Reader(Checkpoint weights, OwnedTensors owned) {
        ImageWeights image(ImageConfig config, long mlp) {
            long d = config.width();
            return new ImageWeights(
                    own("visual.conv1.weight", d, 3, config.patchSize(), config.patchSize()),
                    null,
                    own("visual.class_embedding", d),
                    own("visual.positional_embedding", 1 + config.patches(), d),
                    norm("visual.ln_pre", d),
                    blocks("visual.transformer.resblocks.", config.layers(), d, mlp),
                    norm("visual.ln_post", d),
                    new Linear(transposed("visual.proj", d, config.sharedWidth()), null));
        }

        List<Block> blocks(String prefix, int layers, long d, long mlp) {
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < layers; l++) {
                String at = prefix + l + ".";
                blocks.add(new Block(
                        norm(at + "ln_1", d),
                        new Linear(own(at + "attn.in_proj_weight", 3 * d, d), own(at + "attn.in_proj_bias", 3 * d)),
                        linear(at + "attn.out_proj", d, d),
                        norm(at + "ln_2", d),
                        linear(at + "mlp.c_fc", mlp, d),
                        linear(at + "mlp.c_proj", d, mlp)));
            }
            return blocks;
        }

        Tensor own(String name, long... shape) {
            return owned.own(() -> weights.read(name, shape));
        }

        /** open_clip keeps projections as [in, out]; ours are [out, in]. */
        Tensor transposed(String name, long in, long out) {
            return owned.own(() -> weights.read(name, in, out).t());
        }

        LayerNorm norm(String name, long d) {
            return new LayerNorm(own(name + ".weight", d), own(name + ".bias", d), EPS);
        }

        private Linear linear(String name, long out, long in) {
            return new Linear(own(name + ".weight", out, in), own(name + ".bias", out));
        }
    }
}
