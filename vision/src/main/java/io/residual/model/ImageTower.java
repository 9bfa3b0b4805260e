package io.residual.model;

import io.residual.base.InputException;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The image tower: a vision transformer whose class token's residual stream is a sum of what the embedding, every
 * attention head and every MLP wrote into it (Dosovitskiy et al. 2021; Radford et al. 2021).
 *
 * <p>Axes: b images, t tokens (the class token first), d residual width, H heads, h head width, L layers, D shared width.
 */
public final class ImageTower {
    /** Tokens of a batch. Twice and half as many were as fast or slower (docs/performance.md). */
    private static final int TOKENS = 2048;

    private final ImageConfig config;
    private final ImageWeights weights;

    public ImageTower(ImageConfig config, ImageWeights weights) {
        this.config = config;
        this.weights = weights;
    }

    /** The tower's shape. */
    public ImageConfig config() {
        return config;
    }

    /** Images a forward pass: few enough tokens to stay near the processor, and enough for products at full speed. */
    public int batch() {
        return Math.max(4, Math.min(64, TOKENS / (1 + config.patches())));
    }

    /** The tower's weights. */
    public ImageWeights weights() {
        return weights;
    }

    /** The image embeddings, before any normalisation. {@code pixels} [b, 3, S, S]; gives [b, D]. */
    public Tensor encode(Tensor pixels) {
        return run(pixels, false).output();
    }

    /** The image embeddings and all that was written into the class token's residual stream on the way to them. */
    public Residuals trace(Tensor pixels) {
        return run(pixels, false);
    }

    /** As {@link #trace}, computing every token of the last block although only the class token is used. */
    public Residuals traceInFull(Tensor pixels) {
        return run(pixels, true);
    }

    /** The forward pass. */
    private Residuals run(Tensor pixels, boolean lastBlockInFull) {
        int last = weights.blocks().size() - 1;
        Tensor x = embed(pixels); // [b, t, d]
        final Tensor embedding = classToken(x); // [b, d]
        List<Tensor> heads = new ArrayList<>(); // L of [b, d], heads side by side
        List<Tensor> mlps = new ArrayList<>(); // L of [b, d]
        Workspace work = Workspace.of(weights.blocks().get(0), x.size(0) * x.size(1));
        for (int l = 0; l <= last; l++) {
            Block block = weights.blocks().get(l);
            // After the last block only the class token is read, so only it needs to ask, and only it needs an MLP.
            long tokens = l < last || lastBlockInFull ? x.size(1) : 1;
            try (Tensor before = x;
                    NativeScope scope = NativeScope.nested()) { // a block's own values are many times the stream's
                Tensor z = block.attend(before, tokens, config.heads(), null, false, work); // [b, tokens, d]
                Tensor between =
                        work.sum(before.narrow(1, 0, tokens), block.out().apply(z)); // x + o_l
                Tensor m = block.mlp(between, config.activation(), work); // [b, tokens, d]
                heads.add(scope.keep(classToken(z)));
                mlps.add(scope.keep(classToken(m).to(ScalarType.Float)));
                x = scope.keep(work.sum(between, m)); // x + o_l + m_l
            }
        }
        Tensor stream = classToken(x); // [b, d] = embedding + Σ (o_l + m_l)
        Tensor output = weights.post().apply(stream); // [b, d]
        Linear projection = weights.projection();
        return new Residuals(embedding, heads, mlps, stream, projection == null ? output : projection.apply(output));
    }

    /** Patches, class token and positions. {@code pixels} [b, 3, S, S]; gives [b, t, d]. */
    private Tensor embed(Tensor pixels) {
        long b = pixels.size(0);
        int p = config.patchSize();
        long rows = pixels.size(2) / p;
        long columns = pixels.size(3) / p;
        // Patches do not overlap, so their convolution is one product.
        Tensor patches = pixels.narrow(2, 0, rows * p)
                .narrow(3, 0, columns * p)
                .reshape(b, 3, rows, p, columns, p)
                .permute(0, 2, 4, 1, 3, 5)
                .reshape(b, rows * columns, 3L * p * p); // [b, patches, 3p²]
        Tensor embedded =
                new Linear(weights.patch().flatten(1, -1), weights.patchBias()).apply(patches); // [b, patches, d]
        Tensor token = weights.classToken().expand(b, 1, config.width());
        Tensor x = Ops.cat(List.of(token, embedded.to(ScalarType.Float)), 1).add(positions(rows, columns));
        LayerNorm pre = weights.pre();
        return pre == null ? x : pre.apply(x);
    }

    /**
     * The positions of an input of so many patches: [1 + patches, d].
     *
     * @throws InputException if the model takes images of another size only
     */
    public Tensor positions(long rows, long columns) {
        if (weights.positions().size(0) == 1 + rows * columns) {
            return weights.positions();
        }
        Tensor grid = weights.grid();
        if (grid == null) {
            throw InputException.at(
                    "the images",
                    rows * config.patchSize() + " x " + columns * config.patchSize() + " pixels",
                    config.imageSize() + " x " + config.imageSize() + ", which this model takes",
                    "Correct the model's preprocessing");
        }
        return resized(grid, rows, columns);
    }

    /** As transformers does for DINOv2: bicubic over the grid, corners not aligned, the class token's left alone. */
    static Tensor resized(Tensor grid, long rows, long columns) {
        long side = Math.round(Math.sqrt(grid.size(0) - 1.0));
        long d = grid.size(1);
        Tensor square = grid.narrow(0, 1, side * side).view(1, side, side, d).permute(0, 3, 1, 2);
        Tensor resized = torch.upsample_bicubic2d(
                square.contiguous(), new long[] {rows, columns}, false, new DoubleOptional(), new DoubleOptional());
        Tensor flat = resized.permute(0, 2, 3, 1).reshape(rows * columns, d);
        return Ops.cat(List.of(grid.narrow(0, 0, 1), flat), 0);
    }

    /** A copy, since a view would keep every token's numbers in memory, and what it views may be overwritten. */
    private static Tensor classToken(Tensor x) {
        return x.select(1, 0).clone();
    }
}
