package io.residual.alignment;

import io.residual.base.Progress;
import io.residual.images.Split;
import io.residual.tensor.AdamW;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Fits adapters with AdamW on a training split and keeps the epoch that does best on a validation split, the start
 * included. It cannot see a test split: the types that it takes do not admit one.
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

    /** One epoch: mean training loss (NaN at the start), and the validation split's loss and accuracy after it. */
    public record Epoch(int epoch, double trainLoss, double validationLoss, double validationAccuracy) {
        /** Equal accuracies are common on small validation splits; the loss then decides. */
        boolean isBetterThan(Epoch other) {
            return validationAccuracy > other.validationAccuracy
                    || (validationAccuracy == other.validationAccuracy && validationLoss < other.validationLoss);
        }
    }

    /**
     * A fitted adapter.
     *
     * @param best the epoch that was kept
     * @param curve every epoch, the start first
     * @param seconds spent, the coefficients' computation included
     */
    public record Fitted(Adapter adapter, Epoch best, List<Epoch> curve, double seconds) {
        public Fitted {
            curve = List.copyOf(curve);
        }
    }

    /** The model as it is, with its validation accuracy. */
    public Fitted base() {
        long started = System.nanoTime();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor y = join(validation, TraceBlock::outputs);
            Epoch epoch = look(0, Double.NaN, y, classifier.matrix());
            return new Fitted(new Adapter.Identity(), epoch, List.of(epoch), seconds(started));
        }
    }

    /** Fits λ of a design. */
    public Fitted fit(Design design) {
        long started = System.nanoTime();
        try (NativeScope scope = NativeScope.inference()) {
            float[] start = new float[design.parameters()];
            Random random = new Random(settings.seed());
            for (int i = 0; i < start.length; i++) {
                start[i] = settings.start() == AlignmentSettings.Start.RANDOM ? (float) (1 + random.nextGaussian()) : 1;
            }
            Tensor lambda = Tensors.of(start, start.length).set_requires_grad(true);
            Tensor directions = design.directions();
            Problem problem = new Problem(
                    design.method().label(),
                    List.of(lambda),
                    settings.rate(),
                    cached -> Objective.features(cached, design.spread(lambda), directions),
                    () -> Ops.scale(Ops.shift(lambda, -1).square().mean(), settings.pull() / 2));
            Solution solution = solve(problem, cache(train, design), cache(validation, design));
            return new Fitted(
                    new Adapter.Spectral(design, solution.values.get(0)),
                    solution.best,
                    solution.curve,
                    seconds(started));
        }
    }

    /** Fits y → W y + b from the identity. */
    public Fitted linear() {
        long started = System.nanoTime();
        int d = train.shape().sharedWidth();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor weight = torch.eye(d).set_requires_grad(true);
            Tensor bias = torch.zeros(d).set_requires_grad(true);
            Problem problem = new Problem(
                    Method.LINEAR.label(),
                    List.of(weight, bias),
                    settings.linearRate(),
                    cached -> Ops.linear(cached.coefficients(), weight, bias),
                    () -> torch.zeros(1));
            Solution solution = solve(problem, outputs(train), outputs(validation));
            return new Fitted(
                    new Adapter.LinearMap(solution.values.get(0), solution.values.get(1)),
                    solution.best,
                    solution.curve,
                    seconds(started));
        }
    }

    /** What is learned and how it makes embeddings of what the tower gave. */
    private record Problem(
            String name,
            List<Tensor> parameters,
            double rate,
            Function<Cached, Tensor> features,
            java.util.function.Supplier<Tensor> penalty) {}

    private record Solution(List<float[]> values, Epoch best, List<Epoch> curve) {}

    private Solution solve(Problem problem, Cached trainData, Cached validationData) {
        Tensor matrix = classifier.matrix();
        Tensor labels = Tensors.indices(train.labels());
        List<Epoch> curve = new ArrayList<>();
        Epoch best = look(0, Double.NaN, problem.features.apply(validationData), matrix);
        curve.add(best);
        List<float[]> values = problem.parameters.stream().map(Tensors::floats).toList();
        Random random = new Random(settings.seed() + 1);
        progress.start("fitting " + problem.name, settings.epochs());
        try (AdamW optimiser = new AdamW(problem.parameters, AdamW.Settings.PLAIN)) {
            for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
                double loss = epoch(problem, optimiser, trainData, labels, matrix, random);
                Epoch now;
                try (NativeScope scope = NativeScope.inference()) {
                    now = look(epoch, loss, problem.features.apply(validationData), matrix);
                }
                curve.add(now);
                if (now.isBetterThan(best)) {
                    best = now;
                    values = problem.parameters.stream().map(Tensors::floats).toList();
                }
                progress.at(epoch, String.format(Locale.ROOT, "validation %.3f", now.validationAccuracy));
                if (epoch - best.epoch >= settings.patience()) {
                    break;
                }
            }
        }
        progress.finish();
        return new Solution(values, best, curve);
    }

    /** One pass over the training images in a new order; gives the mean loss. */
    private double epoch(Problem problem, AdamW optimiser, Cached data, Tensor labels, Tensor matrix, Random random) {
        int n = Math.toIntExact(labels.size(0));
        int[] order = shuffled(n, random);
        double sum = 0;
        for (int from = 0; from < n; from += settings.batch()) {
            try (NativeScope scope = NativeScope.training()) {
                int to = Math.min(n, from + settings.batch());
                Tensor rows = Tensors.indices(java.util.Arrays.copyOfRange(order, from, to));
                Tensor logits = Classifier.logits(problem.features.apply(data.rows(rows)), matrix);
                Tensor loss = Ops.crossEntropy(logits, labels.index_select(0, rows));
                (settings.pull() > 0 ? loss.add(problem.penalty.get()) : loss).backward();
                optimiser.step(problem.rate);
                sum += loss.item_double() * (to - from);
            }
        }
        return sum / n;
    }

    private Epoch look(int epoch, double trainLoss, Tensor features, Tensor matrix) {
        int[] labels = validation.labels();
        Tensor logits = Classifier.logits(features, matrix);
        double loss = Ops.crossEntropy(logits, Tensors.indices(labels)).item_double();
        return new Epoch(epoch, trainLoss, loss, Classifier.right(logits, labels) / (double) labels.length);
    }

    private static Cached cache(Trace<? extends Split> trace, Design design) {
        List<Cached> parts = new ArrayList<>();
        for (TraceBlock block : trace.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                Cached part = design.cache(block);
                parts.add(new Cached(scope.keep(part.coefficients()), scope.keep(part.rest())));
            }
        }
        return Cached.joined(parts);
    }

    private static Cached outputs(Trace<? extends Split> trace) {
        Tensor y = join(trace, TraceBlock::outputs);
        return new Cached(y, torch.zeros(y.size(0), 1));
    }

    private static Tensor join(Trace<? extends Split> trace, Function<TraceBlock, Tensor> part) {
        return Ops.cat(trace.blocks().stream().map(part).toList(), 0);
    }

    private static int[] shuffled(int n, Random random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static double seconds(long started) {
        return (System.nanoTime() - started) / 1e9;
    }
}
