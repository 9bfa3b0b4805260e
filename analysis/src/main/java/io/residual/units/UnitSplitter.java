package io.residual.units;

import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.Linear;
import io.residual.model.Residuals;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** From what a forward pass wrote into the residual stream to head coordinates. */
final class UnitSplitter {
    private final ImageTower tower;
    private final UnitShape shape;

    UnitSplitter(ImageTower tower, UnitShape shape) {
        this.tower = tower;
        this.shape = shape;
    }

    /** The coordinates of b images. */
    TraceBlock split(Residuals residuals, int[] labels, List<String> names) {
        ImageWeights weights = tower.weights();
        // The final LayerNorm's own statistics, as it computes them: divisor d, ε inside the root.
        Tensor stream = residuals.stream().to(ScalarType.Double); // [b, d]
        Tensor mean = Ops.mean(stream, 1); // [b, 1]
        Tensor centred = stream.sub(mean);
        Tensor deviation =
                Ops.shift(Ops.mean(centred.square(), 1), weights.post().eps()).sqrt(); // [b, 1]
        Tensor inverse = torch.ones_like(deviation).div(deviation).to(ScalarType.Float); // 1/σ
        Tensor meanOverDeviation = mean.div(deviation).to(ScalarType.Float); // μ/σ

        // [b, L, H·h]/σ
        Tensor z = Ops.stack(residuals.heads(), 1).mul(inverse.unsqueeze(2));
        return new TraceBlock(
                shape,
                Tensors.floats(z),
                Tensors.floats(Ops.cat(List.of(inverse, meanOverDeviation), 1)),
                Tensors.floats(projected(residuals, inverse, meanOverDeviation)),
                Tensors.floats(residuals.output()),
                labels,
                names);
    }

    /** The units of the embedding and the MLPs: P(γ ⊙ x/σ − (γμ/σ − β)/(2L+1)) + p/(2L+1). [b, 1 + L, D]. */
    private Tensor projected(Residuals residuals, Tensor inverse, Tensor meanOverDeviation) {
        ImageWeights weights = tower.weights();
        double share = 1.0 / (2 * shape.layers() + 1);
        Tensor gamma = weights.post().weight(); // [d]
        Tensor constant = Ops.scale(weights.post().bias().sub(meanOverDeviation.mul(gamma)), share); // [b, d]
        List<Tensor> parts = new ArrayList<>();
        parts.add(residuals.embedding());
        parts.addAll(residuals.mlps());
        Tensor x = Ops.stack(parts, 1).mul(inverse.unsqueeze(2)).mul(gamma).add(constant.unsqueeze(1)); // [b, 1+L, d]
        Linear projection = weights.projection();
        if (projection == null) {
            return x;
        }
        Tensor bias = projection.bias();
        return Ops.linear(x, projection.weight(), bias == null ? null : Ops.scale(bias, share));
    }
}
