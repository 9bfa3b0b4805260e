package io.residual.model;

import io.residual.tensor.Ops;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one pre-norm transformer block, d wide, and its two branches. A LayerScale, where a family has one, is
 * folded into {@code out} and {@code fc2} when the checkpoint is read.
 *
 * @param norm1 before attention
 * @param qkv [3d, d]: queries, keys and values, one under the other, heads side by side within each
 * @param out [d, d]: columns h·k to h·(k+1) belong to head k
 * @param norm2 before the MLP
 * @param fc1 [mlp, d]
 * @param fc2 [d, mlp]
 */
public record Block(LayerNorm norm1, Linear qkv, Linear out, LayerNorm norm2, Linear fc1, Linear fc2) {
    /**
     * The outputs of the heads before the output projection.
     *
     * @param x [b, t, d] the residual stream
     * @param queries number of leading tokens whose queries are computed; 1 for the class token alone
     * @param heads H
     * @param mask added to the scores, or null
     * @param causal whether a token sees only those before it
     * @param work memory for the widest values
     * @return z [b, queries, d], head k in columns h·k to h·(k+1)
     */
    Tensor attend(Tensor x, long queries, int heads, @Nullable Tensor mask, boolean causal, Workspace work) {
        long d = qkv.weight().size(1);
        long t = x.size(1);
        Tensor normed = norm1.apply(x);
        if (queries == t) {
            // [b, t, 3d] -> 3 of [b, H, t, h]
            Tensor all = work.forAttention(Workspace.product(qkv, normed, work.qkv()))
                    .view(x.size(0), t, 3, heads, d / heads)
                    .permute(2, 0, 3, 1, 4);
            return join(Ops.attention(all.select(0, 0), all.select(0, 1), all.select(0, 2), mask, causal));
        }
        Tensor q = qkv.rows(0, d).apply(normed.narrow(1, 0, queries)).to(ScalarType.Float);
        q = q.view(x.size(0), queries, heads, d / heads).transpose(1, 2);
        Tensor kv = work.forAttention(Workspace.product(qkv.rows(d, 3 * d), normed, work.qkv()))
                .view(x.size(0), t, 2, heads, d / heads)
                .permute(2, 0, 3, 1, 4);
        return join(Ops.attention(q, kv.select(0, 0), kv.select(0, 1), mask, causal));
    }

    /** [b, H, q, h] to [b, q, H·h]. */
    private static Tensor join(Tensor z) {
        return z.transpose(1, 2).reshape(z.size(0), z.size(2), -1);
    }

    /** The MLP's contribution for each token. {@code x} [b, t, d], the residual stream; gives [b, t, d]. */
    Tensor mlp(Tensor x, Activation activation, Workspace work) {
        return fc2.apply(activation.inPlace(Workspace.product(fc1, norm2.apply(x), work.hidden())));
    }

    /** A copy with other tensors for its products. */
    Block withProducts(UnaryOperator<Tensor> change) {
        return new Block(norm1, qkv.with(change), out.with(change), norm2, fc1.with(change), fc2.with(change));
    }
}
