package io.residual.fit;

import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.fit.AlignmentSettings.Epochs;
import io.residual.fit.AlignmentSettings.Optimiser;
import io.residual.fit.Trainer.Epoch;
import io.residual.fit.Trainer.Fitted;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes Tip-Adapters (Zhang et al. 2022): the training images' embeddings are remembered, and an image's zero-shot logits
 * get α · exp(−β (1 − f · f_j)) for every remembered image j of the class. α and β are searched on validation, α = 0 among
 * them; the tuned form also trains the remembered embeddings. Published code chooses all of this on the test split.
 */
final class TipFit {
    private static final List<Double> ALPHAS = List.of(0.0, .03, .1, .3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0);

    /** Up to where only the nearest image votes, also in a tower whose embeddings are all much alike. */
    private static final List<Double> BETAS = List.of(.3, 1.0, 3.0, 5.5, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0);

    /** Published: AdamW, 1e-3, batches of 256, 20 epochs; here without a schedule, the best epoch being kept. */
    private static final Epochs TUNING = new Epochs(Optimiser.ADAMW, 1e-3, 1e-3, 0, 256, 20, 20);

    private final Samples train;
    private final Samples validation;
    private final Classifier classifier;
    private final long seed;
    private final Progress progress;

    TipFit(Samples train, Samples validation, Classifier classifier, long seed, Progress progress) {
        this.train = train;
        this.validation = validation;
        this.classifier = classifier;
        this.seed = seed;
        this.progress = progress;
    }

    /** The best α and β for stored embeddings. */
    private record Found(double alpha, double beta, Epoch look) {}

    Fitted fit(boolean tuned) {
        Tensor keys = Ops.normalise(train.data().coefficients());
        Found free = search(keys, 0);
        if (!tuned) {
            return done(Method.TIP, keys, free, List.of(free.look));
        }
        // Tuned at the training-free strengths; where those are 0 nothing could be learned, so published ones serve.
        double alpha = free.alpha == 0 ? 1 : free.alpha;
        double beta = free.alpha == 0 ? 5.5 : free.beta;
        Problem problem = new Keys(alpha, beta);
        Solution solution = new EpochFit(TUNING, TUNING.rate(), seed, progress)
                .solve(problem, List.of(keys.clone()), train, validation);
        Tensor moved = Tensors.of(solution.values().get(0), Tensors.shape(keys));
        Found found = search(moved, solution.best().epoch());
        List<Epoch> curve = new ArrayList<>(solution.curve());
        curve.add(found.look);
        return done(Method.TIP_TUNED, moved, found, curve);
    }

    private Fitted done(Method method, Tensor keys, Found found, List<Epoch> curve) {
        return new Fitted(
                new Adapter.Memory(
                        method, Tensors.floats(keys), train.labels(), (float) found.alpha, (float) found.beta),
                found.look,
                curve,
                0);
    }

    private Found search(Tensor keys, int epoch) {
        Found best = null;
        try (NativeScope all = NativeScope.inference()) {
            Tensor outputs = validation.data().coefficients();
            Tensor zeroShot = classifier.logits(outputs);
            Tensor similar = Ops.normalise(outputs).matmul(keys.t());
            for (double beta : BETAS) {
                try (NativeScope scope = NativeScope.inference()) {
                    Tensor votes = Adapter.Memory.votes(similar, train.labels(), classifier, 1, beta);
                    for (double alpha : ALPHAS) {
                        Tensor logits = zeroShot.add(Ops.scale(votes, alpha));
                        Found found = new Found(alpha, beta, validation.evaluate(epoch, 0, Double.NaN, logits));
                        best = best == null || found.look.isBetterThan(best.look) ? found : best;
                    }
                }
            }
        }
        return java.util.Objects.requireNonNull(best);
    }

    /** The remembered embeddings as what is learned. */
    private final class Keys implements Problem {
        private final double alpha;
        private final double beta;

        Keys(double alpha, double beta) {
            this.alpha = alpha;
            this.beta = beta;
        }

        @Override
        public Method method() {
            return Method.TIP_TUNED;
        }

        @Override
        public List<Tensor> origin() {
            return List.of(Ops.normalise(train.data().coefficients()));
        }

        @Override
        public List<Tensor> at(List<Tensor> step, double strength) {
            return List.of(origin().get(0).add(step.get(0)));
        }

        @Override
        public List<Tensor> step(List<Tensor> parameters, double strength) {
            return List.of(parameters.get(0).sub(origin().get(0)));
        }

        @Override
        public Tensor movement(List<Tensor> parameters) {
            return parameters.get(0).sub(origin().get(0)).square().sum();
        }

        @Override
        public Tensor logits(Cached data, List<Tensor> parameters) {
            return Adapter.Memory.logits(
                    data.coefficients(), parameters.get(0), train.labels(), classifier, alpha, beta);
        }
    }
}
