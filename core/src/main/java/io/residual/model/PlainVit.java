package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.images.Preprocessing;
import io.residual.images.Preprocessing.Resize;
import io.residual.images.Resampling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
        requireBias(file, config);
        ImageConfig image = config(file, config, size, 16);
        Preprocessing own = new Preprocessing(Resize.EXACT, size, size, Resampling.BILINEAR, 0, 0, HALF, HALF);
        int mlp = ModelFolder.positive(file, config, "intermediate_size", 3072);
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", 1e-12);
        long d = image.width();
        try (Checkpoint weights = Checkpoint.open(folder, HuggingFaceClip.WEIGHTS)) {
            WeightReader from = new WeightReader(weights, owned);
            weights.locate(LANDMARK);
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < image.layers(); l++) {
                String at = "encoder.layer." + l + ".";
                String self = at + "attention.attention.";
                blocks.add(new Block(
                        from.norm(at + "layernorm_before", d, eps),
                        from.joined(d, self + "query", self + "key", self + "value"),
                        from.linear(at + "attention.output.dense", d, d),
                        from.norm(at + "layernorm_after", d, eps),
                        from.linear(at + "intermediate.dense", mlp, d),
                        from.linear(at + "output.dense", d, mlp)));
            }
            Tensor positions = from.squeezed("embeddings.position_embeddings", 1 + image.patches(), d);
            return parts("ViT", folder, from, image, positions, blocks, eps, own);
        }
    }

    static ImageTextModel.Parts dinoV2(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        requireBias(file, config);
        if (config.path("use_swiglu_ffn").asBoolean(false)) {
            throw InputException.at(
                    file + ", 'use_swiglu_ffn'",
                    "true",
                    "false",
                    "DINOv2's giant model has another MLP, which is not supported");
        }
        int trained = ModelFolder.positive(file, config, "image_size", 224);
        Preprocessing own = new Preprocessing(
                Resize.SHORTEST_EDGE, 256, 256, Resampling.BICUBIC, 224, 224, IMAGENET_MEAN, IMAGENET_DEVIATION);
        // The input's size comes from the preprocessing; the positions are interpolated to it.
        int size = PreprocessorFiles.huggingFace(folder, own).inputHeight();
        ImageConfig image = config(file, config, size, 14);
        long d = image.width();
        long mlp = (long) (d * ModelFolder.positive(file, config, "mlp_ratio", 4.0));
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", 1e-6);
        int side = trained / image.patchSize();
        try (Checkpoint weights = Checkpoint.open(folder, HuggingFaceClip.WEIGHTS)) {
            WeightReader from = new WeightReader(weights, owned);
            weights.locate(LANDMARK);
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < image.layers(); l++) {
                String at = "encoder.layer." + l + ".";
                String self = at + "attention.attention.";
                blocks.add(new Block(
                        from.norm(at + "norm1", d, eps),
                        from.joined(d, self + "query", self + "key", self + "value"),
                        from.scaled(at + "attention.output.dense", at + "layer_scale1.lambda1", d, d),
                        from.norm(at + "norm2", d, eps),
                        from.linear(at + "mlp.fc1", mlp, d),
                        from.scaled(at + "mlp.fc2", at + "layer_scale2.lambda1", d, mlp)));
            }
            Tensor stored = from.squeezed("embeddings.position_embeddings", 1 + (long) side * side, d);
            Tensor positions = owned.own(() -> interpolated(stored, side, size / image.patchSize()));
            return parts("DINOv2", folder, from, image, positions, blocks, eps, own);
        }
    }

    /** As transformers does: bicubic over the grid, corners not aligned, the class token's left alone. */
    private static Tensor interpolated(Tensor positions, int from, int to) {
        if (from == to) {
            return positions.clone();
        }
        long d = positions.size(1);
        Tensor grid = positions
                .narrow(0, 1, (long) from * from)
                .view(1, from, from, d)
                .permute(0, 3, 1, 2);
        Tensor resized = torch.upsample_bicubic2d(
                grid.contiguous(), new long[] {to, to}, false, new DoubleOptional(), new DoubleOptional());
        Tensor rows = resized.permute(0, 2, 3, 1).reshape((long) to * to, d);
        return io.residual.tensor.Ops.cat(List.of(positions.narrow(0, 0, 1), rows), 0);
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

    private static void requireBias(Path file, JsonNode config) {
        if (!config.path("qkv_bias").asBoolean(true)) {
            throw InputException.at(
                    file + ", 'qkv_bias'", "false", "true", "Attention without biases is not supported");
        }
    }

    private static ImageTextModel.Parts parts(
            String family,
            Path folder,
            WeightReader from,
            ImageConfig image,
            Tensor positions,
            List<Block> blocks,
            double eps,
            Preprocessing own) {
        long d = image.width();
        int p = image.patchSize();
        ImageWeights tensors = new ImageWeights(
                from.tensor("embeddings.patch_embeddings.projection.weight", d, 3, p, p),
                from.tensor("embeddings.patch_embeddings.projection.bias", d),
                from.squeezed("embeddings.cls_token", d),
                positions,
                null,
                blocks,
                from.norm("layernorm", d, eps),
                null);
        return new ImageTextModel.Parts(
                family,
                new ImageTower(image, tensors),
                null,
                null,
                PreprocessorFiles.huggingFace(folder, own),
                1,
                from.weights(),
                List.of());
    }
}
