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
 * Image towers without text: ViT ({@code ViTModel}, {@code ViTForImageClassification}), DINOv2 ({@code Dinov2Model}, {@code
 * Dinov2WithRegistersModel}) and DINOv3 ({@code DINOv3ViTModel}). The embedding is the final LayerNorm's output at the class token.
 */
final class PlainVit {
    private static final String LANDMARK = "embeddings.cls_token";
    private static final float[] HALF = {.5f, .5f, .5f};

    private PlainVit() {}

    static ImageTextModel.Parts vit(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        int size = ModelFolder.positive(file, config, "image_size", 224);
        ImageConfig image = config(file, config, size, 16, 768, 12, activation(file, config));
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
            int p = image.patchSize();
            Embedding embedding = new Embedding(
                    from.tensor("embeddings.patch_embeddings.projection.weight", d, 3, p, p),
                    from.tensor("embeddings.patch_embeddings.projection.bias", d),
                    from.squeezed("embeddings.cls_token", d),
                    from.squeezed("embeddings.position_embeddings", 1 + image.patches(), d),
                    null);
            return parts("ViT", folder, from, image, embedding, null, blocks, from.norm("layernorm", d, eps), own);
        }
    }

    static ImageTextModel.Parts dinoV2(Path folder, OwnedTensors owned) {
        return dinoV2(folder, owned, "DINOv2", "dinov2.", 14, 0);
    }

    static ImageTextModel.Parts dinoV2WithRegisters(Path folder, OwnedTensors owned) {
        return dinoV2(folder, owned, "DINOv2 with registers", "dinov2_with_registers.", 16, 4);
    }

    /** The registers' family differs in its defaults, and in how its positions are resized. */
    private static ImageTextModel.Parts dinoV2(
            Path folder, OwnedTensors owned, String family, String prefix, int usualPatch, int usualRegisters) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        boolean registered = usualRegisters > 0;
        boolean swiGlu = config.path("use_swiglu_ffn").asBoolean(false);
        int trained = ModelFolder.positive(file, config, "image_size", 224);
        int patch = ModelFolder.positive(file, config, "patch_size", usualPatch);
        Preprocessing own = imageNet(Resize.SHORTEST_EDGE, 256, Resampling.BICUBIC, 224);
        int size = inputSize(folder, own, patch);
        ImageConfig image = config(
                file,
                config,
                size,
                usualPatch,
                768,
                12,
                swiGlu
                        ? Activation.SILU
                        : activation(file, config)); // as transformers has it, whatever hidden_act says
        long d = image.width();
        long wide = (long) (d * ModelFolder.positive(file, config, "mlp_ratio", 4.0));
        long mlp = swiGlu ? (wide * 2 / 3 + 7) / 8 * 8 : wide; // two thirds, in whole eights
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", 1e-6);
        int side = trained / patch;
        try (Checkpoint weights = Checkpoint.open(folder, HuggingFaceClip.WEIGHTS)) {
            WeightReader from = new WeightReader(weights, owned);
            weights.locate(LANDMARK, prefix);
            boolean biased = config.path("qkv_bias").asBoolean(true);
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < image.layers(); l++) {
                String at = "encoder.layer." + l + ".";
                String self = at + "attention.attention.";
                String scale = at + "layer_scale2.lambda1";
                boolean former = weights.has(at + "mlp.weights_in.weight"); // until transformers 5
                blocks.add(new Block(
                        from.norm(at + "norm1", d, eps),
                        from.joined(d, biased, self + "query", self + "key", self + "value"),
                        from.scaled(at + "attention.output.dense", at + "layer_scale1.lambda1", d, d),
                        from.norm(at + "norm2", d, eps),
                        !swiGlu
                                ? from.linear(at + "mlp.fc1", mlp, d)
                                : former
                                        ? from.linear(at + "mlp.weights_in", 2 * mlp, d)
                                        : from.joined(true, mlp, d, at + "mlp.gate_proj", at + "mlp.up_proj"),
                        from.scaled(
                                at + (!swiGlu ? "mlp.fc2" : former ? "mlp.weights_out" : "mlp.down_proj"),
                                scale,
                                d,
                                mlp)));
            }
            Tensor stored = from.squeezed("embeddings.position_embeddings", 1 + (long) side * side, d);
            int now = size / patch;
            Grid grid = new Grid(stored, registered);
            Tensor positions = side == now ? stored : owned.own(() -> grid.resized(now, now));
            int registers = registers(file, config, usualRegisters);
            Embedding embedding = new Embedding(
                    from.tensor("embeddings.patch_embeddings.projection.weight", d, 3, patch, patch),
                    from.tensor("embeddings.patch_embeddings.projection.bias", d),
                    from.squeezed("embeddings.cls_token", d),
                    registers == 0 ? null : from.squeezed("embeddings.register_tokens", registers, d),
                    positions,
                    grid,
                    null);
            return parts(family, folder, from, image, embedding, null, blocks, from.norm("layernorm", d, eps), own);
        }
    }

    static ImageTextModel.Parts dinoV3(Path folder, OwnedTensors owned) {
        Path file = folder.resolve("config.json");
        JsonNode config = ModelFolder.json(file);
        int patch = ModelFolder.positive(file, config, "patch_size", 16);
        Preprocessing own = imageNet(Resize.EXACT, 224, Resampling.BILINEAR, 0);
        ImageConfig image = config(file, config, inputSize(folder, own, patch), 16, 384, 6, activation(file, config));
        if (image.headWidth() % 4 != 0) {
            throw InputException.at(
                    file,
                    "heads " + image.headWidth() + " wide",
                    "a multiple of 4, for positions in two directions",
                    "Fetch the model again");
        }
        long d = image.width();
        int mlp = ModelFolder.positive(file, config, "intermediate_size", 1536);
        double eps = ModelFolder.positive(file, config, "layer_norm_eps", 1e-5);
        boolean gated = config.path("use_gated_mlp").asBoolean(false);
        boolean[] biased = {
            config.path("query_bias").asBoolean(true),
            config.path("key_bias").asBoolean(false),
            config.path("value_bias").asBoolean(true)
        };
        boolean out = config.path("proj_bias").asBoolean(true);
        boolean inside = config.path("mlp_bias").asBoolean(true);
        try (Checkpoint weights = Checkpoint.open(folder, HuggingFaceClip.WEIGHTS)) {
            WeightReader from = new WeightReader(weights, owned);
            weights.locate(LANDMARK, "dinov3_vit.");
            List<Block> blocks = new ArrayList<>();
            for (int l = 0; l < image.layers(); l++) {
                String at = "layer." + l + ".";
                String self = at + "attention.";
                blocks.add(new Block(
                        from.norm(at + "norm1", d, eps),
                        from.joined(d, biased, self + "q_proj", self + "k_proj", self + "v_proj"),
                        from.scaled(self + "o_proj", out, at + "layer_scale1.lambda1", d, d),
                        from.norm(at + "norm2", d, eps),
                        gated
                                ? from.joined(inside, mlp, d, at + "mlp.gate_proj", at + "mlp.up_proj")
                                : from.linear(at + "mlp.up_proj", inside, mlp, d),
                        from.scaled(at + "mlp.down_proj", inside, at + "layer_scale2.lambda1", d, mlp)));
            }
            int registers = registers(file, config, 0);
            Embedding embedding = new Embedding(
                    from.tensor("embeddings.patch_embeddings.weight", d, 3, patch, patch),
                    from.tensor("embeddings.patch_embeddings.bias", d),
                    from.squeezed("embeddings.cls_token", d),
                    registers == 0 ? null : from.squeezed("embeddings.register_tokens", registers, d),
                    null,
                    null,
                    null);
            Rotary rotary = new Rotary(ModelFolder.positive(file, config, "rope_theta", 100.0));
            return parts("DINOv3", folder, from, image, embedding, rotary, blocks, from.norm("norm", d, eps), own);
        }
    }

    private static int registers(Path file, JsonNode config, int usual) {
        JsonNode given = config.path("num_register_tokens");
        return given.isNumber() && given.doubleValue() == 0
                ? 0
                : given.isMissingNode() || given.isNull()
                        ? usual
                        : ModelFolder.positive(file, config, "num_register_tokens", 1);
    }

    /** The side of the input: as preprocessing gives it, in whole patches; what is left over is not read. */
    private static int inputSize(Path folder, Preprocessing own, int patch) {
        return Math.max(patch, PreprocessorFiles.huggingFace(folder, own).inputHeight() / patch * patch);
    }

    /** ImageNet's statistics; {@code crop} 0 for none. */
    private static Preprocessing imageNet(Resize resize, int size, Resampling filter, int crop) {
        return new Preprocessing(
                resize,
                size,
                size,
                filter,
                crop,
                crop,
                PreprocessorFiles.IMAGENET_MEAN,
                PreprocessorFiles.IMAGENET_DEVIATION,
                Margin.FLOORED);
    }

    private static Activation activation(Path file, JsonNode config) {
        return Activation.named(ModelFolder.text(config, "hidden_act", "gelu"), file + ", hidden_act");
    }

    private static ImageConfig config(
            Path file, JsonNode config, int size, int patch, int usualWidth, int usualHeads, Activation activation) {
        int width = ModelFolder.positive(file, config, "hidden_size", usualWidth);
        return ModelFolder.imageConfig(
                file,
                size,
                ModelFolder.positive(file, config, "patch_size", patch),
                width,
                ModelFolder.positive(file, config, "num_hidden_layers", 12),
                ModelFolder.positive(file, config, "num_attention_heads", usualHeads),
                width,
                activation);
    }

    private static ImageTextModel.Parts parts(
            String family,
            Path folder,
            WeightReader from,
            ImageConfig image,
            Embedding embedding,
            @Nullable Rotary rotary,
            List<Block> blocks,
            LayerNorm post,
            Preprocessing own) {
        ImageWeights tensors = new ImageWeights(embedding, rotary, blocks, post, new Readout.ClassToken(null));
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
