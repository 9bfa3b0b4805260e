package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** CLIP as transformers saves it ({@code CLIPModel}): {@code config.json}, {@code model.safetensors}. */
final class HuggingFaceClip {
    static final String WEIGHTS = "model.safetensors";
    private static final double EPS = 1e-5;

    private HuggingFaceClip() {}

    static ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        JsonNode vision = part(file, config, "vision_config");
        JsonNode text = part(file, config, "text_config");
        // Absent entries mean CLIPConfig's defaults, which are those of ViT-B/32.
        int shared = ModelFolder.positive(file, config, "projection_dim", 512);
        ImageConfig image = ModelFolder.imageConfig(
                file,
                ModelFolder.positive(file, vision, "image_size", 224),
                ModelFolder.positive(file, vision, "patch_size", 32),
                ModelFolder.positive(file, vision, "hidden_size", 768),
                ModelFolder.positive(file, vision, "num_hidden_layers", 12),
                ModelFolder.positive(file, vision, "num_attention_heads", 12),
                shared,
                Activation.named(
                        ModelFolder.text(vision, "hidden_act", "quick_gelu"), file + ", vision_config.hidden_act"));
        int imageMlp = ModelFolder.positive(file, vision, "intermediate_size", 3072);
        double imageEps = ModelFolder.positive(file, vision, "layer_norm_eps", EPS);
        int context = ModelFolder.positive(file, text, "max_position_embeddings", 77);
        try (Checkpoint weights = Checkpoint.open(folder, WEIGHTS)) {
            weights.locate("vision_model.embeddings.class_embedding", "clip.");
            Reader reader = new Reader(new WeightReader(weights, owned));
            ImageTower tower = ImageTower.of(image, reader.image(image, imageMlp, imageEps));
            ClipTextTower textTower = reader.text(file, text, shared, context);
            double scale = Math.exp(weights.read("logit_scale").item_double());
            return new ImageTextModel.Parts(
                    "CLIP",
                    tower,
                    textTower,
                    TextTokenizer.open(folder, context, TextCleaning.NONE, "<|endoftext|>", 1),
                    PreprocessorFiles.huggingFace(folder, PreprocessorFiles.clip(image.imageSize())),
                    scale,
                    weights,
                    Guards.activations(folder, config, image.activation(), textTower.activation()));
        }
    }

    /**
     * A tower's configuration. Uploads from before 2023 may carry a second one, {@code *_config_dict}, which then counts
     * alone, as it does in transformers.
     */
    private static JsonNode part(Path file, JsonNode config, String name) {
        JsonNode old = ModelFolder.part(file, config, name + "_dict");
        return old.isObject() ? old : ModelFolder.part(file, config, name);
    }

    /** Reads towers, under the names that transformers gives. */
    record Reader(WeightReader from) {
        ImageWeights image(ImageConfig config, int mlp, double eps) {
            long d = config.width();
            String at = "vision_model.";
            Tensor patch =
                    from.tensor(at + "embeddings.patch_embedding.weight", d, 3, config.patchSize(), config.patchSize());
            Tensor token = from.tensor(at + "embeddings.class_embedding", d);
            Tensor positions = from.tensor(at + "embeddings.position_embedding.weight", 1 + config.patches(), d);
            return new ImageWeights(
                    patch,
                    null,
                    token,
                    positions,
                    from.norm(at + "pre_layrnorm", d, eps), // the misspelling is transformers' own
                    blocks(at, config.layers(), d, mlp, eps),
                    from.norm(at + "post_layernorm", d, eps),
                    new Linear(from.tensor("visual_projection.weight", config.sharedWidth(), d), null));
        }

        ClipTextTower text(Path file, JsonNode config, long shared, int context) {
            int d = ModelFolder.positive(file, config, "hidden_size", 512);
            int mlp = ModelFolder.positive(file, config, "intermediate_size", 2048);
            int vocabulary = ModelFolder.positive(file, config, "vocab_size", 49408);
            double eps = ModelFolder.positive(file, config, "layer_norm_eps", EPS);
            long end = ModelFolder.id(file, config, "eos_token_id", 49407);
            String at = "text_model.";
            ClipTextTower.Weights tensors = new ClipTextTower.Weights(
                    from.tensor(at + "embeddings.token_embedding.weight", vocabulary, d),
                    from.tensor(at + "embeddings.position_embedding.weight", context, d),
                    blocks(at, ModelFolder.positive(file, config, "num_hidden_layers", 12), d, mlp, eps),
                    from.norm(at + "final_layer_norm", d, eps),
                    new Linear(from.tensor("text_projection.weight", shared, d), null));
            return new ClipTextTower(
                    tensors,
                    ModelFolder.positive(file, config, "num_attention_heads", 8),
                    Activation.named(
                            ModelFolder.text(config, "hidden_act", "quick_gelu"), file + ", text_config.hidden_act"),
                    // Configurations from before 2023 say 2, which was never an id of CLIP's end token.
                    end == 2 ? new ClipTextTower.EndOfText.HighestId() : new ClipTextTower.EndOfText.Id(end));
        }

        List<Block> blocks(String tower, int layers, long d, long mlp, double eps) {
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < layers; l++) {
                String at = tower + "encoder.layers." + l + ".";
                String attention = at + "self_attn.";
                blocks.add(new Block(
                        from.norm(at + "layer_norm1", d, eps),
                        from.joined(d, attention + "q_proj", attention + "k_proj", attention + "v_proj"),
                        from.linear(attention + "out_proj", d, d),
                        from.norm(at + "layer_norm2", d, eps),
                        from.linear(at + "mlp.fc1", mlp, d),
                        from.linear(at + "mlp.fc2", d, mlp)));
            }
            return blocks;
        }
    }
}
