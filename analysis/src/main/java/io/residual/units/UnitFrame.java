package io.residual.units;

import io.residual.model.Block;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.Linear;
import io.residual.model.Readout;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The fixed maps that turn head coordinates into units (after Gandelsman et al. 2024, section 3; the coordinates are
 * this project's).
 *
 * <p>The embedding is y = P(γ ⊙ (x − μ)/σ + β) + p, with μ and σ the final LayerNorm's own statistics of the residual
 * stream x. Given them it is affine in x, and x is a sum, so y is a sum of units. A head's unit is u = A a with
 * coordinates a = [z/σ, 1/σ, μ/σ, 1] and the constant matrix
 *
 * <pre>A = [ P diag(γ) W | P(γ ⊙ b)/H | −Pγ/((2L+1)H) | (Pβ + p)/((2L+1)H) ],  D × (h + 3).</pre>
 *
 * <p>So h + 2 numbers an image say all that D would. The mean of the patches is read the same way, with the patches' means of
 * z/σ, 1/σ and μ/σ. An embedding that is pooled by attention keeps units as they are ({@link UnitShape}): nothing maps them.
 */
public final class UnitFrame {
    private final UnitShape shape;
    private final float[] maps;

    /**
     * A frame from its numbers.
     *
     * @param maps [L·H, D, h + 3]; none where units are kept as they are
     */
    public UnitFrame(UnitShape shape, float[] maps) {
        long expected = shape.pooled() ? 0 : (long) shape.allHeads() * shape.sharedWidth() * (shape.headWidth() + 3);
        if (maps.length != expected) {
            throw new IllegalArgumentException(
                    "frame has " + maps.length + " numbers, " + shape + " needs " + expected);
        }
        this.shape = shape;
        this.maps = maps;
    }

    /** The frame of an image tower. Computed in 64-bit floats, kept in 32. */
    public static UnitFrame of(ImageTower tower) {
        ImageConfig config = tower.config();
        ImageWeights weights = tower.weights();
        boolean pooled = weights.readout() instanceof Readout.AttentionPool;
        UnitShape shape =
                new UnitShape(config.layers(), config.heads(), config.headWidth(), config.sharedWidth(), pooled);
        if (pooled) {
            return new UnitFrame(shape, new float[0]);
        }
        int d = config.width();
        int h = config.headWidth();
        int heads = config.heads();
        int width = config.sharedWidth();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor gamma = weights.post().weight().to(ScalarType.Double);
            Tensor beta = weights.post().bias().to(ScalarType.Double).unsqueeze(1); // [d, 1]
            Linear projection = weights.projection();
            Tensor p = projection == null
                    ? torch.eye(d).to(ScalarType.Double)
                    : projection.weight().to(ScalarType.Double);
            Tensor scaled = p.mul(gamma); // P diag(γ) [D, d]
            Tensor constant = p.matmul(beta); // [D, 1]
            if (projection != null && projection.bias() != null) {
                constant = constant.add(projection.bias().to(ScalarType.Double).unsqueeze(1));
            }
            double share = (2.0 * shape.layers() + 1) * heads;
            Tensor mean = Ops.scale(Ops.sum(scaled, 1).unsqueeze(1), -1 / share); // [D, 1]
            Tensor ones = Ops.scale(constant, 1 / share); // [D, 1]
            List<Tensor> all = new ArrayList<>();
            for (Block block : weights.blocks()) {
                // [D, d] -> [H, D, h]
                Tensor out = scaled.matmul(block.out().weight().to(ScalarType.Double))
                        .view(width, heads, h)
                        .transpose(0, 1);
                Tensor bias = block.out().bias();
                Tensor b = bias == null
                        ? torch.zeros_like(constant)
                        : Ops.scale(scaled.matmul(bias.to(ScalarType.Double).unsqueeze(1)), 1.0 / heads); // [D, 1]
                Tensor tail = Ops.cat(List.of(b, mean, ones), 1).expand(heads, width, 3);
                all.add(Ops.cat(List.of(out, tail), 2)); // [H, D, h + 3]
            }
            return new UnitFrame(shape, Tensors.floats(Ops.cat(all, 0)));
        }
    }

    /** The layout of the units. */
    public UnitShape shape() {
        return shape;
    }

    /** All maps, [L·H, D, h + 3], in this scope's native memory; not where units are kept as they are. */
    public Tensor maps() {
        return Tensors.of(maps, shape.allHeads(), shape.sharedWidth(), shape.headWidth() + 3L);
    }

    /** What {@link TraceBlock#headColumns} are multiplied with: [L·H·(h + 3), D], or L·H times the identity. */
    public Tensor headDirections() {
        return shape.pooled()
                ? torch.eye(shape.sharedWidth()).repeat(shape.allHeads(), 1)
                : maps().transpose(1, 2).reshape(-1, shape.sharedWidth());
    }

    /** Columns of one head in {@link TraceBlock#headColumns}. */
    public int columnsOfHead() {
        return shape.pooled() ? shape.sharedWidth() : shape.headWidth() + 3;
    }

    /**
     * What turns a unit's coordinates into the unit, but for the constant: [D, h + 2] for a head; null for a unit whose
     * coordinates are the unit itself. 64-bit, in this scope's native memory.
     */
    public @Nullable Tensor varying(UnitId unit) {
        return shape.mapped(unit) ? map(unit).to(ScalarType.Double).narrow(1, 0, shape.headWidth() + 2L) : null;
    }

    /** The constant part of a head's unit, [1, D]; null for a unit that is kept as it is. 64-bit, in this scope's native memory. */
    public @Nullable Tensor constant(UnitId unit) {
        return shape.mapped(unit)
                ? map(unit)
                        .to(ScalarType.Double)
                        .narrow(1, shape.headWidth() + 2L, 1)
                        .t()
                : null;
    }

    /** A of one head, [D, h + 3], in this scope's native memory. */
    public Tensor map(UnitId head) {
        int index = shape.index(head) - 1;
        int size = shape.sharedWidth() * (shape.headWidth() + 3);
        return Tensors.ofRange(maps, index * size, shape.sharedWidth(), shape.headWidth() + 3L);
    }
}
