package io.residual.pretrain;

import io.residual.model.Activation;
import io.residual.model.BertTextTower;
import io.residual.model.BlipWriter;
import io.residual.model.Block;
import io.residual.model.ClipTextTower;
import io.residual.model.HuggingFaceClipWriter;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.LayerNorm;
import io.residual.model.Linear;
import io.residual.model.OpenClipWriter;
import io.residual.model.TextTower;
import io.residual.tensor.Tensors;
import io.residual.world.Dice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A small CLIP, or the contrastive part of a small BLIP, with trainable weights, initialised as CLIP is (Radford et al.
 * 2021, section 2.5 and code).
 */
final class TinyClip {
    static final ImageConfig IMAGE = new ImageConfig(48, 8, 128, 6, 8, 96, Activation.GELU);
    static final int TEXT_WIDTH = 96;
    static final int TEXT_LAYERS = 3;
    static final int TEXT_HEADS = 4;
    static final int CONTEXT = 48;
    static final double EPS = 1e-5;

    /** BLIP's shared space is narrower than its towers, and so is this. */
    private static final int BLIP_SHARED = 64;

    private static final double BERT_EPS = 1e-12;

    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Dice dice;
    private final ImageTower image;
    private final TextTower text;
    private final Tensor logitScale;
    private final Architecture architecture;

    /** A CLIP in transformers' layout. */
    TinyClip(int vocabulary, int endOfText, long seed) {
        this(Architecture.CLIP, vocabulary, endOfText, seed);
    }

    TinyClip(Architecture architecture, int vocabulary, int endOfText, long seed) {
        this.architecture = architecture;
        dice = new Dice(seed);
        boolean blip = architecture == Architecture.BLIP;
        ImageConfig config = config(architecture);
        int d = config.width();
        int p = config.patchSize();
        Tensor patch = normal("image.patch", .05, d, 3, p, p);
        Tensor patchBias = blip ? parameter("image.patch.bias", new float[d], d) : null;
        Tensor token = normal("image.class", 1 / Math.sqrt(d), d);
        Tensor positions = normal("image.positions", 1 / Math.sqrt(d), 1 + config.patches(), d);
        LayerNorm pre = blip ? null : norm("image.pre", d);
        List<Block> imageBlocks = blocks("image", d, config.layers());
        LayerNorm post = norm("image.post", d);
        Linear projection = projection("image.projection", config.sharedWidth(), d, blip);
        image = ImageTower.of(
                config, new ImageWeights(patch, patchBias, token, positions, pre, imageBlocks, post, projection));
        text = blip ? bert(vocabulary) : clip(vocabulary, endOfText);
        logitScale = parameter("logit_scale", new float[] {(float) Math.log(1 / .07)});
    }

    private static ImageConfig config(Architecture architecture) {
        return switch (architecture) {
            case CLIP -> IMAGE;
            case OPEN_CLIP -> with(IMAGE.sharedWidth(), Activation.QUICK_GELU);
            case BLIP -> with(BLIP_SHARED, Activation.GELU);
        };
    }

    private static ImageConfig with(int shared, Activation activation) {
        return new ImageConfig(
                IMAGE.imageSize(), IMAGE.patchSize(), IMAGE.width(), IMAGE.layers(), IMAGE.heads(), shared, activation);
    }

    private ClipTextTower clip(int vocabulary, int endOfText) {
        return new ClipTextTower(
                new ClipTextTower.Weights(
                        normal("text.tokens", .1, vocabulary, TEXT_WIDTH),
                        normal("text.positions", .02, CONTEXT, TEXT_WIDTH),
                        blocks("text", TEXT_WIDTH, TEXT_LAYERS),
                        norm("text.post", TEXT_WIDTH),
                        projection("text.projection", image.config().sharedWidth(), TEXT_WIDTH, false)),
                TEXT_HEADS,
                image.config().activation(),
                architecture == Architecture.OPEN_CLIP
                        ? new ClipTextTower.EndOfText.HighestId()
                        : new ClipTextTower.EndOfText.Id(endOfText));
    }

    private BertTextTower bert(int vocabulary) {
        int d = TEXT_WIDTH;
        Tensor words = normal("text.words", .1, vocabulary, d);
        Tensor positions = normal("text.positions", .02, CONTEXT, d);
        LayerNorm norm = norm("text.norm", d, BERT_EPS);
        double out = 1 / Math.sqrt(d) / Math.sqrt(2.0 * TEXT_LAYERS);
        List<BertTextTower.Layer> layers = new ArrayList<>();
        for (int l = 0; l < TEXT_LAYERS; l++) {
            String at = "text." + l + ".";
            layers.add(new BertTextTower.Layer(
                    linear(at + "qkv", 1 / Math.sqrt(d), 3 * d, d),
                    linear(at + "out", out, d, d),
                    norm(at + "norm1", d, BERT_EPS),
                    linear(at + "fc1", 1 / Math.sqrt(2.0 * d), 4 * d, d),
                    linear(at + "fc2", out, d, 4 * d),
                    norm(at + "norm2", d, BERT_EPS)));
        }
        Linear projection = projection("text.projection", BLIP_SHARED, d, true);
        return new BertTextTower(
                new BertTextTower.Weights(words, positions, norm, layers, projection), TEXT_HEADS, Activation.GELU);
    }

    private Linear projection(String name, int out, int in, boolean biased) {
        Tensor weight = normal(name, 1 / Math.sqrt(in), out, in);
        return new Linear(weight, biased ? parameter(name + ".bias", new float[out], out) : null);
    }

    /** Writes the model in its architecture's layout. */
    void write(Path folder, WorldTokenizer tokenizer) throws IOException {
        float scale = (float) logitScale.item_double();
        if (text instanceof BertTextTower bert) {
            int[] special = {tokenizer.begin(), tokenizer.end(), tokenizer.end()};
            BlipWriter.write(folder, image, bert, special, true);
        } else if (architecture == Architecture.OPEN_CLIP) {
            OpenClipWriter.write(folder, image, (ClipTextTower) text, scale, true);
        } else {
            int[] special = {tokenizer.begin(), tokenizer.end()};
            HuggingFaceClipWriter.write(folder, image, (ClipTextTower) text, scale, special, true);
        }
    }

    ImageTower image() {
        return image;
    }

    TextTower text() {
        return text;
    }

    /** Logarithm of the factor on cosines, [1]. */
    Tensor logitScale() {
        return logitScale;
    }

    /** Every trainable tensor by name. */
    Map<String, Tensor> parameters() {
        return parameters;
    }

    private List<Block> blocks(String tower, int d, int layers) {
        double out = 1 / Math.sqrt(d) / Math.sqrt(2.0 * layers);
        List<Block> blocks = new ArrayList<>();
        for (int l = 0; l < layers; l++) {
            String at = tower + "." + l + ".";
            blocks.add(new Block(
                    norm(at + "norm1", d),
                    linear(at + "qkv", 1 / Math.sqrt(d), 3 * d, d),
                    linear(at + "out", out, d, d),
                    norm(at + "norm2", d),
                    linear(at + "fc1", 1 / Math.sqrt(2.0 * d), 4 * d, d),
                    linear(at + "fc2", out, d, 4 * d)));
        }
        return blocks;
    }

    private Linear linear(String name, double deviation, int out, int in) {
        return new Linear(normal(name + ".weight", deviation, out, in), parameter(name + ".bias", new float[out], out));
    }

    private LayerNorm norm(String name, int d) {
        return norm(name, d, EPS);
    }

    private LayerNorm norm(String name, int d, double eps) {
        float[] ones = new float[d];
        java.util.Arrays.fill(ones, 1);
        return new LayerNorm(parameter(name + ".weight", ones, d), parameter(name + ".bias", new float[d], d), eps);
    }

    private Tensor normal(String name, double deviation, int... shape) {
        int size = 1;
        long[] dimensions = new long[shape.length];
        for (int i = 0; i < shape.length; i++) {
            size *= shape[i];
            dimensions[i] = shape[i];
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (deviation * dice.normal());
        }
        return parameter(name, values, dimensions);
    }

    private Tensor parameter(String name, float[] values, long... shape) {
        Tensor tensor = Tensors.of(values, shape.length == 0 ? new long[] {values.length} : shape);
        tensor.set_requires_grad(true);
        parameters.put(name, tensor);
        return tensor;
    }
}
