package io.residual.fit;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * TransCLIP (Zanella et al., NeurIPS 2024, arXiv 2406.01837): a Gaussian a class with one diagonal covariance v, fitted to unlabelled
 * images whose assignments z stay near the prompts' probabilities ŷ and near those of their three nearest images: z_ic ∝ ŷ_ic^λ
 * exp(−(f_i − μ_c)² / 2v / 50 + Σ_j w_ij z_jc / 6), five rounds, then μ of unit length and v from z, ten times. λ = 1 without labels
 * and ½ with some, which weigh 50 γ in μ and v.
 *
 * <p>It reads images without their labels: training images that are not among the labelled ones, never the test split and never
 * validation. Published figures take the test images themselves as the unlabelled ones. What is kept is the classifier of the Gaussians,
 * f·μ_c/v − ½ Σ μ_c²/v beside the prompts, so that it classifies images that were not there, one by one; the neighbours serve the fit
 * alone. γ is chosen by the labelled images when one of each class is left out of the fit, and is 0.02 with one image a class; published
 * code chooses among the same four values on validation. In published code the rows of labelled and unlabelled images are in different
 * orders in w and z; here they are in one.
 */
final class TransductiveFit {
    private static final int ROUNDS = 10;
    private static final int STEPS = 5;
    private static final int NEIGHBOURS = 3;
    private static final int CONFIDENT = 8;
    private static final double TEMPER = 50;
    private static final double[] GAMMAS = {.002, .01, .02, .2};

    /** γ with one image a class, of which none can be left out. */
    private static final double ALONE = .02;

    /** Rows of the similarity matrix at a time. */
    private static final int BLOCK = 2000;

    /** A variance that does not divide by nothing where a feature is constant. */
    private static final double LEAST = 1e-12;

    private final Tensor f; // unlabelled [n, D]
    private final Tensor text; // T [D, C]
    private final Tensor prior; // λ log ŷ, up to what all classes share [n, C]
    private final double lambda;
    private final double gamma;
    private final Tensor support; // labelled [m, D]; m may be 0
    private final Tensor hot; // their labels [m, C]
    private final Near near; // of all of these

    /**
     * The Gaussians that were found.
     *
     * @param means μ [C, D]
     * @param variance v [D]
     * @param assignments z of the unlabelled images [n, C]
     * @param lambda λ
     * @param gamma γ; 0 without labels
     */
    record Found(Tensor means, Tensor variance, Tensor assignments, double lambda, double gamma) {
        /** W beside the prompts, μ/v / (50 λ), [D, C]. */
        Tensor weight() {
            return Ops.scale(means.div(variance).t(), 1 / (TEMPER * lambda));
        }

        /** b beside the prompts, −½ Σ μ²/v / (50 λ), [C]. */
        Tensor bias() {
            return Ops.scale(Ops.sum(means.square().div(variance), 1), -.5 / (TEMPER * lambda));
        }
    }

    /**
     * The nearest unlabelled images of some images.
     *
     * @param indices [rows, 3], fewer columns where there are fewer images
     * @param cosines their cosines, of the same shape
     */
    private record Near(Tensor indices, Tensor cosines) {
        /** {@code f} unlabelled images [n, D], {@code of} those whose neighbours are asked for; without themselves if they are {@code f}. */
        static Near of(Tensor f, Tensor of, boolean themselves) {
            long k = Math.max(0, Math.min(NEIGHBOURS, f.size(0) - 1));
            Tensor indices = torch.zeros(of.size(0), k).to(ScalarType.Long);
            Tensor cosines = torch.zeros(of.size(0), k).to(ScalarType.Double);
            for (long from = 0; from < of.size(0); from += BLOCK) {
                try (NativeScope scope = NativeScope.nested()) {
                    long rows = Math.min(BLOCK, of.size(0) - from);
                    Tensor similar = of.narrow(0, from, rows).matmul(f.t());
                    if (themselves) {
                        similar.diagonal(from, 0, 1).fill_(new Scalar(Double.NEGATIVE_INFINITY));
                    }
                    T_TensorTensor_T top = torch.topk(similar, k, 1, true, true);
                    indices.narrow(0, from, rows).copy_(top.get1());
                    cosines.narrow(0, from, rows).copy_(top.get0());
                }
            }
            return new Near(indices, cosines);
        }

        /** With others' after them. */
        Near and(Near others) {
            return new Near(Ops.cat(List.of(indices, others.indices), 0), Ops.cat(List.of(cosines, others.cosines), 0));
        }
    }

    private TransductiveFit(Tensor f, Near near, Tensor text, Labelled labelled, double gamma) {
        this.f = f;
        this.text = text;
        this.gamma = gamma;
        this.lambda = gamma > 0 ? .5 : 1;
        this.support = gamma > 0 ? labelled.f() : labelled.f().narrow(0, 0, 0);
        this.hot = gamma > 0 ? labelled.oneHot() : labelled.oneHot().narrow(0, 0, 0);
        this.prior = Ops.scale(f.matmul(text), lambda);
        this.near = near.and(Near.of(f, support, false));
    }

    /** The fit without labels. {@code f} unlabelled images [n, D]; labels of {@code labelled} are not read. */
    static Found zeroShot(Tensor f, Labelled labelled) {
        return new TransductiveFit(f, Near.of(f, f, true), labelled.text(), labelled, 0).solve();
    }

    /** The fit with labels. {@code f} unlabelled images, [n, D], of which there may be none. */
    static Found fewShot(Tensor f, Labelled labelled) {
        Near near = Near.of(f, f, true);
        return new TransductiveFit(f, near, labelled.text(), labelled, select(f, near, labelled)).solve();
    }

    /** The γ whose fit without an image of each class is right on most of these, and gives them most probability. */
    private static double select(Tensor f, Near near, Labelled labelled) {
        int[] counts = labelled.counts();
        int[] held = new int[counts.length];
        Arrays.fill(held, -1);
        for (int i = 0; i < labelled.size(); i++) {
            int c = labelled.labels()[i];
            held[c] = held[c] < 0 && counts[c] > 1 ? i : held[c];
        }
        int[] out = Arrays.stream(held).filter(i -> i >= 0).toArray();
        if (out.length == 0) {
            return ALONE;
        }
        Labelled kept = labelled.some(IntStream.range(0, labelled.size())
                .filter(i -> held[labelled.labels()[i]] != i)
                .toArray());
        Labelled asked = labelled.some(out);
        double best = Double.POSITIVE_INFINITY;
        double chosen = ALONE;
        for (double gamma : GAMMAS) {
            try (NativeScope scope = NativeScope.inference()) {
                Found found = new TransductiveFit(f, near, labelled.text(), kept, gamma).solve();
                Tensor logits = asked.zeroShotWithout(counts)
                        .add(asked.f().matmul(found.weight()))
                        .add(found.bias());
                double loss = LeftOut.loss(logits, asked.targets());
                if (loss < best) {
                    best = loss;
                    chosen = gamma;
                }
            }
        }
        return chosen;
    }

    private Found solve() {
        long d = text.size(0);
        State state;
        try (NativeScope scope = NativeScope.nested()) {
            Tensor z = f.matmul(text).softmax(1);
            Tensor means = Ops.normalise(gamma > 0 ? hot.t().matmul(support) : confident(z));
            state = new State(z, means, torch.ones(d).to(ScalarType.Double).div(new Scalar(d))).kept(scope);
        }
        for (int round = 0; round < ROUNDS; round++) {
            State last = state;
            try (NativeScope scope = NativeScope.nested()) {
                Tensor z = assign(last);
                state = estimated(z, last.means).kept(scope);
            }
            last.close();
        }
        return new Found(state.means, state.variance, assign(state), lambda, gamma);
    }

    /** What a round gives: assignments [n, C], means [C, D], variance [D]. */
    private record State(Tensor z, Tensor means, Tensor variance) {
        State kept(NativeScope scope) {
            scope.keep(z);
            scope.keep(means);
            scope.keep(variance);
            return this;
        }

        /** Frees what the round before needs no more. */
        void close() {
            z.close();
            means.close();
            variance.close();
        }
    }

    /** The Gaussians of some assignments. */
    private State estimated(Tensor z, Tensor before) {
        long n = f.size(0);
        Tensor weight = n == 0 ? z : Ops.scale(z, 1.0 / n);
        Tensor all = weight;
        Tensor images = f;
        if (gamma > 0) {
            all = Ops.cat(List.of(weight, Ops.scale(hot, gamma * TEMPER / hot.size(0))), 0);
            images = Ops.cat(List.of(f, support), 0);
        }
        Tensor total = Ops.sum(all, 0).clamp_min(new Scalar(LEAST)).unsqueeze(1); // [C, 1]
        Tensor sums = all.t().matmul(images).div(total);
        Tensor means = moved(before, sums);
        // Σ z (x − μ)² = Σ z x² − 2 μ Σ z x + μ² Σ z, of all classes together.
        Tensor second = Ops.sum(Ops.sum(all, 1).unsqueeze(1).mul(images.square()), 0);
        Tensor cross = Ops.sum(means.mul(sums).mul(total), 0);
        Tensor square = Ops.sum(means.square().mul(total), 0);
        Tensor variance =
                second.sub(Ops.scale(cross, 2)).add(square).div(all.sum()).clamp_min(new Scalar(LEAST));
        return new State(z, means, variance);
    }

    /** Means of unit length; one that no image belongs to stays where it was. */
    private static Tensor moved(Tensor before, Tensor sums) {
        Tensor lengths = Ops.sum(sums.square(), 1).sqrt().unsqueeze(1);
        Tensor some = lengths.gt(new Scalar(Labelled.NOTHING));
        return torch.where(some, sums.div(lengths.clamp_min(new Scalar(Labelled.NOTHING))), before);
    }

    /** The weighted sum of the images that are most surely of a class, [C, D]. */
    private Tensor confident(Tensor z) {
        long k = Math.min(CONFIDENT, z.size(0));
        T_TensorTensor_T top = torch.topk(z, k, 0, true, true);
        Tensor kept = torch.zeros_like(z).scatter_(0, top.get1(), new Scalar(1)).mul(z);
        return kept.t().matmul(f);
    }

    /** z of a state's Gaussians, beginning at its own, in this scope's native memory. */
    private Tensor assign(State state) {
        try (NativeScope scope = NativeScope.nested()) {
            Tensor scaled = state.means.div(state.variance); // [C, D]
            Tensor likelihood = f.matmul(scaled.t())
                    .sub(Ops.scale(Ops.sum(state.means.mul(scaled), 1), .5))
                    .sub(Ops.scale(Ops.sum(f.square().div(state.variance), 1), .5)
                            .unsqueeze(1));
            Tensor fixed = prior.add(Ops.scale(likelihood, 1 / TEMPER));
            Tensor z = state.z.clone();
            for (int step = 0; step < STEPS; step++) {
                try (NativeScope inner = NativeScope.nested()) {
                    z.copy_(fixed.add(Ops.scale(around(z), 1 / (2.0 * NEIGHBOURS)))
                            .softmax(1));
                }
            }
            return scope.keep(z);
        }
    }

    /** Wᵀ z + W z of the unlabelled images, over their neighbours and over those whose neighbours they are. */
    private Tensor around(Tensor z) {
        long n = f.size(0);
        Tensor sum = torch.zeros_like(z);
        Tensor all = gamma > 0 ? Ops.cat(List.of(z, hot), 0) : z;
        for (long k = 0; k < near.indices.size(1); k++) {
            Tensor index = near.indices.select(1, k);
            Tensor weight = near.cosines.select(1, k).unsqueeze(1);
            sum = sum.index_add(0, index, all.mul(weight));
            sum = sum.add(z.index_select(0, index.narrow(0, 0, n)).mul(weight.narrow(0, 0, n)));
        }
        return sum;
    }
}
