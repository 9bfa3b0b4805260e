package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.images.Preprocessing;
import io.residual.images.Preprocessing.Margin;
import io.residual.images.Preprocessing.Resize;
import io.residual.images.Resampling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * SigLIP and, where its resolution is fixed, SigLIP 2 ({@code SiglipModel}; Zhai et al. 2023, Tschannen et al. 2025): images are
 * pooled by attention, texts read at their last token.
 */
final class Siglip {
    private static final float[] HALF = {.5f, .5f, .5f};
    private static final double EPS = 1e-6;

    private Siglip() {}

    static ImageTextModel.Parts read(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        JsonNode vision = ModelFolder.part(file, config, "vision_config");
        JsonNode text = ModelFolder.part(file, config, "text_config");
        if (!vision.path("vision_use_head").asBoolean(true)) {
            throw InputException.at(
                    file + ", 'vision_config.vision_use_head'",
                    "false",
                    "true",
                    "A tower without its pooling head has no embedding of the image");
        }
        int d = ModelFolder.positive(file, vision, "hidden_size", 768);
        ImageConfig image = ModelFolder.imageConfig(
                file,
                // What is left over of the last patches is not read: 384 pixels are 27 patches of 14.
                wholePatches(
                        ModelFolder.positive(file, vision, "image_size", 224),
                        ModelFolder.positive(file, vision, "patch_size", 16)),
                ModelFolder.positive(file, vision, "patch_size", 16),
                d,
                ModelFolder.positive(file, vision, "num_hidden_layers", 12),
                ModelFolder.positive(file, vision, "num_attention_heads", 12),
                d,
                activation(file, vision, "vision_config"));
        int size = ModelFolder.positive(file, vision, "image_size", 224);
        int context = ModelFolder.positive(file, text, "max_position_embeddings", 64);
        try (Checkpoint weights = Checkpoint.open(folder, HuggingFaceClip.WEIGHTS)) {
            weights.locate("vision_model.head.probe", "siglip.");
            WeightReader from = new WeightReader(weights, owned);
            ImageTower tower = ImageTower.of(image, image(from, file, vision, image));
            SiglipTextTower texts = text(from, file, text, d, context);
            TextTokenizer tokenizer =
                    TextTokenizer.siglip(folder, context, ModelFolder.id(file, text, "pad_token_id", 1));
            Preprocessing own =
                    new Preprocessing(Resize.EXACT, size, size, Resampling.BICUBIC, 0, 0, HALF, HALF, Margin.FLOORED);
            if (!weights.has("logit_bias")) {
                tokenizer.close();
                throw InputException.at(
                        folder,
                        "no tensor 'logit_bias'",
                        "the bias of SigLIP's sigmoid",
                        "The checkpoint is incomplete, or was converted without it");
            }
            double scale = Math.exp(weights.single("logit_scale"));
            double bias = weights.single("logit_bias");
            List<String> warnings = new ArrayList<>(tokenizer.warnings());
            warnings.addAll(Guards.siglip(folder, image.activation(), texts.activation(), scale, bias));
            return new ImageTextModel.Parts(
                            "SigLIP",
                            tower,
                            texts,
                            tokenizer,
                            PreprocessorFiles.huggingFace(folder, own),
                            scale,
                            weights,
                            warnings)
                    .withBias(bias);
        }
    }

    private static int wholePatches(int size, int patch) {
        return Math.max(patch, size / patch * patch);
    }

    private static Activation activation(Path file, JsonNode config, String part) {
        return Activation.named(
                ModelFolder.text(config, "hidden_act", "gelu_pytorch_tanh"), file + ", " + part + ".hidden_act");
    }

    private static ImageWeights image(WeightReader from, Path file, JsonNode config, ImageConfig image) {
        long d = image.width();
        int p = image.patchSize();
        int mlp = ModelFolder.positive(file, config, "intermediate_size", 3072);
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", EPS);
        String at = "vision_model.";
        String head = at + "head.";
        Embedding embedding = new Embedding(
                from.tensor(at + "embeddings.patch_embedding.weight", d, 3, p, p),
                from.tensor(at + "embeddings.patch_embedding.bias", d),
                null,
                null,
                from.tensor(at + "embeddings.position_embedding.weight", image.patches(), d),
                null,
                null);
        return new ImageWeights(
                embedding,
                null,
                new HuggingFaceClip.Reader(from).blocks(at, image.layers(), d, mlp, eps),
                from.norm(at + "post_layernorm", d, eps),
                new Readout.AttentionPool(
                        image.heads(),
                        from.squeezed(head + "probe", 1, d),
                        new Linear(
                                from.tensor(head + "attention.in_proj_weight", 3 * d, d),
                                from.tensor(head + "attention.in_proj_bias", 3 * d)),
                        from.linear(head + "attention.out_proj", d, d),
                        from.norm(head + "layernorm", d, eps),
                        from.linear(head + "mlp.fc1", mlp, d),
                        from.linear(head + "mlp.fc2", d, mlp)));
    }

    private static SiglipTextTower text(WeightReader from, Path file, JsonNode config, long shared, int context) {
        int d = ModelFolder.positive(file, config, "hidden_size", 768);
        int mlp = ModelFolder.positive(file, config, "intermediate_size", 3072);
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", EPS);
        String at = "text_model.";
        return new SiglipTextTower(
                new ClipTextTower.Weights(
                        from.tensor(
                                at + "embeddings.token_embedding.weight",
                                ModelFolder.positive(file, config, "vocab_size", 32000),
                                d),
                        from.tensor(at + "embeddings.position_embedding.weight", context, d),
                        new HuggingFaceClip.Reader(from)
                                .blocks(at, ModelFolder.positive(file, config, "num_hidden_layers", 12), d, mlp, eps),
                        from.norm(at + "final_layer_norm", d, eps),
                        from.linear(at + "head", shared, d)),
                ModelFolder.positive(file, config, "num_attention_heads", 12),
                activation(file, config, "text_config"));
    }
}
