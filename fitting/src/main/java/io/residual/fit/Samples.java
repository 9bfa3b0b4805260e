package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Images of a split in memory.
 *
 * @param data cached outputs of the frozen tower
 * @param labels n class indices
 */
record Samples(Cached data, int... labels) implements SampleSet {
    @Override
    public List<Tensor> map(Work work) {
        return List.of(work.of(data, 0));
    }

    @Override
    public Cached rows(int... chosen) {
        return data.rows(Tensors.indices(chosen));
    }
}
