package io.residual.pretrain;

import io.residual.model.Activation;
import io.residual.model.Block;
import io.residual.model.ClipTextTower;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.LayerNorm;
import io.residual.model.Linear;
import io.residual.tensor.Tensors;
import io.residual.world.Dice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A small CLIP with trainable weights, initialised as CLIP is (Radford et al. 2021, section 2.5 and code). */
final class TinyClip {
    static final ImageConfig IMAGE = new ImageConfig(48, 8, 128, 6, 8, 96, Activation.GELU);
    static final int TEXT_WIDTH = 96;
    static final int TEXT_LAYERS = 3;
    static final int TEXT_HEADS = 4;
    static final int CONTEXT = 48;
    static final double EPS = 1e-5;

    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Dice dice;
    private final ImageTower image;
    private final ClipTextTower text;
    private final Tensor logitScale;

    TinyClip(int vocabulary, int endOfText, long seed) {
        dice = new Dice(seed);
        int d = IMAGE.width();
        int p = IMAGE.patchSize();
        Tensor patch = normal("image.patch", .05, d, 3, p, p);
        Tensor token = normal("image.class", 1 / Math.sqrt(d), d);
        Tensor positions = normal("image.positions", 1 / Math.sqrt(d), 1 + IMAGE.patches(), d);
        LayerNorm pre = norm("image.pre", d);
        List<Block> imageBlocks = blocks("image", d, IMAGE.layers());
        LayerNorm post = norm("image.post", d);
        Linear projection = new Linear(normal("image.projection", 1 / Math.sqrt(d), IMAGE.sharedWidth(), d), null);
        image = new ImageTower(
                IMAGE, new ImageWeights(patch, null, token, positions, pre, imageBlocks, post, projection));
        text = new ClipTextTower(
                new ClipTextTower.Weights(
                        normal("text.tokens", .1, vocabulary, TEXT_WIDTH),
                        normal("text.positions", .02, CONTEXT, TEXT_WIDTH),
                        blocks("text", TEXT_WIDTH, TEXT_LAYERS),
                        norm("text.post", TEXT_WIDTH),
                        new Linear(
                                normal("text.projection", 1 / Math.sqrt(TEXT_WIDTH), IMAGE.sharedWidth(), TEXT_WIDTH),
                                null)),
                TEXT_HEADS,
                IMAGE.activation(),
                new ClipTextTower.EndOfText.Id(endOfText));
        logitScale = parameter("logit_scale", new float[] {(float) Math.log(1 / .07)});
    }

    ImageTower image() {
        return image;
    }

    ClipTextTower text() {
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
        float[] ones = new float[d];
        java.util.Arrays.fill(ones, 1);
        return new LayerNorm(parameter(name + ".weight", ones, d), parameter(name + ".bias", new float[d], d), EPS);
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
