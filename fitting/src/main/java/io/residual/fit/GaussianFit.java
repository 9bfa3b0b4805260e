package io.residual.fit;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Gaussian discriminant analysis beside the prompts (Wang et al., ICLR 2024, arXiv 2402.04087): logits are
 * s f·t_c + α (f·Σ⁻¹μ_c + b_c) with Σ⁻¹ = D ((n − 1) S + tr(S) I)⁻¹ and b_c = log π_c − ½ μ_cᵀ Σ⁻¹ μ_c, μ_c the mean of a class's
 * images, S the covariance of images about the means of their classes, and π_c = 1/C.
 *
 * <p>It has α to choose. Published code searches seven values on validation (on the test split for ImageNet). Here every image
 * is classified by what the others give, in closed form: without image i of a class with k images, r = f_i − μ_c, the scatter
 * loses k/(k−1) r rᵀ and the mean moves by −r/(k−1), so that the inverse follows by Sherman and Morrison. The term tr(S) I stays
 * as it is. The α of the least loss is taken ({@link LeftOut}). With one image of every class there is no covariance within
 * classes, and nothing can be left out: then S is the covariance about the common mean, an upper bound, and α is fixed.
 */
final class GaussianFit {
    /** α from a thousandth to a hundred, a quarter of a decade apart, and 0: the unadapted model. */
    private static final double[] ALPHAS = alphas();

    /** α with one image a class: of the order that two images a class choose. */
    private static final double ALONE = .03;

    /** Images left out at most: more would say the same. */
    private static final int MOST = 320;

    private GaussianFit() {}

    private static double[] alphas() {
        double[] alphas = new double[22];
        for (int i = 1; i < alphas.length; i++) {
            alphas[i] = Math.pow(10, -3 + (i - 1) / 4.0);
        }
        return alphas;
    }

    /**
     * The discriminants and the chosen weight.
     *
     * @param weight Σ⁻¹ μ [D, C]
     * @param bias b [C]
     * @param alpha α; 0 where all images are one and the same, and nothing can be learned
     */
    record Found(Tensor weight, Tensor bias, double alpha) {}

    /** Fits the discriminants and selects α. */
    static Found fit(Labelled given) {
        return fit(given, null);
    }

    /**
     * Fits the discriminants and selects α.
     *
     * @param plain what stands beside the discriminants of an image that is left out, logits [n, C]; null for the prompts' own
     */
    static Found fit(Labelled given, @Nullable Tensor plain) {
        Tensor means = given.means(); // M [C, D]
        Spread within = Spread.of(given, block -> means.index_select(0, block.targets()));
        boolean alone = within.largest < Labelled.NOTHING;
        Tensor scatter = within.scatter; // (n − 1) S
        if (alone) {
            Tensor mean = Ops.mean(given.f(), 0);
            scatter = Spread.of(given, block -> mean).scatter;
        }
        double trace = scatter.trace().item_double() / Math.max(1, given.size() - 1);
        int c = given.classes();
        if (trace < Labelled.NOTHING) {
            Tensor none = torch.zeros(given.width(), c).to(ScalarType.Double);
            return new Found(none, torch.zeros(c).to(ScalarType.Double), 0);
        }
        Tensor ridge = torch.eye(given.width()).to(ScalarType.Double).mul(new Scalar(trace));
        Tensor root = torch.linalg_cholesky(scatter.add(ridge), false);
        Tensor inverse = torch.cholesky_inverse(root, false); // A = Σ⁻¹ / D
        Tensor weight = inverse.matmul(means.t()); // [D, C]
        Tensor square = Ops.sum(means.t().mul(weight), 0); // μᵀ A μ [C]
        double alpha = alone ? ALONE : select(given, plain, means, inverse, weight, square);
        int d = given.width();
        return new Found(Ops.scale(weight, d), Ops.shift(Ops.scale(square, -.5 * d), -Math.log(c)), alpha);
    }

    /**
     * How images lie about means.
     *
     * @param scatter Σ r rᵀ [D, D] of the differences r
     * @param largest the largest square of a number in r
     */
    private record Spread(Tensor scatter, double largest) {
        /** By blocks, so that memory does not grow with the images. */
        static Spread of(Labelled given, Function<Labelled, Tensor> means) {
            int d = given.width();
            Tensor scatter = torch.zeros(d, d).to(ScalarType.Double);
            double largest = 0;
            for (Labelled block : given.blocks()) {
                try (NativeScope scope = NativeScope.nested()) {
                    Tensor r = block.f().sub(means.apply(block));
                    scatter.add_(r.t().matmul(r));
                    double far = Ops.maxAbs(r);
                    largest = Math.max(largest, far * far);
                }
            }
            return new Spread(scatter, largest);
        }
    }

    private static double select(
            Labelled given, @Nullable Tensor known, Tensor means, Tensor inverse, Tensor weight, Tensor square) {
        int[] rows = given.canBeLeftOut(MOST);
        if (rows.length == 0) {
            return ALONE;
        }
        Labelled out = given.some(rows);
        Tensor targets = out.targets();
        Tensor gaussian = leftOut(
                out, given.counts(), out.f().sub(means.index_select(0, targets)), inverse, means, weight, square);
        Tensor plain =
                known == null ? out.zeroShotWithout(given.counts()) : known.index_select(0, Tensors.indices(rows));
        double best = Double.POSITIVE_INFINITY;
        double chosen = 0;
        for (double alpha : ALPHAS) {
            try (NativeScope scope = NativeScope.inference()) {
                double loss = LeftOut.loss(plain.add(Ops.scale(gaussian, alpha)), targets);
                if (loss < best) {
                    best = loss;
                    chosen = alpha;
                }
            }
        }
        return chosen;
    }

    /**
     * What the others say of every image that is left out, f·Σ⁻¹μ_c − ½ μ_cᵀ Σ⁻¹ μ_c without it.
     *
     * @param counts images of each class, the left-out ones among them
     * @param r the images less the means of their classes, [m, D]
     * @return [m, C]
     */
    static Tensor leftOut(
            Labelled out, int[] counts, Tensor r, Tensor inverse, Tensor means, Tensor weight, Tensor square) {
        Tensor images = out.images(counts); // k
        Tensor less = images.sub(new Scalar(1)); // k − 1
        Tensor lost = images.div(less); // q = k/(k − 1)
        Tensor moved = r.matmul(inverse); // r A [m, D]
        Tensor rr = Ops.sum(moved.mul(r), 1).unsqueeze(1); // r A r [m, 1]
        Tensor fr = Ops.sum(moved.mul(out.f()), 1).unsqueeze(1); // f A r
        Tensor rm = r.matmul(weight); // r A μ_c [m, C]
        // At least as much of the direction stays as rounding needs; k/(k−1) r A r < 1 in exact numbers.
        Tensor left = lost.mul(rr).neg().add(new Scalar(1)).clamp_min(new Scalar(1e-9));
        Tensor factor = lost.div(left); // of the inverse's change: A + factor · (A r)(A r)ᵀ
        Tensor product = out.f().matmul(weight).add(factor.mul(fr).mul(rm));
        Tensor own = square.unsqueeze(0).add(factor.mul(rm.square()));
        // The image's own class has another mean, μ_c − r/(k−1).
        Tensor label = out.targets().unsqueeze(1);
        Tensor rmOwn = rm.gather(1, label);
        Tensor grown = factor.mul(rr).add(new Scalar(1)); // r A' x = r A x · grown
        Tensor product1 = fr.mul(grown).div(less).neg();
        Tensor own1 =
                rmOwn.mul(grown).mul(new Scalar(-2)).div(less).add(rr.mul(grown).div(less.square()));
        Tensor shift = product1.sub(Ops.scale(own1, .5));
        Tensor logits = product.sub(Ops.scale(own, .5)).scatter_add(1, label, shift);
        return Ops.scale(logits, out.width());
    }
}
