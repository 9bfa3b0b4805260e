package io.residual.model;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * SigLIP's text tower: every token sees every other, padding among them, as it was trained; read at the last place of the
 * context, whatever stands there.
 *
 * <p>Axes: n texts, t tokens, d width, D shared width.
 */
public final class SiglipTextTower implements TextTower {
    private final ClipTextTower.Weights weights;
    private final int heads;
    private final Activation activation;

    SiglipTextTower(ClipTextTower.Weights weights, int heads, Activation activation) {
        this.weights = weights;
        this.heads = heads;
        this.activation = activation;
        TextTower.requireHeads(weights.tokens(), heads);
    }

    /** Between an MLP's layers. */
    public Activation activation() {
        return activation;
    }

    @Override
    public int context() {
        return Math.toIntExact(weights.positions().size(0));
    }

    @Override
    public Tensor encode(TokenIds ids) {
        TextTower.requireKnown(ids, weights.tokens());
        int t = context();
        Tensor x = torch.embedding(weights.tokens(), Tensors.of(ids.ids(), ids.size(), t))
                .add(weights.positions()); // [n, t, d]
        Attention attention = Attention.full(heads);
        for (Block block : weights.blocks()) {
            try (Tensor before = x;
                    NativeScope scope = NativeScope.nested()) {
                Tensor between = before.add(block.out().apply(block.attend(before, t, attention, Workspace.NONE)));
                x = scope.keep(between.add(block.mlp(between, activation, Workspace.NONE)));
            }
        }
        return weights.projection().apply(weights.post().apply(x.select(1, t - 1L))); // [n, D]
    }
}
