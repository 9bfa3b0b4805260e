package io.residual.heads;

import io.residual.data.Split;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The contribution of each unit to each class score: u · t. A class is chosen by the largest logit, and the common
 * length by which logits are divided changes no order, so the class scores of a sum of units decide as the logits
 * would. They need h + 3 numbers per head and class, and never a unit in D dimensions.
 *
 * @param frame the model's
 * @param classes C
 * @param weights T [D, C]
 * @param maps Aᵀ T of each head, [L·H, h + 3, C]; none where units are kept as they are
 */
record ClassScores(UnitFrame frame, int classes, float[] weights, float[] maps) {
    /** Images per batch. */
    static final int ROWS = 128;

    static ClassScores of(UnitFrame frame, Classifier classifier) {
        try (NativeScope scope = NativeScope.inference()) {
            float[] maps = frame.shape().pooled()
                    ? new float[0]
                    : Tensors.floats(frame.maps().transpose(1, 2).matmul(classifier.matrix()));
            return new ClassScores(frame, classifier.classes().size(), classifier.weights(), maps);
        }
    }

    /** The scores of every unit of some images, in the order of units: [U, n, C]. */
    Tensor of(TraceBlock block) {
        UnitShape shape = frame.shape();
        Tensor texts = Tensors.of(weights, shape.sharedWidth(), classes);
        Tensor columns = block.headColumns()
                .view(block.size(), shape.allHeads(), frame.columnsOfHead())
                .transpose(0, 1); // [L·H, n, h + 3], or the units
        Tensor heads = columns.matmul(
                shape.pooled() ? texts : Tensors.of(maps, shape.allHeads(), frame.columnsOfHead(), classes));
        Tensor others = block.others().transpose(0, 1).matmul(texts); // [1 + L (+ 1), n, C]
        return Ops.cat(List.of(others.narrow(0, 0, 1), heads, others.narrow(0, 1, others.size(0) - 1)), 0);
    }

    /** The mean scores of every unit over a trace, [U, C]. */
    double[] means(Trace<? extends Split> trace) {
        double[] sums = new double[frame.shape().units() * classes];
        forEach(trace, (block, scores) -> {
            double[] part = Tensors.doubles(Ops.sum(scores, 1).to(org.bytedeco.pytorch.global.torch.ScalarType.Double));
            for (int i = 0; i < sums.length; i++) {
                sums[i] += part[i];
            }
        });
        for (int i = 0; i < sums.length; i++) {
            sums[i] /= trace.size();
        }
        return sums;
    }

    /** Takes a few images with their scores, inside a native scope. */
    @FunctionalInterface
    interface Sink {
        void accept(TraceBlock block, Tensor scores);
    }

    /** Hands on the scores of a trace, few images at a time. */
    void forEach(Trace<? extends Split> trace, Sink sink) {
        for (TraceBlock block : trace.blocks()) {
            for (int from = 0; from < block.size(); from += ROWS) {
                TraceBlock some = block.slice(from, Math.min(from + ROWS, block.size()));
                try (NativeScope scope = NativeScope.inference()) {
                    sink.accept(some, of(some));
                }
            }
        }
    }
}
