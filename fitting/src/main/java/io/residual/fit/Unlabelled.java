package io.residual.fit;

import io.residual.data.Split;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Training images as embeddings alone: whoever has these cannot read a label. Immutable.
 *
 * @param count n
 * @param features [n, D]
 */
public record Unlabelled(int count, float[] features) {
    /** No images. */
    public static final Unlabelled NONE = new Unlabelled(0, new float[0]);

    /** The embeddings of traced training images. */
    public static Unlabelled of(Trace<Split.Train> images) {
        float[] features =
                new float[Math.multiplyExact(images.size(), images.shape().sharedWidth())];
        int at = 0;
        for (TraceBlock block : images.blocks()) {
            System.arraycopy(block.output(), 0, features, at, block.output().length);
            at += block.output().length;
        }
        return new Unlabelled(images.size(), features);
    }

    /** These images and others after them, [n + m, D]. */
    Tensor with(Tensor others) {
        return count == 0 ? others : Ops.cat(List.of(tensor(others.size(1)), others), 0);
    }

    /** [n, D]. */
    Tensor tensor(long width) {
        return Tensors.of(features, count, width);
    }
}
