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
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Image towers without text: ViT ({@code ViTModel}, {@code ViTForImageClassification}) and DINOv2 ({@code Dinov2Model}).
 * The embedding is the final LayerNorm's output at the class token.
 */
final class PlainVit {
    private static final String LANDMARK = "embeddings.cls_token";
    private static final float[] HALF = {.5f, .5f, .5f};
    private static final float[] IMAGENET_MEAN = {.485f, .456f, .406f};
    private static final float[] IMAGENET_DEVIATION = {.229f, .224f, .225f};

    private PlainVit() {}

    static ImageTextModel.Parts vit(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        int size = ModelFolder.positive(file, config, "image_size", 224);
        ImageConfig image = config(file, config, size, 16);
        Preprocessing own =
                new Preprocessing(Resize.EXACT, size, size, Resampling.BILINEAR, 0, 0, HALF, HALF, Margin.FLOORED);
        int mlp = ModelFolder.positive(file, config, "intermediate_size", 3072);
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", 1e-12);
        long d = image.width();
        try (Checkpoint weights = Checkpoint.open(folder, HuggingFaceClip.WEIGHTS)) {
            WeightReader from = new WeightReader(weights, owned);
            weights.locate(LANDMARK, "vit.");
            boolean biased = config.path("qkv_bias").asBoolean(true);
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < image.layers(); l++) {
                String at = "encoder.layer." + l + ".";
                String self = at + "attention.attention.";
                blocks.add(new Block(
                        from.norm(at + "layernorm_before", d, eps),
                        from.joined(d, biased, self + "query", self + "key", self + "value"),
                        from.linear(at + "attention.output.dense", d, d),
                        from.norm(at + "layernorm_after", d, eps),
                        from.linear(at + "intermediate.dense", mlp, d),
                        from.linear(at + "output.dense", d, mlp)));
            }
            Tensor positions = from.squeezed("embeddings.position_embeddings", 1 + image.patches(), d);
            return parts("ViT", folder, from, image, positions, null, blocks, eps, own);
        }
    }

    static ImageTextModel.Parts dinoV2(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        if (config.path("use_swiglu_ffn").asBoolean(false)) {
            throw InputException.at(
                    file + ", 'use_swiglu_ffn'",
                    "true",
                    "false",
                    "DINOv2's giant model has another MLP, which is not supported");
        }
        int trained = ModelFolder.positive(file, config, "image_size", 224);
        Preprocessing own = new Preprocessing(
                Resize.SHORTEST_EDGE,
                256,
                256,
                Resampling.BICUBIC,
                224,
                224,
                IMAGENET_MEAN,
                IMAGENET_DEVIATION,
                Margin.FLOORED);
        // The input's size comes from the preprocessing; the positions are interpolated to it.
        int asked = PreprocessorFiles.huggingFace(folder, own).inputHeight();
        int patch = ModelFolder.positive(file, config, "patch_size", 14);
        int size = Math.max(patch, asked / patch * patch); // what is left over is not looked at
        ImageConfig image = config(file, config, size, 14);
        long d = image.width();
        long mlp = (long) (d * ModelFolder.positive(file, config, "mlp_ratio", 4.0));
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", 1e-6);
        int side = trained / image.patchSize();
        try (Checkpoint weights = Checkpoint.open(folder, HuggingFaceClip.WEIGHTS)) {
            WeightReader from = new WeightReader(weights, owned);
            weights.locate(LANDMARK, "dinov2.");
            boolean biased = config.path("qkv_bias").asBoolean(true);
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < image.layers(); l++) {
                String at = "encoder.layer." + l + ".";
                String self = at + "attention.attention.";
                blocks.add(new Block(
                        from.norm(at + "norm1", d, eps),
                        from.joined(d, biased, self + "query", self + "key", self + "value"),
                        from.scaled(at + "attention.output.dense", at + "layer_scale1.lambda1", d, d),
                        from.norm(at + "norm2", d, eps),
                        from.linear(at + "mlp.fc1", mlp, d),
                        from.scaled(at + "mlp.fc2", at + "layer_scale2.lambda1", d, mlp)));
            }
            Tensor stored = from.squeezed("embeddings.position_embeddings", 1 + (long) side * side, d);
            int now = size / image.patchSize();
            Grid grid = new Grid(stored, false);
            Tensor positions = side == now ? stored : owned.own(() -> grid.resized(now, now));
            return parts("DINOv2", folder, from, image, positions, grid, blocks, eps, own);
        }
    }

    private static ImageConfig config(Path file, JsonNode config, int size, int patch) {
        int width = ModelFolder.positive(file, config, "hidden_size", 768);
        return ModelFolder.imageConfig(
                file,
                size,
                ModelFolder.positive(file, config, "patch_size", patch),
                width,
                ModelFolder.positive(file, config, "num_hidden_layers", 12),
                ModelFolder.positive(file, config, "num_attention_heads", 12),
                width,
                Activation.named(ModelFolder.text(config, "hidden_act", "gelu"), file + ", hidden_act"));
    }

    private static ImageTextModel.Parts parts(
            String family,
            Path folder,
            WeightReader from,
            ImageConfig image,
            Tensor positions,
            @Nullable Grid grid,
            List<Block> blocks,
            double eps,
            Preprocessing own) {
        long d = image.width();
        int p = image.patchSize();
        Embedding embedding = new Embedding(
                from.tensor("embeddings.patch_embeddings.projection.weight", d, 3, p, p),
                from.tensor("embeddings.patch_embeddings.projection.bias", d),
                from.squeezed("embeddings.cls_token", d),
                null,
                positions,
                grid,
                null);
        ImageWeights tensors =
                new ImageWeights(embedding, null, blocks, from.norm("layernorm", d, eps), new Readout.ClassToken(null));
        return new ImageTextModel.Parts(
                family,
                ImageTower.of(image, tensors),
                null,
                null,
                PreprocessorFiles.huggingFace(folder, own),
                1,
                from.weights(),
                List.of());
    }
}
