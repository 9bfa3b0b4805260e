package io.residual.model;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** How long a forward pass of a tower of some shape takes here; its weights are random, since time does not depend on them. */
public final class TowerTiming {
    private static final int ROUNDS = 3;

    private TowerTiming() {}

    /**
     * The shape of a tower but for its number of blocks.
     *
     * @param leadingTokens class token and registers
     * @param pooled whether attention pools all tokens
     * @param gated whether MLPs are gated
     */
    public record Shape(
            int imageSize,
            int patchSize,
            int width,
            int heads,
            int mlp,
            int leadingTokens,
            boolean pooled,
            boolean gated) {}

    /** Milliseconds an image of a tower with so many blocks, in batches as they are used: the best of three passes. */
    public static double milliseconds(Shape shape, int layers) {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = tower(shape, layers);
            int size = tower.config().imageSize();
            int batch = Math.min(tower.batch(), 8);
            Tensor pixels = torch.randn(batch, 3, size, size);
            double best = Double.POSITIVE_INFINITY;
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                try (NativeScope pass = NativeScope.nested()) {
                    tower.encode(pixels);
                }
                best = Math.min(best, (System.nanoTime() - start) / 1e6 / batch);
            }
            return best;
        }
    }

    private static ImageTower tower(Shape s, int layers) {
        int side = s.imageSize / s.patchSize;
        int d = s.width;
        List<Block> blocks = new ArrayList<>();
        for (int l = 0; l < layers; l++) {
            blocks.add(new Block(
                    norm(d),
                    linear(3L * d, d),
                    linear(d, d),
                    norm(d),
                    linear(s.gated ? 2L * s.mlp : s.mlp, d),
                    linear(d, s.mlp)));
        }
        boolean token = s.leadingTokens > 0;
        Embedding embedding = new Embedding(
                random(d, 3L * s.patchSize * s.patchSize).view(d, 3, s.patchSize, s.patchSize),
                null,
                token ? torch.zeros(d) : null,
                s.leadingTokens > 1 ? torch.zeros(s.leadingTokens - 1L, d) : null,
                torch.zeros((token ? 1 : 0) + (long) side * side, d),
                null,
                null);
        @Nullable Rotary none = null;
        Readout readout = s.pooled
                ? new Readout.AttentionPool(
                        s.heads,
                        torch.zeros(1, d),
                        linear(3L * d, d),
                        linear(d, d),
                        norm(d),
                        linear(s.mlp, d),
                        linear(d, s.mlp))
                : new Readout.ClassToken(null);
        ImageConfig config = new ImageConfig(
                side * s.patchSize,
                s.patchSize,
                d,
                layers,
                s.heads,
                d,
                s.gated ? Activation.SILU : s.pooled ? Activation.TANH_GELU : Activation.GELU);
        return ImageTower.of(config, new ImageWeights(embedding, none, blocks, norm(d), readout));
    }

    private static Tensor random(long out, long in) {
        return Ops.scale(torch.randn(out, in), 1 / Math.sqrt((double) in));
    }

    private static Linear linear(long out, long in) {
        return new Linear(random(out, in), torch.zeros(out));
    }

    private static LayerNorm norm(long d) {
        return new LayerNorm(torch.ones(d), torch.zeros(d), 1e-6);
    }
}
