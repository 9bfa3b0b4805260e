package io.residual.model;

import io.residual.tensor.NativeScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A forward pass through a tower's blocks, with what they have written so far. */
final class Pass {
    private final ImageTower tower;
    private final Attention attention;
    private final Workspace work;
    private final Tensor embedding; // [b, t, d]
    private final List<Tensor> heads; // of [b, t, d], heads side by side
    private final List<Tensor> mlps; // of [b, t, d]

    private Pass(
            ImageTower tower,
            Attention attention,
            Workspace work,
            Tensor embedding,
            List<Tensor> heads,
            List<Tensor> mlps) {
        this.tower = tower;
        this.attention = attention;
        this.work = work;
        this.embedding = embedding;
        this.heads = new ArrayList<>(heads);
        this.mlps = new ArrayList<>(mlps);
    }

    /**
     * The whole pass.
     *
     * @param lastInFull whether the last block serves tokens, too, that are not read
     * @param forks called at every layer
     */
    static Residuals run(ImageTower tower, Tensor pixels, PassHooks hooks, boolean lastInFull, Consumer<Fork> forks) {
        Tensor x = tower.weights.embedding().apply(pixels); // [b, t, d]
        Workspace work = Workspace.of(tower.weights.blocks().get(0), x.size(0) * x.size(1));
        Pass pass = new Pass(tower, tower.attention(pixels), work, tower.kept(x), List.of(), List.of());
        return pass.through(0, x, hooks, lastInFull, forks);
    }

    /** The same from block {@code from} on, without hooks. {@code x} [b, t, d], the stream before it, is freed. */
    Residuals finish(Tensor z, Tensor m, Tensor x) {
        Pass rest = new Pass(tower, attention, work, embedding, heads, mlps);
        rest.heads.add(z);
        rest.mlps.add(m);
        return rest.through(rest.heads.size(), x, PassHooks.NONE, false, fork -> {});
    }

    private Residuals through(int from, Tensor x, PassHooks hooks, boolean lastInFull, Consumer<Fork> forks) {
        List<Block> blocks = tower.weights.blocks();
        for (int l = from; l < blocks.size(); l++) {
            Block block = blocks.get(l);
            // After the last block only some tokens may be read, so only they need to ask, and only they need an MLP.
            boolean all = l < blocks.size() - 1 || lastInFull;
            long tokens = all ? x.size(1) : tower.leadingRead(x.size(1));
            try (Tensor before = x;
                    NativeScope scope = NativeScope.nested()) { // a block's own values are many times the stream's
                Tensor asking = before.narrow(1, 0, tokens);
                Tensor read = tower.held(l, block.attend(before, tokens, attention, work, l, hooks));
                Tensor z = hooks.heads(l, read); // [b, tokens, d]
                Tensor between = work.sum(asking, block.out().apply(z)); // x + o_l
                Tensor m = hooks.mlp(l, mlp(block, between)); // [b, tokens, d]
                forks.accept(new Fork(this, block, l, asking, z, between, m));
                heads.add(scope.keep(tower.kept(z)));
                mlps.add(scope.keep(kept(m)));
                x = scope.keep(work.sum(m, between)); // x + o_l + m_l, in place of x + o_l, since m_l may be kept
            }
        }
        return tower.read(embedding, heads, mlps, tower.kept(x)); // of embedding + Σ (o_l + m_l)
    }

    /** What a block's MLP writes. {@code between} [b, q, d]; gives [b, q, d]. */
    Tensor mlp(Block block, Tensor between) {
        return block.mlp(between, tower.config.activation(), work);
    }

    /** What is kept of something written: the tokens that are read, as 32-bit floats. */
    Tensor kept(Tensor written) {
        return tower.kept(written).to(ScalarType.Float);
    }
}
