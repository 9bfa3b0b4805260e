package io.residual.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.images.Preprocessing;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Writes a CLIP the way open_clip publishes one, so that {@code open_clip.create_model("local-dir:…")} loads it. */
public final class OpenClipWriter {
    private final SafetensorsWriter weights = new SafetensorsWriter().metadata("format", "pt");
    private final ScalarType type;

    private OpenClipWriter(ScalarType type) {
        this.type = type;
    }

    /**
     * Writes {@code open_clip_config.json} and {@code open_clip_model.safetensors} into an existing folder.
     *
     * @param logitScale the logarithm of the factor on cosines
     * @param half whether weights are stored in 16 bits
     */
    public static void write(Path folder, ImageTower image, ClipTextTower text, float logitScale, boolean half)
            throws IOException {
        OpenClipWriter writer = new OpenClipWriter(half ? ScalarType.Half : ScalarType.Float);
        try (NativeScope scope = NativeScope.inference()) {
            writer.image(image.weights());
            writer.text(text.weights());
            writer.add("logit_scale", Tensors.of(new float[] {logitScale}, new long[0]));
        }
        writer.weights.writeTo(folder.resolve(OpenClip.WEIGHTS));
        Files.writeString(
                folder.resolve("open_clip_config.json"), config(image, text).toPrettyString() + "\n");
    }

    private void image(ImageWeights w) {
        if (w.pre() == null || w.projection() == null) {
            throw new IllegalArgumentException("CLIP has a LayerNorm before the blocks and a projection");
        }
        add("visual.conv1.weight", w.patch());
        add("visual.class_embedding", w.classToken());
        add("visual.positional_embedding", w.positions());
        norm("visual.ln_pre", w.pre());
        blocks("visual.transformer.resblocks.", w.blocks());
        norm("visual.ln_post", w.post());
        add("visual.proj", w.projection().weight().t());
    }

    private void text(ClipTextTower.Weights w) {
        add("token_embedding.weight", w.tokens());
        add("positional_embedding", w.positions());
        blocks("transformer.resblocks.", w.blocks());
        norm("ln_final", w.post());
        add("text_projection", w.projection().weight().t());
    }

    private void blocks(String prefix, List<Block> blocks) {
        for (int l = 0; l < blocks.size(); l++) {
            Block block = blocks.get(l);
            String at = prefix + l + ".";
            Tensor bias = block.qkv().bias();
            if (bias == null) {
                throw new IllegalArgumentException("CLIP's attention has biases");
            }
            add(at + "attn.in_proj_weight", block.qkv().weight());
            add(at + "attn.in_proj_bias", bias);
            linear(at + "attn.out_proj", block.out());
            norm(at + "ln_1", block.norm1());
            norm(at + "ln_2", block.norm2());
            linear(at + "mlp.c_fc", block.fc1());
            linear(at + "mlp.c_proj", block.fc2());
        }
    }

    private void norm(String name, LayerNorm norm) {
        add(name + ".weight", norm.weight());
        add(name + ".bias", norm.bias());
    }

    private void linear(String name, Linear linear) {
        add(name + ".weight", linear.weight());
        Tensor bias = linear.bias();
        if (bias != null) {
            add(name + ".bias", bias);
        }
    }

    private void add(String name, Tensor tensor) {
        weights.add(name, tensor.detach().to(type));
    }

    private static ObjectNode config(ImageTower image, ClipTextTower text) {
        ImageConfig c = image.config();
        ClipTextTower.Weights w = text.weights();
        long width = w.tokens().size(1);
        ObjectNode root = new ObjectMapper().createObjectNode();
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
