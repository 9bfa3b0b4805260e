package io.residual.adapt;

import io.residual.model.ImageConfig;
import io.residual.model.ImageTower;
import io.residual.model.Linear;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Collects what an adapter makes of the output and of each unit, as one affine map of what the forward pass wrote:
 *
 * <pre>ŷ = B y + M [z₁ … z_L, m₁ … m_L, e]/σ + s 1/σ + t μ/σ + c.</pre>
 *
 * A unit is affine in what was written (see {@link UnitFrame}), so D × D maps K of units become columns of M. Where the embedding
 * is pooled by attention, M acts on the units themselves, [heads, MLPs, MLP after pooling, embedding], and s = t = 0. 64-bit.
 */
final class Folding {
    private final UnitFrame frame;
    private final UnitShape shape;
    private final int width; // d, of the residual stream
    private final Tensor spread; // P diag(γ) [D, d]
    private final Tensor meanShare; // −Pγ/(2L+1) [D, 1], a block's part of the final LayerNorm's mean
    private final Tensor constantShare; // (Pβ + p)/(2L+1) [D, 1]
    private final Tensor columns; // M [D, (2L+1) d], or [D, U·D]
    private final Tensor inverse; // s [D, 1]
    private final Tensor mean; // t [D, 1]
    private final Tensor constant; // c [D, 1]
    private @Nullable Tensor output; // B [D, D]; null for none
    private boolean heads;
    private boolean others;

    Folding(UnitFrame frame, ImageTower tower) {
        this.frame = frame;
        this.shape = frame.shape();
        ImageConfig config = tower.config();
        this.width = config.width();
        Linear projection = tower.weights().projection();
        Tensor gamma = tower.weights().post().weight().to(ScalarType.Double);
        Tensor beta = tower.weights().post().bias().to(ScalarType.Double).unsqueeze(1);
        if (shape.pooled()) { // units are what M acts on, each as it is
            this.spread = identity(width);
            this.meanShare = zeros(width, 1);
            this.constantShare = meanShare;
            this.columns = zeros(width, (long) shape.units() * width);
            this.inverse = zeros(width, 1);
            this.mean = zeros(width, 1);
            this.constant = zeros(width, 1);
            return;
        }
        Tensor p = projection == null ? identity(width) : projection.weight().to(ScalarType.Double);
        this.spread = p.mul(gamma);
        Tensor offset = p.matmul(beta);
        Tensor bias = projection == null ? null : projection.bias();
        double share = 2.0 * shape.layers() + 1;
        this.meanShare = Ops.scale(Ops.sum(spread, 1).unsqueeze(1), -1 / share);
        this.constantShare = Ops.scale(
                bias == null ? offset : offset.add(bias.to(ScalarType.Double).unsqueeze(1)), 1 / share);
        long d = shape.sharedWidth();
        this.columns = zeros(d, (2L * shape.layers() + 1) * width);
        this.inverse = zeros(d, 1);
        this.mean = zeros(d, 1);
        this.constant = zeros(d, 1);
    }

    private static Tensor zeros(long... dimensions) {
        return torch.zeros(dimensions).to(ScalarType.Double);
    }

    static Tensor identity(long n) {
        return torch.eye(n).to(ScalarType.Double);
    }

    /** Adds B y. {@code map} [D, D]. */
    void output(Tensor map) {
        output = output == null ? map : output.add(map);
    }

    /** Adds a constant [D, 1]. */
    void constant(Tensor value) {
        constant.add_(value);
    }

    /** Adds left · right · u of a unit. {@code left} [D, k], {@code right} [k, D]. */
    void unit(UnitId unit, Tensor left, Tensor right) {
        if (shape.pooled()) {
            boolean head = unit.kind() == UnitId.Kind.HEAD;
            heads |= head;
            others |= !head;
            int index = shape.index(unit);
            long place =
                    index == 0 ? shape.units() - 1 : index - 1; // the embedding's last, so that heads alone come first
            columns.narrow(1, place * width, width).add_(left.matmul(right));
        } else if (unit.kind() == UnitId.Kind.HEAD) {
            heads = true;
            int h = shape.headWidth();
            Tensor map = left.matmul(right.matmul(frame.map(unit).to(ScalarType.Double))); // [D, h + 3]
            columns.narrow(1, (shape.index(unit) - 1L) * h, h).add_(map.narrow(1, 0, h));
            inverse.add_(map.narrow(1, h, 1));
            mean.add_(map.narrow(1, h + 1L, 1));
            constant.add_(map.narrow(1, h + 2L, 1));
        } else {
            others = true;
            int slot = unit.kind() == UnitId.Kind.EMBEDDING ? 2 * shape.layers() : shape.layers() + unit.layer();
            columns.narrow(1, (long) slot * width, width).add_(left.matmul(right.matmul(spread)));
            mean.add_(left.matmul(right.matmul(meanShare)));
            constant.add_(left.matmul(right.matmul(constantShare)));
        }
    }

    /** The collected map, as 32-bit floats. */
    FoldedAdapter.Map map() {
        Tensor b = output;
        int all = shape.pooled() ? shape.units() : 2 * shape.layers() + 1;
        int ofHeads = shape.pooled() ? shape.allHeads() : shape.layers();
        int used = heads || others ? (others ? all : ofHeads) * width : 0;
        return new FoldedAdapter.Map(
                shape.sharedWidth(),
                b == null ? null : Tensors.floats(b),
                used == 0 ? null : Tensors.floats(columns.narrow(1, 0, used)),
                Tensors.floats(inverse),
                Tensors.floats(mean),
                Tensors.floats(constant));
    }
}
