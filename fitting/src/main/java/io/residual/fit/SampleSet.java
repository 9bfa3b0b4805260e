package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The images of a split as a fit goes over them: cached outputs of the frozen tower, in memory or in blocks on disk. */
sealed interface SampleSet extends AutoCloseable permits Samples, StoredSamples {
    /** The class indices of all images, in order. */
    int[] labels();

    /** Some consecutive images. */
    @FunctionalInterface
    interface Work {
        /** What is wanted of a block whose first image is the split's image {@code from}. */
        Tensor of(Cached block, int from);
    }

    /** What is wanted of each block, in order, in this scope's native memory. Only one block is in memory at a time. */
    List<Tensor> map(Work work);

    /** Some images, in the given order. */
    Cached rows(int... chosen);

    @Override
    default void close() {}

    /** The number of images. */
    default int size() {
        return labels().length;
    }

    /** The labels as a tensor [n]. */
    default Tensor targets() {
        return Tensors.indices(labels());
    }

    /** Some of the images, in the given order. They may refer to this set, which must then stay open. */
    default SampleSet some(int... chosen) {
        return inMemory(chosen);
    }

    /** Some of the images, in memory. */
    default Samples inMemory(int... chosen) {
        int[] all = labels();
        return new Samples(rows(chosen), Arrays.stream(chosen).map(i -> all[i]).toArray());
    }

    /** Evaluates logits [n, C] against the labels, as an epoch of a fit; NaN if they are not finite. */
    default Trainer.Epoch evaluate(int epoch, double penalty, double trainLoss, Tensor logits) {
        double loss = Ops.crossEntropy(logits, targets()).item_double();
        return new Trainer.Epoch(
                epoch,
                penalty,
                trainLoss,
                loss,
                Double.isFinite(loss) ? Classifier.right(logits, labels()) / (double) size() : Double.NaN);
    }
}
