package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** CLIP as open_clip publishes it: {@code open_clip_config.json}, {@code open_clip_model.safetensors}. */
final class OpenClip {
    static final String WEIGHTS = "open_clip_model.safetensors";
    private static final double EPS = 1e-5;

    private OpenClip() {}

    static ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("open_clip_config.json");
        JsonNode root = ModelFolder.json(file);
        JsonNode config = ModelFolder.part(file, root, "model_cfg");
        if (!config.isObject()) {
            throw InputException.at(file, "no 'model_cfg'", "the model's settings", "Fetch the model again");
        }
        JsonNode vision = ModelFolder.part(file, config, "vision_cfg");
        JsonNode text = ModelFolder.part(file, config, "text_cfg");
        requirePlain(file, vision, text);
        Activation activation = config.path("quick_gelu").asBoolean(false) ? Activation.QUICK_GELU : Activation.GELU;
        int shared = ModelFolder.positive(file, config, "embed_dim", 512);
        int width = ModelFolder.positive(file, vision, "width", 768);
        int headWidth = ModelFolder.positive(file, vision, "head_width", 64);
        TimmVit timm = TimmVit.named(file, vision);
        ImageConfig image = timm != null
                ? timm.config(file, ModelFolder.positive(file, vision, "image_size", 224), shared)
                : ModelFolder.imageConfig(
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
        boolean other = !Checkpoint.exists(folder, WEIGHTS) && Files.exists(folder.resolve(HuggingFaceClip.WEIGHTS));
        try (Checkpoint weights = Checkpoint.open(folder, other ? HuggingFaceClip.WEIGHTS : WEIGHTS)) {
            weights.locate(timm != null ? TimmVit.LANDMARK : "visual.conv1.weight", "module.");
            Reader reader = new Reader(new WeightReader(weights, owned));
            ImageWeights imageWeights = timm != null
                    ? timm.weights(reader.from, image)
                    : reader.image(
                            image, (long) (width * ModelFolder.positive(file, vision, "mlp_ratio", 4.0)), vision);
            ClipTextTower.Weights textWeights = new ClipTextTower.Weights(
                    reader.from.tensor("token_embedding.weight", vocabulary, textWidth),
                    reader.from.tensor("positional_embedding", context, textWidth),
                    reader.blocks(
                            "transformer.resblocks.",
                            ModelFolder.positive(file, text, "layers", 12),
                            textWidth,
                            (long) (textWidth * ModelFolder.positive(file, text, "mlp_ratio", 4.0)),
                            false),
                    reader.from.norm("ln_final", textWidth, EPS),
                    new Linear(reader.from.transposed("text_projection", textWidth, shared), null));
            double scale = Math.exp(weights.single("logit_scale"));
            return new ImageTextModel.Parts(
                    "OpenCLIP",
                    ImageTower.of(image, imageWeights),
                    new ClipTextTower(
                            textWeights,
                            ModelFolder.positive(file, text, "heads", 8),
                            activation,
                            new ClipTextTower.EndOfText.HighestId(),
                            !text.path("no_causal_mask").asBoolean(false)),
                    tokenizer(file, text, folder, context),
                    PreprocessorFiles.openClip(file, root.path("preprocess_cfg"), image.imageSize()),
                    scale,
                    weights,
                    Guards.openClip(folder, activation));
        }
    }

    /**
     * open_clip's own tokenizer or, where a name is given for it, transformers' with the folder's files; each has a cleaning of
     * its own, unless the configuration has another.
     */
    private static TextTokenizer tokenizer(Path file, JsonNode text, Path folder, int context) {
        boolean own = text.path("hf_tokenizer_name").asText("").isEmpty();
        TextCleaning cleaning = own ? TextCleaning.LOWER : TextCleaning.WHITESPACE;
        for (Map.Entry<String, JsonNode> setting : text.path("tokenizer_kwargs").properties()) {
            String place = "text_cfg.tokenizer_kwargs." + setting.getKey();
            JsonNode value = setting.getValue();
            if (setting.getKey().equals("clean")) {
                TextCleaning named = CLEANINGS.get(value.asText());
                if (named == null) {
                    throw unsupported(file, place, value, "one of " + CLEANINGS.keySet());
                }
                cleaning = named;
            } else if (!off(value) && !value.asText("-").isEmpty()) {
                throw unsupported(file, place, value, "no setting but 'clean'");
            }
        }
        return own
                ? TextTokenizer.openClip(folder, context, cleaning)
                : TextTokenizer.open(folder, context, cleaning, "<|endoftext|>", 0);
    }

    /** Names of cleanings in {@code tokenizer_kwargs}. */
    private static final Map<String, TextCleaning> CLEANINGS = new TreeMap<>(Map.of(
            "lower", TextCleaning.LOWER,
            "whitespace", TextCleaning.WHITESPACE,
            "canonicalize", TextCleaning.CANONICALIZE));

    /** Settings of the image tower that change its forward pass, with the values that leave it a plain one. */
    private static final Map<String, List<String>> VISION = Map.of(
            "pool_type", List.of("tok", "avg"),
            "pos_embed_type", List.of("learnable"),
            "attn_type", List.of("", "default"),
            "block_type", List.of("", "default"),
            "act_kwargs", List.of("{}"),
            "norm_kwargs", List.of("{}"));

    /** The same of the text tower. */
    private static final Map<String, List<String>> TEXT = Map.of(
            "pool_type", List.of("argmax"),
            "proj_type", List.of("linear"),
            "attn_type", List.of("", "default"),
            "block_type", List.of("", "default"),
            "act_kwargs", List.of("{}"),
            "norm_kwargs", List.of("{}"));

    private static final String PLAIN = "a plain vision transformer";

    /** Why well-known variants are not read. */
    private static final Map<String, String> REASONS = Map.of(
            "attentional_pool",
            "CoCa normalises what its attention has pooled a second time, which this program does not take apart",
            "hf_model_name",
            "Text towers that are not CLIP's own are not supported");

    /** Settings that are read elsewhere, or have no effect on inference. */
    private static final Set<String> HARMLESS = Set.of(
            "image_size",
            "layers",
            "width",
            "head_width",
            "heads",
            "patch_size",
            "mlp_ratio",
            "patch_dropout",
            "output_tokens",
            "no_ln_pre",
            "final_ln_after_pool", // the same at one token; refused with the mean
            "no_causal_mask",
            "ls_init_value",
            "context_length",
            "vocab_size",
            "hf_tokenizer_name",
            "tokenizer_kwargs",
            "eos_id",
            "pad_id",
            "timm_model_name",
            "timm_model_pretrained",
            "timm_pool",
            "timm_proj",
            "timm_proj_bias",
            "timm_drop",
            "timm_drop_path");

    /** Variants whose forward pass is another one are refused rather than computed wrongly. */
    private static void requirePlain(Path file, JsonNode vision, JsonNode text) {
        requirePlain(file, "vision_cfg", vision, VISION);
        requirePlain(file, "text_cfg", text, TEXT);
        if (vision.path("layers").isArray()) {
            throw unsupported(file, "vision_cfg.layers", vision.path("layers"), PLAIN);
        }
        boolean after = vision.path("final_ln_after_pool").asBoolean(false);
        if (after && vision.path("pool_type").asText("tok").equals("avg")) {
            throw InputException.at(
                    file + ", 'vision_cfg.final_ln_after_pool'",
                    "true, with the mean of the patches",
                    "a tower that normalises each patch before their mean",
                    "This variant (CLIPA) is not supported");
        }
        if (text.path("ls_init_value").isNumber()) {
            throw unsupported(file, "text_cfg.ls_init_value", text.path("ls_init_value"), PLAIN);
        }
    }

    private static void requirePlain(Path file, String part, JsonNode config, Map<String, List<String>> plain) {
        for (Map.Entry<String, JsonNode> entry : config.properties()) {
            JsonNode value = entry.getValue();
            List<String> allowed = plain.get(entry.getKey());
            String shown = value.isTextual() ? value.textValue() : Json.shown(value);
            String reason = REASONS.get(entry.getKey());
            if (reason != null && !off(value)) {
                throw InputException.at(
                        file + ", '" + part + "." + entry.getKey() + "'", Json.shown(value), PLAIN, reason);
            }
            boolean fine =
                    off(value) || (allowed == null ? HARMLESS.contains(entry.getKey()) : allowed.contains(shown));
            if (!fine) {
                throw unsupported(file, part + "." + entry.getKey(), value, PLAIN);
            }
        }
    }

    private static boolean off(JsonNode value) {
        return value.isNull() || value.equals(BooleanNode.FALSE) || (value.isNumber() && value.asDouble() == 0);
    }

    private static InputException unsupported(Path file, String key, JsonNode value, String expected) {
        return InputException.at(
                file + ", '" + key + "'", Json.shown(value), expected, "This variant is not supported");
    }

    /** Reads towers, under the names that open_clip gives. */
    private record Reader(WeightReader from) {
        ImageWeights image(ImageConfig config, long mlp, JsonNode settings) {
            long d = config.width();
            Linear projection = new Linear(from.transposed("visual.proj", d, config.sharedWidth()), null);
            return new ImageWeights(
                    new Embedding(
                            from.tensor("visual.conv1.weight", d, 3, config.patchSize(), config.patchSize()),
                            null,
                            from.tensor("visual.class_embedding", d),
                            from.tensor("visual.positional_embedding", 1 + config.patches(), d),
                            settings.path("no_ln_pre").asBoolean(false) ? null : from.norm("visual.ln_pre", d, EPS)),
                    null,
                    blocks(
                            "visual.transformer.resblocks.",
                            config.layers(),
                            d,
                            mlp,
                            settings.path("ls_init_value").isNumber()), // 0, too: open_clip scales unless it is none
                    from.norm("visual.ln_post", d, EPS),
                    settings.path("pool_type").asText("tok").equals("avg")
                            ? new Readout.PatchMean(projection)
                            : new Readout.ClassToken(projection));
        }

        List<Block> blocks(String prefix, int layers, long d, long mlp, boolean scaled) {
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < layers; l++) {
                String at = prefix + l + ".";
                blocks.add(new Block(
                        from.norm(at + "ln_1", d, EPS),
                        new Linear(
                                from.tensor(at + "attn.in_proj_weight", 3 * d, d),
                                from.tensor(at + "attn.in_proj_bias", 3 * d)),
                        scaled
                                ? from.scaled(at + "attn.out_proj", at + "ls_1.gamma", d, d)
                                : from.linear(at + "attn.out_proj", d, d),
                        from.norm(at + "ln_2", d, EPS),
                        from.linear(at + "mlp.c_fc", mlp, d),
                        scaled
                                ? from.scaled(at + "mlp.c_proj", at + "ls_2.gamma", d, mlp)
                                : from.linear(at + "mlp.c_proj", d, mlp)));
            }
            return blocks;
        }
    }
}
