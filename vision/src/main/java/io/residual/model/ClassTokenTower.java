package io.residual.model;

import io.residual.tensor.NativeScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A tower that is read at its class token, the first, so that one residual stream is all there is to split. */
public final class ClassTokenTower extends ImageTower {
    ClassTokenTower(ImageConfig config, ImageWeights weights) {
        super(config, weights);
    }

    @Override
    public Residuals trace(Tensor pixels) {
        return run(pixels, false);
    }

    @Override
    public Residuals traceInFull(Tensor pixels) {
        return run(pixels, true);
    }

    /** The forward pass. */
    private Residuals run(Tensor pixels, boolean lastBlockInFull) {
        int last = weights.blocks().size() - 1;
        Attention attention = attention(pixels);
        Tensor x = weights.embedding().apply(pixels); // [b, t, d]
        final Tensor embedding = classToken(x); // [b, 1, d]
        List<Tensor> heads = new ArrayList<>(); // L of [b, 1, d], heads side by side
        List<Tensor> mlps = new ArrayList<>(); // L of [b, 1, d]
        Workspace work = Workspace.of(weights.blocks().get(0), x.size(0) * x.size(1));
        for (int l = 0; l <= last; l++) {
            Block block = weights.blocks().get(l);
            // After the last block only the class token is read, so only it needs to ask, and only it needs an MLP.
            long tokens = l < last || lastBlockInFull ? x.size(1) : 1;
            try (Tensor before = x;
                    NativeScope scope = NativeScope.nested()) { // a block's own values are many times the stream's
                Tensor z = block.attend(before, tokens, attention, work); // [b, tokens, d]
                Tensor between =
                        work.sum(before.narrow(1, 0, tokens), block.out().apply(z)); // x + o_l
                Tensor m = block.mlp(between, config.activation(), work); // [b, tokens, d]
                heads.add(scope.keep(classToken(z)));
                mlps.add(scope.keep(classToken(m).to(ScalarType.Float)));
                x = scope.keep(work.sum(between, m)); // x + o_l + m_l
            }
        }
        Tensor stream = classToken(x); // [b, 1, d] = embedding + Σ (o_l + m_l)
        Tensor output = weights.post().apply(stream.squeeze(1)); // [b, d]
        Linear projection = weights.projection();
        return new Residuals(
                embedding,
                heads,
                mlps,
                stream,
                torch.ones(stream.size(0), 1, 1),
                null,
                projection == null ? output : projection.apply(output));
    }

    /** A copy, since a view would keep every token's numbers in memory, and what it views may be overwritten. */
    private static Tensor classToken(Tensor x) {
        return x.narrow(1, 0, 1).clone();
    }
}
