package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import org.bytedeco.pytorch.Tensor;

/**
 * The data of a split as fitting uses them.
 *
 * @param data cached outputs of the frozen tower
 * @param labels n class indices
 */
record Samples(Cached data, int... labels) {
    /** The labels as a tensor [n]. */
    Tensor targets() {
        return Tensors.indices(labels);
    }

    /** Evaluates logits [n, C] against the labels, as an epoch of a fit; NaN if they are not finite. */
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
