package io.residual.fit;

import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.Design;
import io.residual.adapt.OutputDesign;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A simple design, for tests that have embeddings and no units: a weight for each of the first d/2 dimensions, the others as they are. */
final class FirstDimensions {
    private FirstDimensions() {}

    static Design design(int d) {
        int k = d / 2;
        float[] identity = new float[k * d];
        for (int i = 0; i < k; i++) {
            identity[i * d + i] = 1;
        }
        UnitId unit = new UnitShape(1, 1, 1, d, false).ids().get(0);
        return new OutputDesign(
                new ComponentDesign.Part(unit, k, new float[d], identity), ComponentDesign.Means.RESTORED);
    }

    static Samples samples(Tensor y, int... labels) {
        long k = y.size(1) / 2;
        Tensor rest = y.clone();
        rest.narrow(1, 0, k).zero_();
        return new Samples(new Cached(y.narrow(1, 0, k).clone(), rest), labels);
    }

    static Tensor features(Adapter.Spectral spectral, Tensor y) {
        int k = spectral.lambdas().length;
        return Ops.cat(
                List.of(y.narrow(1, 0, k).mul(Tensors.of(spectral.lambdas(), k)), y.narrow(1, k, y.size(1) - k)), 1);
    }
}
