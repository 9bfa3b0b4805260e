package io.residual.where;

import io.residual.model.Block;
import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.Linear;
import io.residual.model.Readout.AttentionPool;
import io.residual.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * How an embedding is read from the residual streams, as a linear map: y = Σ_p M_p (Σ_t a_pt/σ_t x_t − (Σ_t a_pt μ_t/σ_t) 1) + c,
 * where what the pooling heads p gather of the streams is {@link io.residual.model.Reading}'s. 64-bit, in the scope's memory.
 *
 * @param maps M [P, D, d]: P diag(γ) for a class token or a mean; O_p V_p diag(γ) for a pooling head
 * @param constant c [D]: what β and the biases of the readout add
 */
public record LinearReadout(Tensor maps, Tensor constant) {
    /** A tower's, in this scope's native memory. */
    public static LinearReadout of(ImageTower tower) {
        ImageWeights weights = tower.weights();
        long d = tower.config().width();
        Tensor gamma = wide(weights.post().weight());
        Tensor beta = wide(weights.post().bias()).unsqueeze(1); // [d, 1]
        if (weights.readout() instanceof AttentionPool pool) {
            List<Tensor> maps = new ArrayList<>();
            Tensor constant = bias(pool.out(), d);
            Linear values = pool.values();
            Tensor valueBias = bias(values, d);
            long width = d / pool.heads();
            for (int p = 0; p < pool.heads(); p++) {
                Tensor o = wide(pool.out().weight()).narrow(1, p * width, width); // [d, d/P]
                Tensor ov = o.matmul(wide(values.weight()).narrow(0, p * width, width)); // [d, d]
                maps.add(ov.mul(gamma));
                Tensor own = valueBias.narrow(0, p * width, width).unsqueeze(1);
                constant = constant.add(ov.matmul(beta).add(o.matmul(own)).squeeze(1));
            }
            return new LinearReadout(Ops.stack(maps, 0), constant);
        }
        Linear projection = weights.projection();
        if (projection == null) {
            return new LinearReadout(
                    torch.eye(d).to(ScalarType.Double).mul(gamma).unsqueeze(0), beta.squeeze(1));
        }
        Tensor p = wide(projection.weight());
        return new LinearReadout(
                p.mul(gamma).unsqueeze(0), p.matmul(beta).squeeze(1).add(bias(projection, p.size(0))));
    }

    /** What a direction in the shared space asks of the streams. {@code g} [r, D]; gives [r, P, d]. */
    public Tensor asks(Tensor g) {
        return g.matmul(maps).transpose(0, 1); // [P, r, d] -> [r, P, d]
    }

    /** A block's output projection, [d, H·h]. */
    static Tensor projection(Block block) {
        return wide(block.out().weight());
    }

    /** The bias of a block's output projection, [d]. */
    static Tensor projectionBias(Block block) {
        return bias(block.out(), block.out().weight().size(0));
    }

    private static Tensor bias(Linear linear, long width) {
        Tensor bias = linear.bias();
        return bias == null ? torch.zeros(width).to(ScalarType.Double) : wide(bias);
    }

    private static Tensor wide(@Nullable Tensor tensor) {
        if (tensor == null) {
            throw new IllegalArgumentException("no tensor");
        }
        return tensor.to(ScalarType.Double);
    }
}
