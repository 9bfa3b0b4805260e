package io.residual.units;

import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.Linear;
import io.residual.model.Reading;
import io.residual.model.Residuals;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Head coordinates of an embedding that reads one token, or the mean of the patches. */
final class OneReading implements UnitSplitter {
    private final ImageTower tower;
    private final UnitShape shape;

    OneReading(ImageTower tower, UnitShape shape) {
        this.tower = tower;
        this.shape = shape;
    }

    @Override
    public TraceBlock split(Residuals residuals, int[] labels, List<String> names) {
        ImageWeights weights = tower.weights();
        Reading reading = Reading.of(residuals, weights.post().eps()); // of one token, or one mean
        // [b, L, H·h]/σ
        Tensor z = Ops.cat(residuals.heads().stream().map(reading::of).toList(), 1);
        return new TraceBlock(
                shape,
                Tensors.floats(z),
                Tensors.floats(Ops.cat(List.of(reading.inverse(), reading.mean()), 1)),
                Tensors.floats(projected(residuals, reading)),
                Tensors.floats(residuals.output()),
                labels,
                names);
    }

    /** The units of the embedding and the MLPs: P(γ ⊙ x/σ − (γμ/σ − β)/(2L+1)) + p/(2L+1). [b, 1 + L, D]. */
    private Tensor projected(Residuals residuals, Reading reading) {
        ImageWeights weights = tower.weights();
        double share = 1.0 / (2 * shape.layers() + 1);
        Tensor gamma = weights.post().weight(); // [d]
        Tensor constant = Ops.scale(weights.post().bias().sub(reading.mean().mul(gamma)), share); // [b, d]
        List<Tensor> parts = new ArrayList<>();
        parts.add(reading.of(residuals.embedding()));
        residuals.mlps().forEach(m -> parts.add(reading.of(m)));
        Tensor x = Ops.cat(parts, 1).mul(gamma).add(constant.unsqueeze(1)); // [b, 1+L, d]
        Linear projection = weights.projection();
        if (projection == null) {
            return x;
        }
        Tensor bias = projection.bias();
        return Ops.linear(x, projection.weight(), bias == null ? null : Ops.scale(bias, share));
    }
}
