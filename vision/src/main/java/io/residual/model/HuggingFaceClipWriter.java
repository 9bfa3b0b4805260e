package io.residual.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.images.Preprocessing;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a CLIP the way transformers saves one, so that {@code CLIPModel.from_pretrained} loads it. */
public final class HuggingFaceClipWriter {
    private final WeightWriter to;

    private HuggingFaceClipWriter(boolean half) {
        this.to = new WeightWriter(half);
    }

    /**
     * Writes {@code config.json}, {@code preprocessor_config.json} and {@code model.safetensors} into an existing folder.
     *
     * @param logitScale the logarithm of the factor on cosines
     * @param special ids of the begin and end tokens
     * @param half whether weights are stored in 16 bits
     */
    public static void write(
            Path folder, ImageTower image, ClipTextTower text, float logitScale, int[] special, boolean half)
            throws IOException {
        HuggingFaceClipWriter writer = new HuggingFaceClipWriter(half);
        try (NativeScope scope = NativeScope.inference()) {
            writer.image(image.weights());
            writer.text(text.weights());
            writer.to.tensor("logit_scale", Tensors.of(new float[] {logitScale}, new long[0]));
        }
        writer.to.writeTo(folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("config.json"), Json.file(config(image, text, special)));
        Files.writeString(
                folder.resolve("preprocessor_config.json"),
                Json.file(preprocessor(image.config().imageSize())));
    }

    private void image(ImageWeights w) {
        Embedding e = w.embedding();
        String at = "vision_model.";
        to.tensor(at + "embeddings.patch_embedding.weight", e.patch());
        to.tensor(at + "embeddings.class_embedding", Embedding.require(e.classToken(), "class token"));
        to.tensor(at + "embeddings.position_embedding.weight", Embedding.require(e.positions(), "table of positions"));
        if (e.pre() == null || w.projection() == null) {
            throw new IllegalArgumentException("CLIP has a LayerNorm before the blocks and a projection");
        }
        to.norm(at + "pre_layrnorm", e.pre());
        blocks(at, w.blocks());
        to.norm(at + "post_layernorm", w.post());
        to.tensor("visual_projection.weight", w.projection().weight());
    }

    private void text(ClipTextTower.Weights w) {
        String at = "text_model.";
        to.tensor(at + "embeddings.token_embedding.weight", w.tokens());
        to.tensor(at + "embeddings.position_embedding.weight", w.positions());
        blocks(at, w.blocks());
        to.norm(at + "final_layer_norm", w.post());
        to.tensor("text_projection.weight", w.projection().weight());
    }

    private void blocks(String tower, List<Block> blocks) {
        for (int l = 0; l < blocks.size(); l++) {
            Block block = blocks.get(l);
            String at = tower + "encoder.layers." + l + ".";
            long d = block.qkv().weight().size(1);
            to.linear(at + "self_attn.q_proj", block.qkv().rows(0, d));
            to.linear(at + "self_attn.k_proj", block.qkv().rows(d, 2 * d));
            to.linear(at + "self_attn.v_proj", block.qkv().rows(2 * d, 3 * d));
            to.linear(at + "self_attn.out_proj", block.out());
            to.linear(at + "mlp.fc1", block.fc1());
            to.linear(at + "mlp.fc2", block.fc2());
            to.norm(at + "layer_norm1", block.norm1());
            to.norm(at + "layer_norm2", block.norm2());
        }
    }

    private static ObjectNode config(ImageTower image, ClipTextTower text, int[] special) {
        ImageConfig c = image.config();
        ClipTextTower.Weights w = text.weights();
        ObjectNode root = Json.object();
        root.putArray("architectures").add("CLIPModel");
        root.put("model_type", "clip");
        root.put("projection_dim", c.sharedWidth());
        root.put("logit_scale_init_value", 2.6592);
        root.put("dtype", "float32"); // so that half-precision files are computed with in full precision
        root.putObject("text_config")
                .put("model_type", "clip_text_model")
                .put("vocab_size", w.tokens().size(0))
                .put("hidden_size", w.tokens().size(1))
                .put("intermediate_size", w.blocks().get(0).fc1().weight().size(0))
                .put("num_hidden_layers", w.blocks().size())
                .put("num_attention_heads", text.heads())
                .put("max_position_embeddings", text.context())
                .put("hidden_act", text.activation().configName())
                .put("layer_norm_eps", w.post().eps())
                .put("projection_dim", c.sharedWidth())
                .put("bos_token_id", special[0])
                .put("eos_token_id", special[1])
                .put("pad_token_id", special[1]);
        root.putObject("vision_config")
                .put("model_type", "clip_vision_model")
                .put("hidden_size", c.width())
                .put(
                        "intermediate_size",
                        image.weights().blocks().get(0).fc1().weight().size(0))
                .put("num_hidden_layers", c.layers())
                .put("num_attention_heads", c.heads())
                .put("image_size", c.imageSize())
                .put("patch_size", c.patchSize())
                .put("hidden_act", c.activation().configName())
                .put("layer_norm_eps", image.weights().post().eps())
                .put("projection_dim", c.sharedWidth());
        return root;
    }

    private static ObjectNode preprocessor(int size) {
        ObjectNode root = normalisation().put("image_processor_type", "CLIPImageProcessor");
        root.put("do_center_crop", true);
        root.putObject("size").put("shortest_edge", size);
        root.putObject("crop_size").put("height", size).put("width", size);
        return root;
    }

    /** What CLIP's and BLIP's preprocessing have in common. */
    static ObjectNode normalisation() {
        ObjectNode root = Json.object();
        root.put("do_convert_rgb", true).put("do_resize", true).put("do_rescale", true);
        root.put("do_normalize", true).put("resample", 3).put("rescale_factor", 1 / 255.0);
        for (float mean : Preprocessing.CLIP_MEAN) {
            root.withArray("/image_mean").add(mean);
        }
        for (float deviation : Preprocessing.CLIP_DEVIATION) {
            root.withArray("/image_std").add(deviation);
        }
        return root;
    }
}
