package io.residual.fit;

import io.residual.base.Progress;
import io.residual.base.RandomOrder;
import io.residual.fit.Trainer.Epoch;
import io.residual.tensor.AdamW;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.ScheduleFreeAdamW;
import io.residual.tensor.StochasticOptimiser;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/** Fits by the gradients of batches and keeps the epoch that does best on validation, the start included. */
final class EpochFit {
    private final AlignmentSettings.Epochs settings;
    private final double rate;
    private final long seed;
    private final Progress progress;

    /**
     * A fit by mini-batches.
     *
     * @param rate learning rate
     * @param seed seed of the images' order
     */
    EpochFit(AlignmentSettings.Epochs settings, double rate, long seed, Progress progress) {
        this.settings = settings;
        this.rate = rate;
        this.seed = seed;
        this.progress = progress;
    }

    /** Fits a problem from {@code start}, leaves that this changes. */
    Solution solve(Problem problem, List<Tensor> start, SampleSet train, SampleSet validation) {
        start.forEach(p -> p.set_requires_grad(true));
        List<Epoch> curve = new ArrayList<>();
        Epoch best = validation.evaluate(0, settings.penalty(), Double.NaN, problem.logits(validation, start));
        curve.add(best);
        List<float[]> values = start.stream().map(Tensors::floats).toList();
        Random random = new Random(seed);
        progress.start("fitting " + problem.method().label(), settings.epochs());
        try (StochasticOptimiser optimiser = optimiser(start)) {
            for (int epoch = 1; epoch <= settings.epochs() && epoch - best.epoch() <= settings.patience(); epoch++) {
                double loss = epoch(problem, start, optimiser, train, random);
                optimiser.show();
                Epoch now;
                try (NativeScope scope = NativeScope.inference()) {
                    now = validation.evaluate(epoch, settings.penalty(), loss, problem.logits(validation, start));
                }
                curve.add(now);
                if (now.isBetterThan(best)) {
                    best = now;
                    values = start.stream().map(Tensors::floats).toList();
                }
                optimiser.resume();
                progress.at(epoch, String.format(Locale.ROOT, "validation %.3f", now.validationAccuracy()));
            }
        }
        progress.finish();
        return new Solution(values, best, curve, null);
    }

    private StochasticOptimiser optimiser(List<Tensor> parameters) {
        return switch (settings.optimiser()) {
            case ADAMW -> new AdamW(parameters, AdamW.Settings.PLAIN);
            case SCHEDULE_FREE -> new ScheduleFreeAdamW(parameters, AdamW.Settings.PLAIN);
        };
    }

    /** One pass over the training images in a new order; gives the mean loss. */
    private double epoch(
            Problem problem, List<Tensor> parameters, StochasticOptimiser optimiser, SampleSet train, Random random) {
        int n = train.size();
        int[] order = RandomOrder.of(n, random);
        double sum = 0;
        for (int from = 0; from < n; from += settings.batch()) {
            try (NativeScope scope = NativeScope.training()) {
                int to = Math.min(n, from + settings.batch());
                Samples batch = train.inMemory(Arrays.copyOfRange(order, from, to));
                Problem.Loss loss = problem.loss(batch, batch.targets(), parameters);
                (settings.penalty() > 0
                                ? loss.differentiable()
                                        .add(Ops.scale(problem.movement(parameters), settings.penalty() / 2))
                                : loss.differentiable())
                        .backward();
                optimiser.step(rate);
                sum += loss.value() * (to - from);
            }
        }
        return sum / n;
    }
}
