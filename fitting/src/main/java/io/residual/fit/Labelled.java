package io.residual.fit;

import io.residual.base.InputException;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Few labelled images as the methods for few labels see them, in 64-bit floats and this scope's native memory: with so few
 * images a fit costs nothing, and closed forms lose nothing to rounding.
 *
 * @param f embeddings of unit length, [n, D]
 * @param labels n class indices, each class at least once
 * @param text T, the class embeddings times the logit scale, [D, C]
 * @param own where the class embeddings are the means of these very images, what each adds to its class's, s‖y_i‖ [n] with s the
 *     logit scale; null where they are texts, or means of other images
 */
record Labelled(
        Tensor f, int[] labels, Tensor text, @Nullable Tensor own) {
    /** Variances below this share of an embedding's square are rounding: the images are one and the same. */
    static final double NOTHING = 1e-10;

    /** Images of a block: what is summed over images takes no more memory than for so many. */
    static final int BLOCK = 4096;

    /** Class embeddings that differ from means by less than this share of their length are those means, rounded to 32 bits. */
    private static final double ROUNDING = 1e-4;

    /**
     * The images of a training split.
     *
     * @param outputs embeddings as the tower gives them, [n, D]
     * @throws InputException if an embedding has no direction, or a class has no image
     */
    static Labelled of(Tensor outputs, int[] labels, Classifier classifier) {
        try (NativeScope scope = NativeScope.nested()) {
            Finite.requireDirections(outputs, i -> "training image " + (i + 1), Finite.SELF_CHECK);
        }
        Labelled given = new Labelled(unit(outputs), labels, classifier.matrix().to(ScalarType.Double), null);
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
        return new Labelled(given.f, labels, given.text, own(outputs, given));
    }

    /** What each image adds to its class's embedding, if that is the scaled mean of the class's images; null if it is not. */
    private static @Nullable Tensor own(Tensor outputs, Labelled given) {
        try (NativeScope scope = NativeScope.nested()) {
            Tensor exact = outputs.to(ScalarType.Double);
            Tensor means = given.means(exact);
            Tensor text = given.text.t();
            double scale =
                    text.mul(means).sum().item_double() / means.square().sum().item_double();
            Tensor apart = text.sub(Ops.scale(means, scale));
            boolean same = apart.square().sum().item_double()
                    < ROUNDING * ROUNDING * text.square().sum().item_double();
            return same ? scope.keep(Ops.scale(Ops.sum(exact.square(), 1).sqrt(), scale)) : null;
        }
    }

    /** Embeddings in 64-bit floats and of unit length. */
    static Tensor unit(Tensor outputs) {
        try (NativeScope scope = NativeScope.nested()) {
            return scope.keep(Ops.normalise(outputs.to(ScalarType.Double)));
        }
    }

    /** With class embeddings that do not come from these images. */
    Labelled(Tensor f, int[] labels, Tensor text) {
        this(f, labels, text, null);
    }

    /** The same in 32-bit floats, for work that ends in 64 bits. */
    Labelled rounded() {
        return new Labelled(
                f.to(ScalarType.Float),
                labels,
                text.to(ScalarType.Float),
                own == null ? null : own.to(ScalarType.Float));
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

    /** All images, up to {@link #BLOCK} at a time, without a copy of them. */
    List<Labelled> blocks() {
        if (size() <= BLOCK) {
            return List.of(this);
        }
        List<Labelled> all = new ArrayList<>();
        for (int from = 0; from < size(); from += BLOCK) {
            int many = Math.min(BLOCK, size() - from);
            all.add(new Labelled(
                    f.narrow(0, from, many),
                    Arrays.copyOfRange(labels, from, from + many),
                    text,
                    own == null ? null : own.narrow(0, from, many)));
        }
        return all;
    }

    /** FᵀF, [D, D], block by block. */
    Tensor gram() {
        Tensor gram = torch.zeros(width(), width()).to(ScalarType.Double);
        for (Labelled block : blocks()) {
            try (NativeScope scope = NativeScope.nested()) {
                gram.add_(block.f.t().matmul(block.f));
            }
        }
        return gram;
    }

    /** Whether all images are one and the same, but for rounding. */
    boolean allTheSame() {
        double largest = 0;
        try (NativeScope scope = NativeScope.nested()) {
            Tensor mean = Ops.mean(f, 0);
            for (Labelled block : blocks()) {
                try (NativeScope inner = NativeScope.nested()) {
                    largest = Math.max(largest, Ops.maxAbs(block.f.sub(mean).square()));
                }
            }
        }
        return largest < NOTHING;
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
        return means(f);
    }

    /** T as the means of these images alone, of every class at least one, if it is the means of all; T if it is not. */
    Tensor textOf(int... rows) {
        if (own == null) {
            return text;
        }
        Labelled some = some(rows);
        return some.means(some.f.mul(Objects.requireNonNull(some.own).unsqueeze(1)))
                .t();
    }

    /** The mean of each class's rows of something that the images have, [C, …] of [n, …]. */
    private Tensor means(Tensor of) {
        Tensor sums = torch.zeros(classes(), of.size(1)).to(ScalarType.Double).index_add(0, targets(), of);
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

    /**
     * {@link #zeroShot} as it would be without the image itself: class embeddings that are means of the images know each of them, and
     * would seem to need no correction. The same as {@link #zeroShot} where they are not, and for a class's only image.
     *
     * @param counts images of each class, those among them that are not here
     */
    Tensor zeroShotWithout(int... counts) {
        Tensor plain = zeroShot();
        Tensor added = own;
        if (added == null) {
            return plain;
        }
        Tensor label = targets().unsqueeze(1);
        Tensor k = images(counts);
        // t'_c = (k t_c − s y_i) / (k − 1), and f_i · s y_i = s‖y_i‖
        Tensor without = plain.gather(1, label).mul(k).sub(added.unsqueeze(1)).div(k.sub(new Scalar(1)));
        Tensor alone = k.lt(new Scalar(2));
        return plain.scatter(1, label, torch.where(alone, plain.gather(1, label), without));
    }

    /**
     * Cosines with the class embeddings, [n, C], each image's with its own class's as it would be without it.
     *
     * @param counts as for {@link #zeroShotWithout}
     */
    Tensor cosinesWithout(int... counts) {
        Tensor cosines = f.matmul(directions());
        Tensor added = own;
        if (added == null) {
            return cosines;
        }
        Tensor label = targets().unsqueeze(1);
        Tensor k = images(counts);
        Tensor y = added.unsqueeze(1); // s‖y_i‖
        Tensor t = scales().index_select(0, targets()).unsqueeze(1); // ‖t_c‖
        Tensor dot = zeroShot().gather(1, label); // f_i · t_c
        Tensor square =
                k.mul(t).square().sub(k.mul(y).mul(dot).mul(new Scalar(2))).add(y.square());
        Tensor length = square.clamp_min(new Scalar(NOTHING)).sqrt(); // ‖k t_c − s y_i‖
        Tensor without = k.mul(dot).sub(y).div(length);
        Tensor alone = k.lt(new Scalar(2));
        return cosines.scatter(1, label, torch.where(alone, cosines.gather(1, label), without));
    }

    /** The number of images of each image's class, [n, 1]. */
    Tensor images(int... counts) {
        double[] k = Arrays.stream(labels).mapToDouble(c -> counts[c]).toArray();
        return Tensors.of(k, size(), 1);
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

    /** At most so many of the images, of every class alike: all of a class, before another of it, have their turn. */
    int[] spread(int most) {
        int n = size();
        if (n <= most) {
            return IntStream.range(0, n).toArray();
        }
        int[] rank = new int[n];
        int[] seen = new int[classes()];
        for (int i = 0; i < n; i++) {
            rank[i] = seen[labels[i]]++;
        }
        Integer[] order = new Integer[n];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingInt(i -> rank[i])); // stable: images stay in order
        return Arrays.stream(order, 0, most)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    /** Some of the images. */
    Labelled some(int... rows) {
        return new Labelled(
                f.index_select(0, Tensors.indices(rows)),
                Arrays.stream(rows).map(i -> labels[i]).toArray(),
                text,
                own == null ? null : own.index_select(0, Tensors.indices(rows)));
    }
}
