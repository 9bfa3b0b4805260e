package io.residual.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.tensor.NativeScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes the contrastive part of a BLIP for retrieval the way transformers saves one: {@code
 * BlipForImageTextRetrieval.from_pretrained} loads it, and makes up the matching head and the cross-attention that are not
 * there.
 */
public final class BlipWriter {
    private final WeightWriter to;

    private BlipWriter(boolean half) {
        this.to = new WeightWriter(half);
    }

    /**
     * Writes {@code config.json}, {@code preprocessor_config.json} and {@code model.safetensors} into an existing folder.
     *
     * @param special ids of the begin, end and padding tokens
     * @param half whether weights are stored in 16 bits
     */
    public static void write(Path folder, ImageTower image, BertTextTower text, int[] special, boolean half)
            throws IOException {
        BlipWriter writer = new BlipWriter(half);
        try (NativeScope scope = NativeScope.inference()) {
            writer.image(image.weights());
            writer.text(text.weights());
        }
        writer.to.writeTo(folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("config.json"), Json.file(config(image, text, special)));
        int size = image.config().imageSize();
        ObjectNode preprocessor =
                HuggingFaceClipWriter.normalisation().put("image_processor_type", "BlipImageProcessor");
        preprocessor.putObject("size").put("height", size).put("width", size);
        Files.writeString(folder.resolve("preprocessor_config.json"), Json.file(preprocessor));
    }

    private void image(ImageWeights w) {
        Embedding e = w.embedding();
        Tensor patchBias = e.patchBias();
        Linear projection = w.projection();
        if (patchBias == null || projection == null || e.pre() != null) {
            throw new IllegalArgumentException(
                    "BLIP's image tower has biased patches, a projection and no LayerNorm before the blocks");
        }
        String at = "vision_model.";
        Tensor token = Embedding.require(e.classToken(), "class token");
        to.tensor(at + "embeddings.patch_embedding.weight", e.patch());
        to.tensor(at + "embeddings.patch_embedding.bias", patchBias);
        to.tensor(at + "embeddings.class_embedding", token.view(1, 1, -1));
        to.tensor(
                at + "embeddings.position_embedding",
                Embedding.require(e.positions(), "table of positions").unsqueeze(0));
        for (int l = 0; l < w.blocks().size(); l++) {
            Block block = w.blocks().get(l);
            String layer = at + "encoder.layers." + l + ".";
            to.linear(layer + "self_attn.qkv", block.qkv());
            to.linear(layer + "self_attn.projection", block.out());
            to.linear(layer + "mlp.fc1", block.fc1());
            to.linear(layer + "mlp.fc2", block.fc2());
            to.norm(layer + "layer_norm1", block.norm1());
            to.norm(layer + "layer_norm2", block.norm2());
        }
        to.norm(at + "post_layernorm", w.post());
        to.linear("vision_proj", projection);
    }

    private void text(BertTextTower.Weights w) {
        String at = "text_encoder.";
        to.tensor(at + "embeddings.word_embeddings.weight", w.words());
        to.tensor(at + "embeddings.position_embeddings.weight", w.positions());
        to.norm(at + "embeddings.LayerNorm", w.norm());
        for (int l = 0; l < w.layers().size(); l++) {
            BertTextTower.Layer each = w.layers().get(l);
            String layer = at + "encoder.layer." + l + ".";
            long d = each.qkv().weight().size(1);
            String self = layer + "attention.self.";
            to.linear(self + "query", each.qkv().rows(0, d));
            to.linear(self + "key", each.qkv().rows(d, 2 * d));
            to.linear(self + "value", each.qkv().rows(2 * d, 3 * d));
            to.linear(layer + "attention.output.dense", each.out());
            to.norm(layer + "attention.output.LayerNorm", each.norm1());
            to.linear(layer + "intermediate.dense", each.fc1());
            to.linear(layer + "output.dense", each.fc2());
            to.norm(layer + "output.LayerNorm", each.norm2());
        }
        Linear projection = w.projection();
        if (projection == null) {
            throw new IllegalArgumentException("BLIP's text tower has a projection");
        }
        to.linear("text_proj", projection);
    }

    private static ObjectNode config(ImageTower image, BertTextTower text, int[] special) {
        ImageConfig c = image.config();
        BertTextTower.Weights w = text.weights();
        ObjectNode root = Json.object();
        root.putArray("architectures").add("BlipForImageTextRetrieval");
        root.put("model_type", "blip");
        root.put("image_text_hidden_size", c.sharedWidth()).put("projection_dim", c.sharedWidth());
        root.put("dtype", "float32"); // so that half-precision files are computed with in full precision
        root.putObject("text_config")
                .put("model_type", "blip_text_model")
                .put("vocab_size", w.words().size(0))
                .put("hidden_size", w.words().size(1))
                .put("encoder_hidden_size", c.width())
                .put("intermediate_size", w.layers().get(0).fc1().weight().size(0))
                .put("num_hidden_layers", w.layers().size())
                .put("num_attention_heads", text.heads())
                .put("max_position_embeddings", text.context())
                .put("hidden_act", text.activation().configName())
                .put("layer_norm_eps", w.norm().eps())
                .put("projection_dim", c.sharedWidth())
                .put("bos_token_id", special[0])
                .put("eos_token_id", special[1])
                .put("sep_token_id", special[1])
                .put("pad_token_id", special[2]);
        root.putObject("vision_config")
                .put("model_type", "blip_vision_model")
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
}
