package io.residual.model;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * BLIP's text tower for retrieval: BERT (Devlin et al. 2019), every token seeing every other, LayerNorm after each sum,
 * read at the first token (Li et al. 2022). Its cross-attention to images takes no part in the contrastive score.
 *
 * <p>Axes: n texts, t tokens, d width, D shared width.
 */
public final class BertTextTower implements TextTower {
    /**
     * One post-norm layer.
     *
     * @param qkv [3d, d]
     * @param out [d, d]
     * @param fc1 [mlp, d]
     * @param fc2 [d, mlp]
     */
    public record Layer(Linear qkv, Linear out, LayerNorm norm1, Linear fc1, Linear fc2, LayerNorm norm2) {}

    /**
     * The weights.
     *
     * @param words [vocabulary, d]
     * @param positions [context, d]
     * @param projection [D, d], or null where the tower's own width is the shared one
     */
    public record Weights(
            Tensor words,
            Tensor positions,
            LayerNorm norm,
            List<Layer> layers,
            @Nullable Linear projection) {
        public Weights {
            layers = List.copyOf(layers);
        }
    }

    private final Weights weights;
    private final int heads;
    private final Activation activation;

    public BertTextTower(Weights weights, int heads, Activation activation) {
        this.weights = weights;
        this.heads = heads;
        this.activation = activation;
        TextTower.requireHeads(weights.words(), heads);
    }

    /** The tower's weights. */
    public Weights weights() {
        return weights;
    }

    /** Heads per layer, H. */
    public int heads() {
        return heads;
    }

    /** The activation between an MLP's layers. */
    public Activation activation() {
        return activation;
    }

    @Override
    public int context() {
        return Math.toIntExact(weights.positions().size(0));
    }

    @Override
    public Tensor encode(TokenIds ids) {
        TextTower.requireKnown(ids, weights.words());
        int t = ids.longest();
        Tensor x = weights.norm()
                .apply(torch.embedding(weights.words(), Tensors.of(ids.head(t), ids.size(), t))
                        .add(weights.positions().narrow(0, 0, t))); // [n, t, d]
        Tensor mask = mask(ids, t);
        for (Layer layer : weights.layers()) {
            try (Tensor before = x;
                    NativeScope scope = NativeScope.nested()) {
                Tensor between = layer.norm1().apply(before.add(layer.out().apply(attend(layer, before, mask))));
                Tensor mlp = layer.fc2().apply(activation.apply(layer.fc1().apply(between)));
                x = scope.keep(layer.norm2().apply(between.add(mlp)));
            }
        }
        Tensor first = x.select(1, 0); // [n, d]
        Linear projection = weights.projection();
        return projection == null ? first : projection.apply(first);
    }

    private Tensor attend(Layer layer, Tensor x, Tensor mask) {
        long n = x.size(0);
        long t = x.size(1);
        Tensor all =
                layer.qkv().apply(x).view(n, t, 3, heads, x.size(2) / heads).permute(2, 0, 3, 1, 4);
        return Ops.attention(all.select(0, 0), all.select(0, 1), all.select(0, 2), mask, false)
                .transpose(1, 2)
                .reshape(n, t, -1);
    }

    /** Added to the scores: nothing for a text's own tokens, −∞ for padding. [n, 1, 1, t]. */
    private static Tensor mask(TokenIds ids, int t) {
        float[] mask = new float[ids.size() * t];
        for (int i = 0; i < ids.size(); i++) {
            Arrays.fill(mask, i * t + ids.lengths()[i], (i + 1) * t, Float.NEGATIVE_INFINITY);
        }
        return Tensors.of(mask, (long) ids.size(), 1, 1, t);
    }
}
