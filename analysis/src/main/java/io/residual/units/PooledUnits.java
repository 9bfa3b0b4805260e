package io.residual.units;

import io.residual.model.Block;
import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.Linear;
import io.residual.model.Reading;
import io.residual.model.Readout.AttentionPool;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The units of an embedding that is pooled by attention, y = x + MLP(LN(x)) with
 *
 * <pre>x = O (v + Σ_p V_p Σ_t a_pt (γ ⊙ (x_t − μ_t)/σ_t + β)) + o.</pre>
 *
 * <p>With the weights a and every token's own μ and σ held, x is linear in every token's stream, so it splits as a class token
 * does. Pooling head p gathers ζ_p = Σ_t a_pt z_t/σ_t of a head (h numbers), and Σ_t a_pt/σ_t and Σ_t a_pt μ_t/σ_t of all; what
 * a unit adds is one product of these with fixed matrices: V_p diag(γ) W, d/P × h for each pooling head and head, then O for all.
 * Constants are shared out as a class token's are: 1/(2L+1) a unit, a head 1/H of that. The MLP after pooling is one more unit.
 *
 * <p>Immutable and safe for several threads.
 */
public final class PooledUnits implements UnitSplitter {
    private final UnitShape shape;
    private final ImageWeights weights;
    private final AttentionPool pool;
    private final float[][] maps; // L of [P, H, h, d/P]: (V_p diag(γ) W_k)ᵀ
    private final float[][] biases; // L of [d]: V diag(γ) b / H; empty for none
    private final float[] spread; // V diag(γ) [d, d]
    private final float[] meanShare; // V γ [d]
    private final float[] constant; // V β + v [d]

    /** The fixed matrices of a tower, computed in 64 bits and kept in 32; L + 1 of d × d numbers. */
    public PooledUnits(ImageTower tower, UnitShape shape) {
        this.shape = shape;
        this.weights = tower.weights();
        this.pool = (AttentionPool) weights.readout();
        int p = pool.heads();
        int h = shape.headWidth();
        int d = shape.sharedWidth();
        this.maps = new float[shape.layers()][];
        this.biases = new float[shape.layers()][];
        try (NativeScope scope = NativeScope.inference()) {
            Linear values = pool.values();
            Tensor v = values.weight().to(ScalarType.Double); // [d, d]
            Tensor gamma = weights.post().weight().to(ScalarType.Double);
            Tensor scaled = v.mul(gamma);
            spread = Tensors.floats(scaled);
            meanShare = Tensors.floats(Ops.sum(scaled, 1));
            Tensor fixed = v.matmul(weights.post().bias().to(ScalarType.Double));
            Tensor bias = values.bias();
            constant = Tensors.floats(bias == null ? fixed : fixed.add(bias.to(ScalarType.Double)));
            for (int l = 0; l < maps.length; l++) {
                try (NativeScope inner = NativeScope.inference()) {
                    Block block = weights.blocks().get(l);
                    maps[l] = Tensors.floats(scaled.matmul(block.out().weight().to(ScalarType.Double)) // [d, d]
                            .view(p, d / p, shape.heads(), h)
                            .permute(0, 2, 3, 1));
                    Tensor b = block.out().bias();
                    biases[l] = b == null
                            ? new float[0]
                            : Tensors.floats(Ops.scale(scaled.matmul(b.to(ScalarType.Double)), 1.0 / shape.heads()));
                }
            }
        }
    }

    /**
     * The units of b images.
     *
     * @param heads [b, L·H, D]
     * @param others [b, 2 + L, D]: the embedding, the MLPs, the MLP after pooling
     */
    public record Units(Tensor heads, Tensor others) {}

    @Override
    public TraceBlock split(Residuals residuals, int[] labels, List<String> names) {
        Units units = units(residuals);
        return new TraceBlock(
                shape,
                Tensors.floats(units.heads),
                new float[0],
                Tensors.floats(units.others),
                Tensors.floats(residuals.output()),
                labels,
                names);
    }

    /** The units of b images, in this scope's native memory. */
    public Units units(Residuals residuals) {
        Reading reading = Reading.of(residuals, weights.post().eps());
        return new Units(heads(residuals, reading), others(residuals, reading));
    }

    private Tensor heads(Residuals residuals, Reading reading) {
        int p = pool.heads();
        long b = residuals.output().size(0);
        int h = shape.headWidth();
        int d = shape.sharedWidth();
        int count = shape.heads();
        double share = 1.0 / ((2.0 * shape.layers() + 1) * count);
        Tensor fixed = Ops.scale(constants(reading), share).unsqueeze(1); // [b, 1, d]
        List<Tensor> layers = new ArrayList<>();
        for (int l = 0; l < maps.length; l++) {
            Tensor gathered = reading.of(residuals.heads().get(l)) // [b, P, d]
                    .view(b, p, count, h)
                    .permute(1, 2, 0, 3); // [P, H, b, h]
            Tensor values = gathered.matmul(maps(l)) // [P, H, b, d/P]
                    .permute(2, 1, 0, 3)
                    .reshape(b, count, d); // pooling heads side by side
            Tensor own = fixed;
            Tensor bias = bias(l);
            if (bias != null) {
                own = own.add(each(bias, reading.inverse()).unsqueeze(1));
            }
            layers.add(values.add(own)); // [b, H, d]
        }
        return out(Ops.cat(layers, 1), share);
    }

    private Tensor others(Residuals residuals, Reading reading) {
        int d = shape.sharedWidth();
        double share = 1.0 / (2.0 * shape.layers() + 1);
        List<Tensor> parts = new ArrayList<>();
        parts.add(reading.of(residuals.embedding()));
        residuals.mlps().forEach(m -> parts.add(reading.of(m)));
        long b = residuals.output().size(0);
        Tensor gathered = Ops.cat(parts, 0).transpose(0, 1); // [P, (1 + L) b, d]
        Tensor values = gathered.matmul(spread()) // [P, (1 + L) b, d/P]
                .transpose(0, 1)
                .reshape(parts.size(), b, d)
                .transpose(0, 1)
                .add(Ops.scale(constants(reading), share).unsqueeze(1)); // [b, 1 + L, d]
        Tensor pooled = residuals.pooled();
        if (pooled == null) {
            throw new IllegalArgumentException("a pass without pooling");
        }
        return Ops.cat(List.of(out(values, share), pooled.unsqueeze(1)), 1);
    }

    /** V β + v − V γ ⊙ Σ a μ/σ, what all units share before O: [b, d]. */
    private Tensor constants(Reading reading) {
        return constant().unsqueeze(0).sub(each(meanShare(), reading.mean()));
    }

    /** {@code values} [P, d/P] of the pooling heads times a number of each image and pooling head [b, P]: [b, d]. */
    private static Tensor each(Tensor values, Tensor numbers) {
        return values.mul(numbers.unsqueeze(2)).reshape(numbers.size(0), -1);
    }

    /** What turns the numbers that the pooling heads gather of a layer's heads into their values: [P, H, h, d/P]. */
    public Tensor maps(int layer) {
        int p = pool.heads();
        return Tensors.of(maps[layer], p, shape.heads(), shape.headWidth(), shape.sharedWidth() / p);
    }

    /** V diag(γ) b / H of a layer's output bias, d/P numbers a pooling head: [P, d/P]; null for none. */
    public @Nullable Tensor bias(int layer) {
        return biases[layer].length == 0 ? null : eachPoolingHead(biases[layer]);
    }

    /** The same for what is as wide as the stream: (V_p diag(γ))ᵀ, [P, d, d/P]. */
    public Tensor spread() {
        int p = pool.heads();
        int d = shape.sharedWidth();
        return Tensors.of(spread, p, d / p, d).transpose(1, 2);
    }

    /** V γ, [P, d/P]. */
    public Tensor meanShare() {
        return eachPoolingHead(meanShare);
    }

    /** V β + v, [d]. */
    public Tensor constant() {
        return Tensors.of(constant, shape.sharedWidth());
    }

    private Tensor eachPoolingHead(float... values) {
        return Tensors.of(values, pool.heads(), shape.sharedWidth() / pool.heads());
    }

    /** O x + o · share. */
    private Tensor out(Tensor x, double share) {
        Tensor bias = pool.out().bias();
        return Ops.linear(x, pool.out().weight(), scaled(bias, share));
    }

    private static @Nullable Tensor scaled(@Nullable Tensor bias, double share) {
        return bias == null ? null : Ops.scale(bias, share);
    }
}
