package io.residual.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.images.Preprocessing;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Writes a CLIP the way open_clip publishes one, so that {@code open_clip.create_model("local-dir:…")} loads it. */
public final class OpenClipWriter {
    private final WeightWriter to;

    private OpenClipWriter(boolean half) {
        this.to = new WeightWriter(half);
    }

    /**
     * Writes {@code open_clip_config.json} and {@code open_clip_model.safetensors} into an existing folder.
     *
     * @param logitScale the logarithm of the factor on cosines
     * @param half whether weights are stored in 16 bits
     */
    public static void write(Path folder, ImageTower image, ClipTextTower text, float logitScale, boolean half)
            throws IOException {
        OpenClipWriter writer = new OpenClipWriter(half);
        try (NativeScope scope = NativeScope.inference()) {
            writer.image(image.weights());
            writer.text(text.weights());
            writer.to.tensor("logit_scale", Tensors.of(new float[] {logitScale}, new long[0]));
        }
        writer.to.writeTo(folder.resolve(OpenClip.WEIGHTS));
        Files.writeString(folder.resolve("open_clip_config.json"), Json.file(config(image, text)));
    }

    private void image(ImageWeights w) {
        Embedding e = w.embedding();
        if (e.pre() == null || w.projection() == null) {
            throw new IllegalArgumentException("CLIP has a LayerNorm before the blocks and a projection");
        }
        to.tensor("visual.conv1.weight", e.patch());
        to.tensor("visual.class_embedding", Embedding.require(e.classToken(), "class token"));
        to.tensor("visual.positional_embedding", Embedding.require(e.positions(), "table of positions"));
        to.norm("visual.ln_pre", e.pre());
        blocks("visual.transformer.resblocks.", w.blocks());
        to.norm("visual.ln_post", w.post());
        to.tensor("visual.proj", w.projection().weight().t());
    }

    private void text(ClipTextTower.Weights w) {
        to.tensor("token_embedding.weight", w.tokens());
        to.tensor("positional_embedding", w.positions());
        blocks("transformer.resblocks.", w.blocks());
        to.norm("ln_final", w.post());
        to.tensor("text_projection", w.projection().weight().t());
    }

    private void blocks(String prefix, List<Block> blocks) {
        for (int l = 0; l < blocks.size(); l++) {
            Block block = blocks.get(l);
            String at = prefix + l + ".";
            Tensor bias = block.qkv().bias();
            if (bias == null) {
                throw new IllegalArgumentException("CLIP's attention has biases");
            }
            to.tensor(at + "attn.in_proj_weight", block.qkv().weight());
            to.tensor(at + "attn.in_proj_bias", bias);
            to.linear(at + "attn.out_proj", block.out());
            to.norm(at + "ln_1", block.norm1());
            to.norm(at + "ln_2", block.norm2());
            to.linear(at + "mlp.c_fc", block.fc1());
            to.linear(at + "mlp.c_proj", block.fc2());
        }
    }

    private static ObjectNode config(ImageTower image, ClipTextTower text) {
        ImageConfig c = image.config();
        ClipTextTower.Weights w = text.weights();
        long width = w.tokens().size(1);
        ObjectNode root = Json.object();
        ObjectNode model = root.putObject("model_cfg")
                .put("embed_dim", c.sharedWidth())
                .put("quick_gelu", c.activation() == Activation.QUICK_GELU);
        model.putObject("vision_cfg")
                .put("image_size", c.imageSize())
                .put("layers", c.layers())
                .put("width", c.width())
                .put("head_width", c.headWidth())
                .put("patch_size", c.patchSize())
                .put(
                        "mlp_ratio",
                        (double) image.weights().blocks().get(0).fc1().weight().size(0) / c.width());
        model.putObject("text_cfg")
                .put("context_length", text.context())
                .put("vocab_size", w.tokens().size(0))
                .put("width", width)
                .put("heads", text.heads())
                .put("layers", w.blocks().size())
                .put("mlp_ratio", (double) w.blocks().get(0).fc1().weight().size(0) / width);
        ObjectNode preprocess = root.putObject("preprocess_cfg");
        ArrayNode mean = preprocess.putArray("mean");
        ArrayNode deviation = preprocess.putArray("std");
        for (int i = 0; i < 3; i++) {
            mean.add(Preprocessing.CLIP_MEAN[i]);
            deviation.add(Preprocessing.CLIP_DEVIATION[i]);
        }
        preprocess.put("interpolation", "bicubic").put("resize_mode", "shortest");
        return root;
    }
}
