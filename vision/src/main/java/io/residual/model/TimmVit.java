package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A plain vision transformer of timm as the image tower of an open_clip configuration: its shape is in its name ({@code
 * vit_large_patch14_clip_224}), its readout in {@code timm_pool} and {@code timm_proj}.
 *
 * @param clip with a LayerNorm before the first block, and patches without a bias, as CLIP's
 * @param readout how the embedding is read
 */
record TimmVit(Size size, int patch, boolean clip, Activation activation, Kind readout, boolean projectionBias) {
    static final String LANDMARK = "visual.trunk.patch_embed.proj.weight";

    private static final Pattern NAME =
            Pattern.compile("vit_(tiny|small|medium|base|large|huge|gigantic)_patch(\\d+)_(clip_(quickgelu_)?)?\\d+");

    /** Width, layers, heads, and what an MLP is wider by. */
    record Size(int width, int layers, int heads, double mlp) {}

    private static final Map<String, Size> SIZES = new TreeMap<>(Map.of(
            "tiny", new Size(192, 12, 3, 4),
            "small", new Size(384, 12, 6, 4),
            "medium", new Size(512, 12, 8, 4),
            "base", new Size(768, 12, 12, 4),
            "large", new Size(1024, 24, 16, 4),
            "huge", new Size(1280, 32, 16, 4),
            "gigantic", new Size(1664, 48, 16, 64 / 13.)));

    /** What the shared space's axes are of. */
    enum Kind {
        /** timm's own classifier at the class token. */
        TOKEN_HEAD,
        /** open_clip's projection at the class token. */
        TOKEN_PROJECTION,
        /** open_clip's projection of the patches' mean. */
        MEAN_PROJECTION
    }

    /**
     * The tower that a configuration names; null where it names none of timm's.
     *
     * @throws InputException if it is none of the plain ones
     */
    static @Nullable TimmVit named(Path file, JsonNode vision) {
        String name = vision.path("timm_model_name").asText("");
        if (name.isEmpty()) {
            return null;
        }
        Matcher matcher = NAME.matcher(name);
        // timm's vit_medium is another one unless it is CLIP's.
        if (!matcher.matches() || (matcher.group(1).equals("medium") && matcher.group(3) == null)) {
            throw InputException.at(
                    file + ", 'vision_cfg.timm_model_name'",
                    "'" + name + "'",
                    "a plain vision transformer such as vit_large_patch14_clip_224",
                    reason(name));
        }
        boolean clip = matcher.group(3) != null;
        return new TimmVit(
                Objects.requireNonNull(SIZES.get(matcher.group(1))),
                Integer.parseInt(matcher.group(2)),
                clip,
                matcher.group(4) != null ? Activation.QUICK_GELU : Activation.GELU,
                kind(file, vision),
                vision.path("timm_proj_bias").asBoolean(false));
    }

    private static String reason(String name) {
        if (name.contains("siglip")) {
            return "open_clip's copies of SigLIP are not read; Google's own repositories (google/siglip-…,"
                    + " google/siglip2-…) have the same models";
        }
        if (name.contains("_pe_")) {
            return "The Perception Encoder rotates positions within its pooling, which this program does not take"
                    + " apart";
        }
        return name.startsWith("eva")
                ? "EVA normalises inside its blocks, which this program does not take apart"
                : "What is not a plain vision transformer is no sum over heads and MLPs of one width";
    }

    private static Kind kind(Path file, JsonNode vision) {
        String pool = vision.path("timm_pool").isNull()
                ? ""
                : vision.path("timm_pool").asText("avg");
        String projection = vision.path("timm_proj").isNull()
                ? ""
                : vision.path("timm_proj").asText("linear");
        boolean token =
                pool.equals("token") || (pool.isEmpty() && projection.equals("linear")); // the tower's own default
        if (token && projection.isEmpty()) {
            return Kind.TOKEN_HEAD;
        }
        if (token && projection.equals("linear")) {
            return Kind.TOKEN_PROJECTION;
        }
        if (pool.equals("avg") && projection.equals("linear")) {
            return Kind.MEAN_PROJECTION;
        }
        throw InputException.at(
                file + ", 'vision_cfg.timm_pool' and 'timm_proj'",
                "'" + pool + "' and '" + projection + "'",
                "token with linear or none given, or avg with linear",
                "Other readouts are not sums over normalised tokens followed by one matrix");
    }

    ImageConfig config(Path file, int imageSize, int shared) {
        return ModelFolder.imageConfig(file, imageSize, patch, size.width, size.layers, size.heads, shared, activation);
    }

    /** The tower's weights, under timm's names. */
    ImageWeights weights(WeightReader from, ImageConfig config) {
        long d = config.width();
        double eps = clip ? 1e-5 : 1e-6;
        long mlp = (long) (d * size.mlp);
        String trunk = "visual.trunk.";
        List<Block> blocks = new ArrayList<>();
        for (int l = 0; l < config.layers(); l++) {
            String at = trunk + "blocks." + l + ".";
            blocks.add(new Block(
                    from.norm(at + "norm1", d, eps),
                    from.linear(at + "attn.qkv", 3 * d, d),
                    from.linear(at + "attn.proj", d, d),
                    from.norm(at + "norm2", d, eps),
                    from.linear(at + "mlp.fc1", mlp, d),
                    from.linear(at + "mlp.fc2", d, mlp)));
        }
        Embedding embedding = new Embedding(
                from.tensor(LANDMARK, d, 3, patch, patch),
                clip ? null : from.tensor(trunk + "patch_embed.proj.bias", d),
                from.squeezed(trunk + "cls_token", d),
                from.squeezed(trunk + "pos_embed", 1 + config.patches(), d),
                clip ? from.norm(trunk + "norm_pre", d, eps) : null);
        Linear projection = readout == Kind.TOKEN_HEAD
                ? from.linear(trunk + "head", config.sharedWidth(), d)
                : from.linear("visual.head.proj", projectionBias, config.sharedWidth(), d);
        return new ImageWeights(
                embedding,
                null,
                blocks,
                from.norm(trunk + "norm", d, eps),
                readout == Kind.MEAN_PROJECTION
                        ? new Readout.PatchMean(projection)
                        : new Readout.ClassToken(projection));
    }
}
