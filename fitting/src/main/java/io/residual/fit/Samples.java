package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import org.bytedeco.pytorch.Tensor;

/**
 * What fitting sees of a split.
 *
 * @param data what the frozen tower gave
 * @param labels n class indices
 */
record Samples(Cached data, int... labels) {
    /** The labels as a tensor [n]. */
    Tensor targets() {
        return Tensors.indices(labels);
    }

    /** How well logits [n, C] suit the labels, as an epoch of a fit; not at all (NaN) where they are not finite. */
    Trainer.Epoch evaluate(int epoch, double penalty, double trainLoss, Tensor logits) {
        double loss = Ops.crossEntropy(logits, targets()).item_double();
        return new Trainer.Epoch(
                epoch,
                penalty,
                trainLoss,
                loss,
                Double.isFinite(loss) ? Classifier.right(logits, labels) / (double) labels.length : Double.NaN);
    }
}
