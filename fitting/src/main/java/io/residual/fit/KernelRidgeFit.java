package io.residual.fit;

import io.residual.adapt.Adapter;
import io.residual.adapt.KernelVotes;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Kernel ridge regression on what the prompts leave over (Bendou et al., CVPR 2025, arXiv 2501.11175): class scores are z(x) + k(x, S)
 * (K + λI)⁻¹ (Y − z(S)), with z the cosines with the class embeddings, Y one where an image is of a class, and the kernel k(f, g) =
 * exp(−β (1 − f·g)) of Tip-Adapter. Multiplied by the logit scale the scores are logits, whose zero-shot part is the model's own.
 *
 * <p>It has β and λ to choose. Published code searches both on validation. Here β = 1 / mean (1 − f·g) over the training images, which
 * makes the kernel as wide as the images lie apart, and λ has the least loss ({@link LeftOut}) of images left out in closed form:
 * without image i its score is y_i − a_i / (K + λI)⁻¹_ii with a = (K + λI)⁻¹ (Y − z(S)). With one image a class an image that is
 * left out leaves no image of its class, and λ is fixed.
 *
 * <p>More than {@link #STORED} images are summarised by so many of them, evenly spread (Nyström): votes A = (K_ms K_sm + λ K_mm)⁻¹
 * K_ms (Y − z(S)). Then K is m × m, and the stored file does not grow.
 */
final class KernelRidgeFit {
    /** Images that are stored at most. */
    static final int STORED = 2000;

    /** Images that are left out at most, to choose λ. */
    private static final int MOST = 320;

    private static final double[] STRENGTHS = strengths();

    /** λ with one image a class. */
    private static final double ALONE = 10;

    private KernelRidgeFit() {}

    /** From a hundredth to a thousand, half a decade apart. */
    private static double[] strengths() {
        double[] strengths = new double[11];
        for (int i = 0; i < strengths.length; i++) {
            strengths[i] = Math.pow(10, -2 + i / 2.0);
        }
        return strengths;
    }

    /**
     * The votes and what was chosen.
     *
     * @param strength λ; infinite where all images are one and the same, and nothing can be learned
     */
    record Found(KernelVotes votes, double strength) {}

    /** Fits the votes; β and λ follow from the images. */
    static Found fit(Labelled given) {
        // Some of every class must be left when one is left out.
        int[] subset = given.spread(Math.min(STORED, Math.max(MOST, 4 * given.classes())));
        double beta = beta(given.some(subset));
        if (!Double.isFinite(beta)) {
            return new Found(nothing(given), Double.POSITIVE_INFINITY);
        }
        double strength = select(given.some(subset), given.counts(), beta);
        return new Found(votes(given, beta, strength), strength);
    }

    /** One stored image that votes on nothing. */
    private static KernelVotes nothing(Labelled given) {
        return new KernelVotes(1, Tensors.floats(given.f().narrow(0, 0, 1)), new float[given.classes()], 1);
    }

    /** 1 / mean (1 − f·g) over pairs of images; infinite where they are one and the same. */
    static double beta(Labelled given) {
        long n = given.size();
        Tensor sum = Ops.sum(given.f(), 0);
        double cosines = sum.square().sum().item_double() - n; // of all pairs, both ways
        double apart = n < 2 ? 0 : 1 - cosines / (n * (n - 1.0));
        return apart < Labelled.NOTHING ? Double.POSITIVE_INFINITY : 1 / apart;
    }

    /** Y − z(S), [n, C]; z as it would be without each image where the class embeddings are means of these images. */
    static Tensor residual(Labelled given, int... counts) {
        return given.oneHot().sub(given.cosinesWithout(counts));
    }

    /** The λ of the least loss of images that are left out. {@code counts}: images of each class, those among them that are not here. */
    static double select(Labelled given, int[] counts, double beta) {
        int[] rows = given.canBeLeftOut(MOST);
        if (rows.length == 0) {
            return ALONE;
        }
        Labelled out = given.some(rows);
        Tensor targets = out.targets();
        Solved solved = Solved.of(given, counts, beta).only(rows);
        double best = Double.POSITIVE_INFINITY;
        double chosen = ALONE;
        for (int i = STRENGTHS.length - 1; i >= 0; i--) {
            try (NativeScope scope = NativeScope.inference()) {
                double loss = LeftOut.loss(solved.leftOut(out, STRENGTHS[i]), targets);
                if (loss < best) {
                    best = loss;
                    chosen = STRENGTHS[i];
                }
            }
        }
        return chosen;
    }

    /** Scores of every image by all others, [n, C]. */
    static Tensor leftOut(Labelled given, double beta, double strength) {
        return Solved.of(given, given.counts(), beta).leftOut(given, strength);
    }

    /**
     * K = V diag(e) Vᵀ, once for every λ.
     *
     * @param values e [n]
     * @param vectors the rows of V [m, n] of the images that are asked for, at first all
     * @param turned Vᵀ (Y − z(S)) [n, C]
     */
    private record Solved(Tensor values, Tensor vectors, Tensor turned) {
        static Solved of(Labelled given, int[] counts, double beta) {
            ScalarType type = type(given);
            Tensor f = given.f().to(type);
            T_TensorTensor_T solved = torch.linalg_eigh(kernel(f, f, beta), "L");
            Tensor vectors = solved.get1();
            Tensor left = residual(given, counts).to(type);
            return new Solved(solved.get0(), vectors, vectors.t().matmul(left));
        }

        /** The same for some of the images, left out of all. */
        Solved only(int... rows) {
            return new Solved(values, vectors.index_select(0, Tensors.indices(rows)), turned);
        }

        /** y − a / diag (K + λI)⁻¹. {@code given}: the images that are asked for. */
        Tensor leftOut(Labelled given, double strength) {
            Tensor inverse =
                    Ops.shift(values.clamp_min(new Scalar(0)), strength).reciprocal(); // [n]
            Tensor a = vectors.matmul(turned.mul(inverse.unsqueeze(1)));
            Tensor diagonal = Ops.sum(vectors.square().mul(inverse), 1).unsqueeze(1);
            return given.oneHot().sub(a.div(diagonal));
        }
    }

    /** The votes at a β and a λ, times the logit scale. */
    static KernelVotes votes(Labelled given, double beta, double strength) {
        int[] kept = given.spread(STORED);
        boolean all = kept.length == given.size();
        // The product of many images' kernels with itself would not be positive definite in 32 bits.
        ScalarType type = all ? type(given) : ScalarType.Double;
        int[] counts = given.counts();
        Tensor keys = (all ? given.f() : given.f().index_select(0, Tensors.indices(kept))).to(type);
        Tensor system = kernel(keys, keys, beta); // [m, m]
        system.diagonal().add_(new Scalar(all ? strength : strength * 1e-6));
        Tensor left;
        if (all) {
            left = residual(given, counts).to(type);
        } else {
            system.mul_(new Scalar(strength));
            left = torch.zeros(kept.length, given.classes()).to(type);
            Tensor narrow = keys.to(ScalarType.Float);
            for (Labelled block : given.blocks()) {
                try (NativeScope scope = NativeScope.nested()) {
                    Tensor across =
                            kernel(block.f().to(ScalarType.Float), narrow, beta).t(); // [m, b]
                    Tensor exact = across.to(ScalarType.Double);
                    system.add_(exact.matmul(exact.t()));
                    left.add_(across.matmul(residual(block, counts).to(ScalarType.Float)));
                }
            }
        }
        Tensor votes = torch.cholesky_solve(left, torch.linalg_cholesky(system, false), false)
                .mul(given.scales().to(type));
        return new KernelVotes(kept.length, Tensors.floats(keys), Tensors.floats(votes), (float) beta);
    }

    /** Of some hundred images on, 32-bit floats are exact enough at these λ, and twice as fast. */
    private static ScalarType type(Labelled given) {
        return given.size() <= MOST ? ScalarType.Double : ScalarType.Float;
    }

    private static Tensor kernel(Tensor a, Tensor b, double beta) {
        return Adapter.Memory.affinity(a.matmul(b.t()), beta);
    }
}
