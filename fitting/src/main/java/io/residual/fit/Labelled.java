package io.residual.fit;

import io.residual.base.InputException;
import io.residual.tensor.Finite;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Few labelled images as the methods for few labels see them, in 64-bit floats and this scope's native memory: with so few
 * images a fit costs nothing, and closed forms lose nothing to rounding.
 *
 * @param f embeddings of unit length, [n, D]
 * @param labels n class indices, each class at least once
 * @param text T, the class embeddings times the logit scale, [D, C]
 */
record Labelled(Tensor f, int[] labels, Tensor text) {
    /** Variances below this share of an embedding's square are rounding: the images are one and the same. */
    static final double NOTHING = 1e-10;

    /**
     * The images of a training split.
     *
     * @param outputs embeddings as the tower gives them, [n, D]
     * @throws InputException if an embedding has no direction, or a class has no image
     */
    static Labelled of(Tensor outputs, int[] labels, Classifier classifier) {
        Finite.requireDirections(outputs, i -> "training image " + (i + 1), Finite.SELF_CHECK);
        Labelled given = new Labelled(unit(outputs), labels, classifier.matrix().to(ScalarType.Double));
        int[] counts = given.counts();
        for (int c = 0; c < counts.length; c++) {
            if (counts[c] == 0) {
                throw InputException.at(
                        "the class '" + classifier.classes().get(c) + "'",
                        "no training image",
                        "at least one of every class",
                        "Add an image of it, or take the class out");
            }
        }
        return given;
    }

    /** Embeddings in 64-bit floats and of unit length. */
    static Tensor unit(Tensor outputs) {
        return Ops.normalise(outputs.to(ScalarType.Double));
    }

    /** n. */
    int size() {
        return labels.length;
    }

    /** D. */
    int width() {
        return (int) f.size(1);
    }

    /** C. */
    int classes() {
        return (int) text.size(1);
    }

    /** The number of images of each class. */
    int[] counts() {
        int[] counts = new int[classes()];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }

    /** N, the images a class: n / C, also where classes have different numbers. */
    double shots() {
        return (double) size() / classes();
    }

    /** The labels as a tensor [n]. */
    Tensor targets() {
        return Tensors.indices(labels);
    }

    /** 1 where an image is of a class, else 0, [n, C]. */
    Tensor oneHot() {
        return torch.zeros(size(), classes())
                .to(ScalarType.Double)
                .scatter_(1, targets().unsqueeze(1), new Scalar(1));
    }

    /** The mean embedding of each class's images, [C, D]. */
    Tensor means() {
        Tensor sums = oneHot().t().matmul(f);
        double[] counts = Arrays.stream(counts()).asDoubleStream().toArray();
        return sums.div(Tensors.of(counts, classes(), 1));
    }

    /** The logit scale of each class, ‖t_c‖, [C]. */
    Tensor scales() {
        return lengths(text);
    }

    /** The directions of the class embeddings, [D, C]. */
    Tensor directions() {
        return text.div(scales());
    }

    /** Logits of the unadapted model, [n, C]. */
    Tensor zeroShot() {
        return f.matmul(text);
    }

    /** The lengths of columns, 1 for one that is 0. {@code w} [D, C]; gives [C]. */
    static Tensor lengths(Tensor w) {
        Tensor squares = Ops.sum(w.square(), 0);
        return torch.where(squares.gt(new Scalar(0)), squares, torch.ones_like(squares))
                .sqrt();
    }

    /** The images whose class has another, which can be left out; at most so many, evenly spread. */
    int[] canBeLeftOut(int most) {
        int[] counts = counts();
        int[] rows =
                IntStream.range(0, size()).filter(i -> counts[labels[i]] > 1).toArray();
        if (rows.length <= most) {
            return rows;
        }
        int[] some = new int[most];
        for (int i = 0; i < most; i++) {
            some[i] = rows[(int) ((long) i * rows.length / most)];
        }
        return some;
    }

    /** Some of the images. */
    Labelled some(int... rows) {
        return new Labelled(
                f.index_select(0, Tensors.indices(rows)),
                Arrays.stream(rows).map(i -> labels[i]).toArray(),
                text);
    }
}
