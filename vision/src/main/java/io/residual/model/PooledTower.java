package io.residual.model;

import io.residual.model.Readout.AttentionPool;
import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A tower whose embedding is pooled from its tokens: their mean, or what a learned query's attention gathers. Every token's
 * residual stream is read, so the last block serves all of them.
 */
public final class PooledTower extends ImageTower {
    PooledTower(ImageConfig config, ImageWeights weights, List<HeldHead> held) {
        super(config, weights, held);
    }

    @Override
    public Residuals read(Tensor embedding, List<Tensor> heads, List<Tensor> mlps, Tensor stream) {
        Tensor tokens = weights.post().apply(stream); // [b, t, d]
        if (weights.readout() instanceof AttentionPool pool) {
            Tensor attended = attention(pool, tokens); // [b, P, t]
            Tensor gathered = gather(pool, attended, tokens); // [b, d]
            Tensor m = pool.fc2()
                    .apply(config.activation()
                            .apply(pool.fc1().apply(pool.norm().apply(gathered))));
            return new Residuals(embedding, heads, mlps, stream, attended, m, gathered.add(m));
        }
        Tensor equal = Ops.scale(torch.ones(stream.size(0), 1, stream.size(1)), 1.0 / stream.size(1));
        Tensor mean = equal.matmul(tokens).squeeze(1); // [b, d]
        Linear projection = weights.projection();
        return new Residuals(
                embedding, heads, mlps, stream, equal, null, projection == null ? mean : projection.apply(mean));
    }

    @Override
    public Tensor read(Tensor stream) {
        return read(stream, List.of(), List.of(), stream).output();
    }

    @Override
    long leadingRead(long tokens) {
        return tokens;
    }

    /** A view: all or nearly all of it is read, and nothing that a pass has written is overwritten. */
    @Override
    Tensor kept(Tensor x) {
        long from = firstRead();
        return x.narrow(1, from, x.size(1) - from);
    }

    /** All are pooled, or for the mean the patches. */
    @Override
    public int firstRead() {
        return weights.readout() instanceof AttentionPool
                ? 0
                : (int) weights.embedding().leading();
    }

    /**
     * The weights with which the pooling heads read the tokens, [b, P, t]. The query is the same for every image, so it is
     * projected on the tokens' own axes once, and no token needs a key.
     */
    private static Tensor attention(AttentionPool pool, Tensor tokens) {
        long d = tokens.size(2);
        long width = d / pool.heads();
        Tensor q = pool.qkv().rows(0, d).apply(pool.query()).view(pool.heads(), 1, width);
        Linear keys = pool.qkv().rows(d, 2 * d);
        Tensor asked =
                q.matmul(keys.weight().view(pool.heads(), width, d)).squeeze(1); // [P, d]; a bias adds the same to all
        Tensor scores = Ops.scale(asked.matmul(tokens.transpose(1, 2)), 1 / Math.sqrt((double) width));
        return torch.softmax(scores, -1);
    }

    /** O V Σ a_t x_t, the sum over tokens first: [b, d]. */
    private static Tensor gather(AttentionPool pool, Tensor attended, Tensor tokens) {
        long d = tokens.size(2);
        long heads = pool.heads();
        Tensor sums = attended.matmul(tokens); // [b, P, d]
        Tensor values = pool.values().weight().view(heads, d / heads, d);
        // [P, b, d] with [P, d, d/P]: a product for each pooling head, where one for each image would copy the values b
        // times.
        Tensor each = sums.transpose(0, 1)
                .matmul(values.transpose(1, 2))
                .transpose(0, 1)
                .reshape(-1, d);
        Tensor bias = pool.values().bias();
        return pool.out().apply(bias == null ? each : each.add(bias));
    }
}
