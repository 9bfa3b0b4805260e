package io.residual.fit;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Linear probes that start at the class embeddings: class weights w_c begin at the directions t_c, and s_c is the logit scale.
 *
 * <ul>
 *   <li>{@link #plain}: mean cross-entropy of s_c f·w_c, plus 1/N Σ_c ‖w_c − t_c‖², with N images a class. The rule 1/N is that of
 *       Fahes et al. (arXiv 2410.05270), which needs no validation; the minimum is unique.
 *   <li>{@link #clap}: mean cross-entropy of s_c f·w_c/‖w_c‖, plus the mean over classes of λ_c ‖w_c − t_c‖², where λ_c is the
 *       mean probability that the unadapted model gives the class's own images (Silva-Rodríguez et al., CVPR 2024, arXiv
 *       2312.12730). Nothing is chosen.
 *   <li>{@link #crossModal}: half the mean cross-entropy of s_c f·w_c over images, and half that over the class embeddings as
 *       samples of their classes (Lin et al., CVPR 2023, arXiv 2301.06267), plus the penalty of the plain probe. Published code
 *       chooses weight decay, learning rate and epoch on validation.
 *   <li>{@link #taskRes}: cross-entropy of s_c f·(t_c + ½ x_c)/‖t_c + ½ x_c‖ with x at 0, by the published steps, which choose
 *       nothing: Adam at 2e-3 falling along a cosine, weight decay 5e-4, 100 epochs up to four images a class and 200 beyond (Yu
 *       et al., CVPR 2023, arXiv 2211.10277). An epoch is one step on all images; published are batches of 256.
 * </ul>
 *
 * <p>Every one gives the class weights [D, C] as they act on f of unit length.
 */
final class TextProbeFit {
    private static final double RESIDUAL = .5;
    private static final double RATE = 2e-3;
    private static final double DECAY = 5e-4;

    private TextProbeFit() {}

    /** The strength of the penalty without validation, 1/N. */
    static double strength(Labelled given) {
        return 1 / given.shots();
    }

    /** The probe with the penalty 1/N. */
    static Tensor plain(Labelled given) {
        return minimised(given, w -> plainLoss(given, w));
    }

    /** The loss of {@link #plain}. {@code w} [D, C]; gives []. */
    static Tensor plainLoss(Labelled given, Tensor w) {
        return Ops.crossEntropy(given.f().matmul(w).mul(given.scales()), given.targets())
                .add(penalty(given, w));
    }

    /** The probe with a penalty of each class's own. */
    static Tensor clap(Labelled given) {
        Tensor strengths = strengths(given);
        Tensor w = Descent.minimise(List.of(given.directions()), p -> clapLoss(given, strengths, p.get(0)))
                .get(0);
        return w.div(Labelled.lengths(w)).mul(given.scales());
    }

    /** λ [C]: the mean probability of a class over its images by the unadapted model. */
    static Tensor strengths(Labelled given) {
        Tensor sums = Ops.sum(given.zeroShot().softmax(1).mul(given.oneHot()), 0);
        return sums.div(Ops.sum(given.oneHot(), 0));
    }

    /** The loss of {@link #clap}. {@code w} [D, C], {@code strengths} λ [C]; gives []. */
    static Tensor clapLoss(Labelled given, Tensor strengths, Tensor w) {
        Tensor moved = Ops.sum(w.sub(given.directions()).square(), 0);
        return Ops.crossEntropy(normalised(given, w), given.targets())
                .add(strengths.mul(moved).mean());
    }

    /** The probe with class embeddings among its samples. */
    static Tensor crossModal(Labelled given) {
        return minimised(given, w -> crossModalLoss(given, w));
    }

    /** The loss of {@link #crossModal}. {@code w} [D, C]; gives []. */
    static Tensor crossModalLoss(Labelled given, Tensor w) {
        int[] each = new int[given.classes()];
        for (int c = 0; c < each.length; c++) {
            each[c] = c;
        }
        Tensor images = Ops.crossEntropy(given.f().matmul(w).mul(given.scales()), given.targets());
        Tensor texts = Ops.crossEntropy(given.directions().t().matmul(w).mul(given.scales()), Tensors.indices(each));
        return Ops.scale(images.add(texts), .5).add(penalty(given, w));
    }

    /** Class embeddings with a residual, by the published steps. */
    static Tensor taskRes(Labelled given) {
        double[] x = new double[given.width() * given.classes()];
        double[] mean = new double[x.length];
        double[] square = new double[x.length];
        int epochs = given.shots() <= 4 ? 100 : 200;
        for (int epoch = 0; epoch < epochs; epoch++) {
            double rate = RATE / 2 * (1 + Math.cos(Math.PI * epoch / epochs));
            double[] gradient = slopes(given, x);
            for (int i = 0; i < x.length; i++) {
                double g = gradient[i] + DECAY * x[i];
                mean[i] = .9 * mean[i] + .1 * g;
                square[i] = .999 * square[i] + .001 * g * g;
                double m = mean[i] / (1 - Math.pow(.9, epoch + 1));
                double v = square[i] / (1 - Math.pow(.999, epoch + 1));
                x[i] -= rate * m / (Math.sqrt(v) + 1e-8);
            }
        }
        Tensor w = given.directions().add(Ops.scale(Tensors.of(x, given.width(), given.classes()), RESIDUAL));
        return w.div(Labelled.lengths(w)).mul(given.scales());
    }

    private static double[] slopes(Labelled given, double[] x) {
        try (NativeScope scope = NativeScope.training()) {
            Tensor residual = Tensors.of(x, given.width(), given.classes()).set_requires_grad(true);
            taskResLoss(given, residual).backward();
            return Tensors.doubles(residual.grad());
        }
    }

    /** The loss of {@link #taskRes}. {@code x} [D, C]; gives []. */
    static Tensor taskResLoss(Labelled given, Tensor x) {
        return Ops.crossEntropy(normalised(given, given.directions().add(Ops.scale(x, RESIDUAL))), given.targets());
    }

    private static Tensor minimised(Labelled given, UnaryOperator<Tensor> loss) {
        return Descent.minimise(List.of(given.directions()), p -> loss.apply(p.get(0)))
                .get(0)
                .mul(given.scales());
    }

    private static Tensor penalty(Labelled given, Tensor w) {
        return Ops.scale(w.sub(given.directions()).square().sum(), strength(given));
    }

    private static Tensor normalised(Labelled given, Tensor w) {
        return given.f().matmul(w.div(Labelled.lengths(w))).mul(given.scales());
    }

    /**
     * LP++ (Huang et al., CVPR 2024, arXiv 2404.02285): logits f·(w_c + α_c t_c) with steps that follow from the data. w_c begins
     * at the sum of its class's images, every α_c at 250 times the mean of f·t_y over images; w descends with momentum .9 and
     * step 4n / λ_max(FᵀF), and after every tenth step α descends with step n / (4 max_c Σ_i (f_i·t_c)²). 300 steps, the last of
     * which is kept: published code keeps the step that is best on validation. It also adds up the gradient of α over all steps
     * before, and has a bias from random numbers; the paper has neither, and here is the paper's. Where images point away from their texts
     * α begins at the logit scale.
     */
    static Tensor lpPlusPlus(Labelled given) {
        int n = given.size();
        Tensor t = given.directions();
        Tensor w = zeros(given.width(), given.classes());
        Tensor squares = zeros(given.classes()); // Σ_i (f_i·t_c)²
        double own = 0;
        for (Labelled block : given.blocks()) {
            try (NativeScope scope = NativeScope.nested()) {
                Tensor text = block.f().matmul(t);
                Tensor hot = block.oneHot();
                own += text.mul(hot).sum().item_double() / n;
                squares.add_(Ops.sum(text.square(), 0));
                w.add_(block.f().t().matmul(hot));
            }
        }
        double first = own > 0 ? 250 * own : given.scales().mean().item_double();
        Tensor alpha = Ops.shift(zeros(given.classes()), first);
        Tensor velocity = torch.zeros_like(w);
        double rate = 4.0 * n / largest(given);
        double columns = squares.max().item_double();
        double alphaRate = columns > 0 ? n / (4 * columns) : 0;
        for (int step = 1; step <= 300; step++) {
            try (NativeScope scope = NativeScope.nested()) {
                // The gradient by α_c is that by w_c along t_c.
                Tensor byWeight = slopes(given, w.add(t.mul(alpha)));
                velocity.mul_(new Scalar(.9)).add_(byWeight);
                w.sub_(Ops.scale(velocity, rate));
                if (step % 10 == 0) {
                    alpha.sub_(Ops.scale(Ops.sum(t.mul(byWeight), 0), alphaRate));
                }
            }
        }
        return w.add(t.mul(alpha));
    }

    /** The gradient of the mean cross-entropy by class weights [D, C], at some. */
    private static Tensor slopes(Labelled given, Tensor weights) {
        Tensor sum = torch.zeros_like(weights);
        for (Labelled block : given.blocks()) {
            try (NativeScope scope = NativeScope.nested()) {
                Tensor error = block.f().matmul(weights).softmax(1).sub(block.oneHot());
                sum.add_(block.f().t().matmul(Ops.scale(error, 1.0 / given.size())));
            }
        }
        return sum;
    }

    private static Tensor zeros(long... shape) {
        return torch.zeros(shape).to(ScalarType.Double);
    }

    /** λ_max(FᵀF), the same as of F Fᵀ. */
    private static double largest(Labelled given) {
        Tensor f = given.f();
        Tensor gram = f.size(0) < f.size(1) ? f.matmul(f.t()) : given.gram();
        return torch.linalg_eigvalsh(gram, "L").max().item_double();
    }
}
