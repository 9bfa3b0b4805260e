package io.residual.fit;

import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.Design;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.fit.AlignmentSettings.Epochs;
import io.residual.fit.AlignmentSettings.Path;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Fits adapters on a training split and keeps what does best on a validation split, the start included; methods for few labels
 * choose nothing there. It cannot see a
 * test split: the types that it takes do not admit one.
 */
public final class Trainer {
    private final Trace<Split.Train> train;
    private final Trace<Split.Validation> validation;
    private final Classifier classifier;
    private final AlignmentSettings settings;
    private final Progress progress;

    public Trainer(
            Trace<Split.Train> train,
            Trace<Split.Validation> validation,
            Classifier classifier,
            AlignmentSettings settings,
            Progress progress) {
        this.train = train;
        this.validation = validation;
        this.classifier = classifier;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * One evaluation of the validation split: after an epoch, or at the end of a fit with one penalty strength.
     *
     * @param epoch counted from 0, the start
     * @param penalty penalty strength, infinite at the start of a path
     * @param trainLoss mean over the training images (NaN at the start)
     */
    public record Epoch(int epoch, double penalty, double trainLoss, double validationLoss, double validationAccuracy) {
        /** Equal accuracies are common on small validation splits; the loss then decides. */
        boolean isBetterThan(Epoch other) {
            if (!Double.isFinite(validationLoss)) {
                return false; // it went too far, and whatever its accuracy is counts for nothing
            }
            return validationAccuracy > other.validationAccuracy
                    || (validationAccuracy == other.validationAccuracy && validationLoss < other.validationLoss)
                    || !Double.isFinite(other.validationLoss);
        }

        /**
         * Gives this, if its loss is a number.
         *
         * @throws InputException if it is not: the model's embeddings are no numbers then, since every fit begins with the unadapted model
         */
        Epoch requireFinite() {
            if (!Double.isFinite(validationLoss)) {
                throw InputException.at(
                        "the validation split", "a loss of " + validationLoss, "a finite number", Finite.SELF_CHECK);
            }
            return this;
        }
    }

    /**
     * A fitted adapter with the course of its fit.
     *
     * @param best the selected point
     * @param curve all points evaluated, the start first
     * @param seconds seconds spent, including the computation of the coefficients
     * @param note what is to be known of the fit; null for nothing
     */
    public record Fitted(
            Adapter adapter,
            Epoch best,
            List<Epoch> curve,
            double seconds,
            @Nullable String note) {
        public Fitted {
            best.requireFinite();
            curve = List.copyOf(curve);
        }

        /** A fit of which the course says all. */
        Fitted(Adapter adapter, Epoch best, List<Epoch> curve, double seconds) {
            this(adapter, best, curve, seconds, null);
        }
    }

    /** The unadapted model, with its validation accuracy. */
    public Fitted base() {
        return timed(() -> {
            Samples seen = outputs(validation);
            Epoch epoch = seen.evaluate(
                    0, 0, Double.NaN, classifier.logits(seen.data().coefficients()));
            return new Fitted(new Adapter.Identity(), epoch, List.of(epoch), 0);
        });
    }

    /** Fits λ of a design. */
    public Fitted fit(Design design) {
        return timed(() -> {
            try (SampleSet seen = StoredSamples.of(train, design, StoredSamples.IN_MEMORY);
                    SampleSet looked = StoredSamples.of(validation, design, StoredSamples.IN_MEMORY)) {
                Problem problem = new SpectralProblem(design, seen, classifier.matrix());
                Solution solution = solve(problem, start(design), seen, looked);
                return fitted(new Adapter.Spectral(design, solution.values().get(0)), solution);
            }
        });
    }

    /** Fits y → W y + b from the identity. */
    public Fitted linear() {
        return timed(() -> {
            Samples seen = outputs(train);
            Problem problem = new LinearProblem(seen.data(), classifier.matrix());
            Solution solution = solve(problem, problem.origin(), seen, outputs(validation));
            return fitted(
                    new Adapter.LinearMap(
                            solution.values().get(0), solution.values().get(1)),
                    solution);
        });
    }

    /** Fits a linear probe, always by the path: without a penalty it would not be one. */
    public Fitted probe() {
        return timed(() -> {
            Problem problem = new ProbeProblem(classifier.matrix());
            Path path = settings.fitting() instanceof Path given ? given : AlignmentSettings.PATH;
            Solution solution = new PathFit(path, progress).solve(problem, outputs(train), outputs(validation));
            return fitted(
                    new Adapter.Probe(
                            solution.values().get(0), solution.values().get(1)),
                    solution);
        });
    }

    /** Makes a Tip-Adapter, tuned or not. */
    public Fitted tip(boolean tuned) {
        return timed(() ->
                new TipFit(outputs(train), outputs(validation), classifier, settings.seed(), progress).fit(tuned));
    }

    /** Fits one of the methods for few labels, which choose nothing on validation. */
    public Fitted fewLabels(Method method, Unlabelled unlabelled) {
        return timed(() -> new FewLabelFit(outputs(train), outputs(validation), classifier, unlabelled).fit(method));
    }

    /**
     * Fits λ and Gaussian discriminants of few labels, choosing nothing on validation.
     *
     * @param design whose λ = 1 is the unadapted model
     */
    public Fitted residualGaussian(Design design) {
        return timed(() -> new ResidualGaussianFit(
                        design, classifier, outputs(train).data().coefficients(), inMemory(train, design))
                .fit(inMemory(validation, design)));
    }

    /** Switches heads off as long as that helps. */
    public Fitted ablation(AlignmentSettings.Goal goal) {
        return timed(() -> new HeadSearch(train, validation, classifier, goal, progress).fit());
    }

    private Solution solve(Problem problem, List<Tensor> start, SampleSet seen, SampleSet looked) {
        if (settings.fitting() instanceof Path path) {
            return new PathFit(path, progress).solve(problem, seen, looked);
        }
        Epochs epochs = (Epochs) settings.fitting();
        double rate = problem.method() == Method.LINEAR ? epochs.linearRate() : epochs.rate();
        return new EpochFit(epochs, rate, settings.seed() + 1, progress).solve(problem, start, seen, looked);
    }

    private List<Tensor> start(Design design) {
        float[] start = new float[design.parameters()];
        Random random = new Random(settings.seed());
        for (int i = 0; i < start.length; i++) {
            start[i] = settings.start() == AlignmentSettings.Start.RANDOM ? (float) (1 + random.nextGaussian()) : 1;
        }
        return List.of(Tensors.of(start, start.length));
    }

    private static Fitted fitted(Adapter adapter, Solution solution) {
        return new Fitted(adapter, solution.best(), solution.curve(), 0, solution.note());
    }

    private static Fitted timed(Supplier<Fitted> work) {
        long started = System.nanoTime();
        try (NativeScope scope = NativeScope.inference()) {
            Fitted done = work.get();
            return new Fitted(done.adapter, done.best, done.curve, (System.nanoTime() - started) / 1e9, done.note);
        }
    }

    private static Samples inMemory(Trace<? extends Split> trace, Design design) {
        return (Samples) StoredSamples.of(trace, design, Long.MAX_VALUE);
    }

    private static Samples outputs(Trace<? extends Split> trace) {
        Function<TraceBlock, Tensor> output = TraceBlock::outputs;
        Tensor y = Ops.cat(trace.blocks().stream().map(output).toList(), 0);
        return new Samples(new Cached(y, y.narrow(1, 0, 0)), trace.labels());
    }
}
