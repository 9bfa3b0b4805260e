package io.residual.model;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * CLIP's text tower: a transformer, causal as published or not, read at the end-of-text token (Radford et al. 2021).
 *
 * <p>Axes: n texts, t tokens, d width, D shared width.
 */
public final class ClipTextTower implements TextTower {
    /** The position at which a text's features are read. */
    public sealed interface EndOfText {
        /** At the first token with this id: newer Hugging Face configurations. */
        record Id(long id) implements EndOfText {}

        /** At the first token with the highest id: OpenCLIP, and Hugging Face configurations that say 2. */
        record HighestId() implements EndOfText {}
    }

    /**
     * The weights.
     *
     * @param tokens [vocabulary, d]
     * @param positions [context, d]
     * @param projection [D, d]
     */
    public record Weights(Tensor tokens, Tensor positions, List<Block> blocks, LayerNorm post, Linear projection) {
        public Weights {
            blocks = List.copyOf(blocks);
        }
    }

    private final Weights weights;
    private final int heads;
    private final Activation activation;
    private final EndOfText endOfText;
    private final boolean causal;

    /** A causal tower. */
    public ClipTextTower(Weights weights, int heads, Activation activation, EndOfText endOfText) {
        this(weights, heads, activation, endOfText, true);
    }

    /** A tower in which tokens see only those before them, or all of the context, the padding among them. */
    ClipTextTower(Weights weights, int heads, Activation activation, EndOfText endOfText, boolean causal) {
        this.causal = causal;
        this.weights = weights;
        this.heads = heads;
        this.activation = activation;
        this.endOfText = endOfText;
        TextTower.requireHeads(weights.tokens(), heads);
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

    /** The position at which a text's features are read. */
    public EndOfText endOfText() {
        return endOfText;
    }

    @Override
    public int context() {
        return Math.toIntExact(weights.positions().size(0));
    }

    @Override
    public Tensor encode(TokenIds ids) {
        TextTower.requireKnown(ids, weights.tokens());
        int t = causal ? ids.longest() : context(); // a causal tower never sees the padding after the end
        Tensor x = torch.embedding(weights.tokens(), Tensors.of(ids.head(t), ids.size(), t))
                .add(weights.positions().narrow(0, 0, t)); // [n, t, d]
        Attention attention = causal ? Attention.causal(heads) : Attention.full(heads);
        for (Block block : weights.blocks()) {
            try (Tensor before = x;
                    NativeScope scope = NativeScope.nested()) {
                Tensor between = before.add(block.out().apply(block.attend(before, t, attention, Workspace.NONE)));
                x = scope.keep(between.add(block.mlp(between, activation, Workspace.NONE)));
            }
        }
        Tensor rows = x.reshape(-1, x.size(2)).index_select(0, Tensors.indices(ends(ids, t))); // [n, d]
        return weights.projection().apply(weights.post().apply(rows));
    }

    /** Indices of the end-of-text tokens in the flattened [n · t] sequence. */
    private int[] ends(TokenIds ids, int t) {
        int[] ends = new int[ids.size()];
        for (int i = 0; i < ends.length; i++) {
            long[] row = ids.row(i);
            int at = 0;
            if (endOfText instanceof EndOfText.Id end) {
                while (at < t - 1 && row[at] != end.id()) {
                    at++;
                }
                at = row[at] == end.id() ? at : 0;
            } else {
                for (int j = 1; j < t; j++) {
                    at = row[j] > row[at] ? j : at;
                }
            }
            ends[i] = i * t + at;
        }
        return ends;
    }
}
