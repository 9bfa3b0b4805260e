package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.images.Preprocessing;
import io.residual.images.Resampling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** BLIP for image-text retrieval ({@code BlipForImageTextRetrieval}), its contrastive part. */
final class Blip {
    private Blip() {}

    static ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        JsonNode vision = ModelFolder.part(file, config, "vision_config");
        JsonNode text = ModelFolder.part(file, config, "text_config");
        int shared = ModelFolder.positive(file, config, "image_text_hidden_size", 256);
        ImageConfig image = ModelFolder.imageConfig(
                file,
                ModelFolder.positive(file, vision, "image_size", 384),
                ModelFolder.positive(file, vision, "patch_size", 16),
                ModelFolder.positive(file, vision, "hidden_size", 768),
                ModelFolder.positive(file, vision, "num_hidden_layers", 12),
                ModelFolder.positive(file, vision, "num_attention_heads", 12),
                shared,
                Activation.named(ModelFolder.text(vision, "hidden_act", "gelu"), file + ", vision_config.hidden_act"));
        int context = ModelFolder.positive(file, text, "max_position_embeddings", 512);
        try (Checkpoint weights = Checkpoint.open(folder, HuggingFaceClip.WEIGHTS)) {
            weights.locate("vision_model.embeddings.class_embedding", "blip.");
            WeightReader from = new WeightReader(weights, owned);
            ImageTower tower = ImageTower.of(
                    image,
                    image(
                            from,
                            image,
                            ModelFolder.positive(file, vision, "intermediate_size", 3072),
                            ModelFolder.positive(file, vision, "layer_norm_eps", 1e-5)));
            BertTextTower textTower = text(from, file, text, shared, context);
            Preprocessing own = new Preprocessing(
                    Preprocessing.Resize.EXACT,
                    image.imageSize(),
                    image.imageSize(),
                    Resampling.BICUBIC,
                    0,
                    0,
                    Preprocessing.CLIP_MEAN,
                    Preprocessing.CLIP_DEVIATION,
                    Preprocessing.Margin.FLOORED);
            return new ImageTextModel.Parts(
                    "BLIP",
                    tower,
                    textTower,
                    TextTokenizer.open(
                            folder, context, TextCleaning.NONE, "[PAD]", ModelFolder.id(file, text, "pad_token_id", 0)),
                    PreprocessorFiles.huggingFace(folder, own),
                    1, // the retrieval model compares plain cosines
                    weights,
                    List.of());
        }
    }

    private static ImageWeights image(WeightReader from, ImageConfig config, int mlp, double eps) {
        long d = config.width();
        String at = "vision_model.";
        List<Block> blocks = new ArrayList<>();
        for (int l = 0; l < config.layers(); l++) {
            String layer = at + "encoder.layers." + l + ".";
            blocks.add(new Block(
                    from.norm(layer + "layer_norm1", d, eps),
                    from.linear(layer + "self_attn.qkv", 3 * d, d),
                    from.linear(layer + "self_attn.projection", d, d),
                    from.norm(layer + "layer_norm2", d, eps),
                    from.linear(layer + "mlp.fc1", mlp, d),
                    from.linear(layer + "mlp.fc2", d, mlp)));
        }
        int p = config.patchSize();
        return new ImageWeights(
                from.tensor(at + "embeddings.patch_embedding.weight", d, 3, p, p),
                from.tensor(at + "embeddings.patch_embedding.bias", d),
                from.squeezed(at + "embeddings.class_embedding", d),
                from.squeezed(at + "embeddings.position_embedding", 1 + config.patches(), d),
                null,
                blocks,
                from.norm(at + "post_layernorm", d, eps),
                from.linear("vision_proj", config.sharedWidth(), d));
    }

    private static BertTextTower text(WeightReader from, Path file, JsonNode config, int shared, int context) {
        int d = ModelFolder.positive(file, config, "hidden_size", 768);
        int mlp = ModelFolder.positive(file, config, "intermediate_size", 3072);
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", 1e-12);
        String at = "text_encoder.";
        List<BertTextTower.Layer> layers = new ArrayList<>();
        for (int l = 0; l < ModelFolder.positive(file, config, "num_hidden_layers", 12); l++) {
            String layer = at + "encoder.layer." + l + ".";
            String self = layer + "attention.self.";
            layers.add(new BertTextTower.Layer(
                    from.joined(d, self + "query", self + "key", self + "value"),
                    from.linear(layer + "attention.output.dense", d, d),
                    from.norm(layer + "attention.output.LayerNorm", d, eps),
                    from.linear(layer + "intermediate.dense", mlp, d),
                    from.linear(layer + "output.dense", d, mlp),
                    from.norm(layer + "output.LayerNorm", d, eps)));
        }
        return new BertTextTower(
                new BertTextTower.Weights(
                        from.tensor(
                                at + "embeddings.word_embeddings.weight",
                                ModelFolder.positive(file, config, "vocab_size", 30524),
                                d),
                        from.tensor(at + "embeddings.position_embeddings.weight", context, d),
                        from.norm(at + "embeddings.LayerNorm", d, eps),
                        layers,
                        from.linear("text_proj", shared, d)),
                ModelFolder.positive(file, config, "num_attention_heads", 8),
                Activation.named(ModelFolder.text(config, "hidden_act", "gelu"), file + ", text_config.hidden_act"));
    }
}
