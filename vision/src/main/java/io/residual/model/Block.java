package io.residual.model;

import io.residual.tensor.Ops;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The weights of one pre-norm transformer block, d wide, and its two branches. A LayerScale, where a family has one, is
 * folded into {@code out} and {@code fc2} when the checkpoint is read; a bias that a family leaves out of queries, keys or
 * values is one of zeros.
 *
 * @param norm1 before attention
 * @param qkv [3d, d]: queries, keys and values, one under the other, heads side by side within each
 * @param out [d, d]: columns h·k to h·(k+1) belong to head k
 * @param norm2 before the MLP
 * @param fc1 [mlp, d]; of a gated MLP [2·mlp, d], the gates above what they let through
 * @param fc2 [d, mlp]
 */
public record Block(LayerNorm norm1, Linear qkv, Linear out, LayerNorm norm2, Linear fc1, Linear fc2) {
    /**
     * The outputs of the heads before the output projection.
     *
     * @param x [b, t, d] the residual stream
     * @param queries number of leading tokens whose queries are computed; 1 for the class token alone, which has no rotary position
     * @param work memory for the widest values
     * @return z [b, queries, d], head k in columns h·k to h·(k+1)
     */
    Tensor attend(Tensor x, long queries, Attention attention, Workspace work) {
        return attend(x, queries, attention, work, 0, PassHooks.NONE);
    }

    /** The same, watched: this block is number {@code layer}. */
    Tensor attend(Tensor x, long queries, Attention attention, Workspace work, int layer, PassHooks hooks) {
        int heads = attention.heads();
        long d = qkv.weight().size(1);
        long t = x.size(1);
        Tensor normed = norm1.apply(x);
        if (queries == t) {
            // [b, t, 3d] -> 3 of [b, H, t, h]
            Tensor all = work.forAttention(Workspace.product(qkv, normed, work.qkv()))
                    .view(x.size(0), t, 3, heads, d / heads)
                    .permute(2, 0, 3, 1, 4);
            Tensor q = attention.placed(all.select(0, 0));
            Tensor k = attention.placed(all.select(0, 1));
            hooks.attention(layer, q, k, all.select(0, 2));
            return join(Ops.attention(q, k, all.select(0, 2), null, attention.causal()));
        }
        Tensor q = qkv.rows(0, d).apply(normed.narrow(1, 0, queries)).to(ScalarType.Float);
        q = q.view(x.size(0), queries, heads, d / heads).transpose(1, 2);
        Tensor kv = work.forAttention(Workspace.product(qkv.rows(d, 3 * d), normed, work.qkv()))
                .view(x.size(0), t, 2, heads, d / heads)
                .permute(2, 0, 3, 1, 4);
        Tensor k = attention.placed(kv.select(0, 0));
        hooks.attention(layer, q, k, kv.select(0, 1));
        return join(Ops.attention(q, k, kv.select(0, 1), null, attention.causal()));
    }

    /** [b, H, q, h] to [b, q, H·h]. */
    private static Tensor join(Tensor z) {
        return z.transpose(1, 2).reshape(z.size(0), z.size(2), -1);
    }

    /** The MLP's contribution for each token. {@code x} [b, t, d], the residual stream; gives [b, t, d]. */
    Tensor mlp(Tensor x, Activation activation, Workspace work) {
        Tensor hidden = Workspace.product(fc1, norm2.apply(x), work.hidden());
        if (!gated()) {
            return fc2.apply(activation.inPlace(hidden));
        }
        long mlp = fc2.inputs();
        Tensor gates = hidden.narrow(-1, 0, mlp);
        return fc2.apply(activation.apply(gates).mul(hidden.narrow(-1, mlp, mlp)));
    }

    /** Whether half of what {@code fc1} gives are gates for the other half (SwiGLU). */
    public boolean gated() {
        return fc1.outputs() == 2 * fc2.inputs();
    }

    /** A copy with other tensors for its products. */
    Block withProducts(UnaryOperator<Tensor> change) {
        return new Block(norm1, qkv.with(change), out.with(change), norm2, fc1.with(change), fc2.with(change));
    }
}
