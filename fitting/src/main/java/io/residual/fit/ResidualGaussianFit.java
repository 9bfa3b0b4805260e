package io.residual.fit;

import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.Design;
import io.residual.adapt.Method;
import io.residual.adapt.SpectralHead;
import io.residual.adapt.TextHead;
import io.residual.fit.Trainer.Epoch;
import io.residual.fit.Trainer.Fitted;
import io.residual.tensor.Finite;
import io.residual.tensor.Lbfgs;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * ResiDual* without validation, with Gaussian discriminants on top: all labels train.
 *
 * <ol>
 *   <li>λ of the heads' leading components minimise the mean cross-entropy of the prompts' logits plus p/N Σ (λ − 1)², with N images a
 *       class. With N > 1, p is the one of {@link #STRENGTHS}, or infinite (λ = 1), that tells apart best what it did not see: the
 *       images of each class are dealt into up to {@link #FOLDS} parts, each is left out in turn, and the loss is {@link LeftOut}'s. With
 *       one image a class nothing can be left out, and p is {@link #ALONE}.
 *   <li>{@link GaussianFit} of the adapted embeddings adds discriminants to the prompts' logits. Its α is chosen on images left out, by the
 *       discriminants in closed form and the logits of the λ that did not see the image.
 * </ol>
 *
 * Where class embeddings are the means of these images, each part sees the means of the others; with one image a class λ stays 1, since an
 * image is its own prompt then. The strengths were set on the ten tasks of {@code world-clip}. For one thread.
 */
final class ResidualGaussianFit {
    /** p, from the strongest; each descent begins where the one before ended. */
    static final double[] STRENGTHS = {.03, .01, .003, .001};

    /** p with one image a class. */
    static final double ALONE = .003;

    /** Parts that are left out in turn, at most. */
    static final int FOLDS = 4;

    private static final int MEMORY = 10;
    private static final int ITERATIONS = 50;

    /** Relative improvement below which further steps are immaterial, as on the path of penalty strengths. */
    private static final double TOLERANCE = 1e-5;

    private final Design design;
    private final Classifier classifier;
    private final Labelled given;
    private final Samples seen;

    /**
     * A fit of some labelled images.
     *
     * @param design whose λ = 1 is the unadapted model
     * @param outputs the model's embeddings of the training images
     * @param seen the same images' coefficients in the design
     */
    ResidualGaussianFit(Design design, Classifier classifier, Tensor outputs, Samples seen) {
        this.design = design;
        this.classifier = classifier;
        this.given = Labelled.of(outputs, seen.labels(), classifier);
        this.seen = seen;
    }

    /**
     * λ and what it said of images that it did not see.
     *
     * @param strength p; infinite for λ = 1
     * @param leftOut logits [n, C]; null with one image a class
     */
    private record Weights(
            double strength, float[] lambdas, @Nullable Tensor leftOut) {}

    /** Fits the adapter; validation is evaluated once, for the record. */
    Fitted fit(Samples validation) {
        Weights weights = weights();
        Adapter.Spectral spectral = new Adapter.Spectral(design, weights.lambdas);
        Tensor adapted = features(seen.data(), weights.lambdas);
        Labelled moved = new Labelled(Labelled.unit(adapted), given.labels(), given.text());
        GaussianFit.Found found = GaussianFit.fit(moved, weights.leftOut);
        TextHead head = new TextHead(
                Method.RESIDUAL_GDA,
                FewLabelFit.numbers(Ops.scale(found.weight(), found.alpha())),
                FewLabelFit.numbers(Ops.scale(found.bias(), found.alpha())));
        Adapter adapter = new SpectralHead(spectral, head);
        double loss = Ops.crossEntropy(adapter.logits(adapted, classifier), seen.targets())
                .item_double();
        double strength = Double.isInfinite(weights.strength) ? 0 : weights.strength;
        Epoch look = validation
                .evaluate(0, strength, loss, adapter.logits(features(validation.data(), weights.lambdas), classifier))
                .requireFinite();
        return new Fitted(adapter, look, List.of(look), 0, FewLabelFit.nothing(Method.RESIDUAL_GDA, given));
    }

    private Tensor features(Cached data, float... lambdas) {
        return data.features(design.spread(Tensors.of(lambdas, lambdas.length)), design.directions());
    }

    private Weights weights() {
        float[] ones = new float[design.parameters()];
        Arrays.fill(ones, 1);
        if (FewLabelFit.nothing(Method.RESIDUAL_GDA, given) != null) {
            return new Weights(Double.POSITIVE_INFINITY, ones, null);
        }
        int[] parts = parts();
        if (Arrays.stream(parts).allMatch(p -> p < 0)) {
            boolean own = given.own() != null;
            return own
                    ? new Weights(Double.POSITIVE_INFINITY, ones, null)
                    : new Weights(ALONE, path(seen, given.text(), ALONE).get(0), null);
        }
        int n = given.size();
        int c = given.classes();
        double[][] logits = new double[STRENGTHS.length + 1][n * c]; // λ = 1 first
        for (int part = 0; part < FOLDS; part++) {
            int k = part;
            int[] out = IntStream.range(0, n).filter(i -> parts[i] == k).toArray();
            if (out.length > 0) {
                leaveOut(out, IntStream.range(0, n).filter(i -> parts[i] != k).toArray(), ones, logits);
            }
        }
        int[] rows = IntStream.range(0, n).filter(i -> parts[i] >= 0).toArray();
        Tensor index = Tensors.indices(rows);
        Tensor targets = given.targets().index_select(0, index);
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int s = 0; s < logits.length; s++) {
            double loss = LeftOut.loss(Tensors.of(logits[s], n, c).index_select(0, index), targets);
            if (loss < least) {
                least = loss;
                best = s;
            }
        }
        Tensor leftOut = Tensors.of(logits[best], n, c);
        if (best == 0) {
            return new Weights(Double.POSITIVE_INFINITY, ones, leftOut);
        }
        double[] falling = Arrays.copyOf(STRENGTHS, best);
        return new Weights(
                STRENGTHS[best - 1], path(seen, given.text(), falling).get(best - 1), leftOut);
    }

    /** Which part each image belongs to, class by class in turn; −1 for a class's only image, which always trains. */
    private int[] parts() {
        int[] counts = given.counts();
        int most = Math.min(FOLDS, Arrays.stream(counts).max().orElse(1));
        int[] next = new int[counts.length];
        return Arrays.stream(given.labels())
                .map(c -> counts[c] < 2 ? -1 : next[c]++ % Math.min(most, counts[c]))
                .toArray();
    }

    /** Fits without some images, and writes their logits at every strength. */
    private void leaveOut(int[] out, int[] rest, float[] ones, double[]... logits) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor text = given.textOf(rest);
            int[] labels = Arrays.stream(rest).map(i -> given.labels()[i]).toArray();
            Samples others = new Samples(seen.data().rows(Tensors.indices(rest)), labels);
            List<float[]> each = new ArrayList<>(List.of(ones));
            each.addAll(path(others, text, STRENGTHS));
            Cached left = seen.data().rows(Tensors.indices(out));
            int c = given.classes();
            for (int s = 0; s < logits.length; s++) {
                double[] some = Tensors.doubles(
                        Labelled.unit(features(left, each.get(s))).matmul(text));
                for (int i = 0; i < out.length; i++) {
                    System.arraycopy(some, i * c, logits[s], out[i] * c, c);
                }
            }
        }
    }

    /** λ at falling strengths. {@code text} [D, C]. */
    private List<float[]> path(Samples images, Tensor text, double... falling) {
        SpectralProblem problem = new SpectralProblem(design, images, text.to(ScalarType.Float));
        Tensor targets = images.targets();
        List<float[]> all = new ArrayList<>();
        float[] from = Tensors.floats(problem.origin().get(0));
        for (double p : falling) {
            from = descend(problem, images, targets, p / given.shots(), from);
            all.add(from);
        }
        return all;
    }

    /** λ of the least mean cross-entropy plus {@code penalty} Σ (λ − 1)². */
    private float[] descend(SpectralProblem problem, Samples data, Tensor targets, double penalty, float... from) {
        double strength = 2 * penalty * from.length; // as the metric counts: half of the mean over λ
        double[] step;
        try (NativeScope scope = NativeScope.inference()) {
            step = Tensors.doubles(problem.step(List.of(Tensors.of(from, from.length)), strength)
                    .get(0)
                    .to(ScalarType.Double));
        }
        double[] end = new Lbfgs(MEMORY, ITERATIONS, TOLERANCE)
                .minimise((x, gradient) -> value(problem, data, targets, strength, x, gradient), step)
                .x();
        try (NativeScope scope = NativeScope.inference()) {
            float[] found =
                    Tensors.floats(problem.at(List.of(floats(end)), strength).get(0));
            return Finite.require(found, "what was fitted", Finite.SELF_CHECK);
        }
    }

    private static double value(
            SpectralProblem problem, Samples data, Tensor targets, double strength, double[] x, double... gradient) {
        try (NativeScope scope = NativeScope.training()) {
            Tensor step = floats(x).set_requires_grad(true);
            List<Tensor> lambdas = problem.at(List.of(step), strength);
            Problem.Loss loss = problem.loss(data, targets, lambdas);
            Tensor penalty = Ops.scale(problem.movement(lambdas), strength / 2);
            loss.differentiable().add(penalty).backward();
            float[] slopes = Tensors.floats(step.grad());
            for (int i = 0; i < slopes.length; i++) {
                gradient[i] = slopes[i];
            }
            return loss.value() + penalty.item_double();
        }
    }

    private static Tensor floats(double... x) {
        float[] narrow = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            narrow[i] = (float) x[i];
        }
        return Tensors.of(narrow, narrow.length);
    }
}
