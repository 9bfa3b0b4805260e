package io.residual.alignment;

import io.residual.alignment.Trainer.Epoch;
import io.residual.base.Progress;
import io.residual.tensor.Lbfgs;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/**
 * Fits on all images at once for every strength of a pull to the origin, from the strongest to the weakest, each from where
 * the one before ended. Validation chooses the strength; the origin itself is a candidate.
 */
final class PathFit {
    private static final int MEMORY = 10;

    /** A step that improves the loss by less than this share of it cannot change a decision worth the name. */
    private static final double TOLERANCE = 1e-5;

    /** So many strengths in turn without a better one end the path: it only gets freer from there. */
    private static final int PATIENCE = 4;

    private final AlignmentSettings.Path settings;
    private final Progress progress;

    PathFit(AlignmentSettings.Path settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /** Fits a problem. */
    Solution solve(Problem problem, Samples train, Samples validation) {
        List<Tensor> origin = problem.origin();
        List<Epoch> curve = new ArrayList<>();
        Epoch best =
                validation.look(0, Double.POSITIVE_INFINITY, Double.NaN, problem.logits(validation.data(), origin));
        curve.add(best);
        List<float[]> values = origin.stream().map(Tensors::floats).toList();
        double[] step =
                new double[origin.stream().mapToInt(t -> (int) t.numel()).sum()];
        Tensor targets = train.targets();
        progress.start("fitting " + problem.method().label(), settings.pulls().size());
        for (int i = 1; i <= settings.pulls().size() && i - best.epoch() <= PATIENCE; i++) {
            double pull = settings.pulls().get(i - 1);
            step = new Lbfgs(MEMORY, settings.iterations(), TOLERANCE)
                    .minimise((x, gradient) -> loss(problem, train, targets, origin, pull, x, gradient), step)
                    .x();
            try (NativeScope scope = NativeScope.inference()) {
                List<Tensor> parameters = problem.at(shaped(step, origin));
                double trainLoss = Ops.crossEntropy(problem.logits(train.data(), parameters), targets)
                        .item_double();
                Epoch now = validation.look(i, pull, trainLoss, problem.logits(validation.data(), parameters));
                curve.add(now);
                if (now.isBetterThan(best)) {
                    best = now;
                    values = parameters.stream().map(Tensors::floats).toList();
                }
                progress.at(i, String.format(Locale.ROOT, "validation %.3f", now.validationAccuracy()));
            }
        }
        progress.finish();
        return new Solution(values, best, curve);
    }

    /** Cross-entropy plus pull/2 · ‖step‖², with its gradient. */
    private static double loss(
            Problem problem,
            Samples train,
            Tensor targets,
            List<Tensor> origin,
            double pull,
            double[] x,
            double[] gradient) {
        try (NativeScope scope = NativeScope.training()) {
            List<Tensor> step = shaped(x, origin);
            step.forEach(p -> p.set_requires_grad(true));
            Tensor loss = Ops.crossEntropy(problem.logits(train.data(), problem.at(step)), targets);
            loss.backward();
            int at = 0;
            for (Tensor part : step) {
                for (float value : Tensors.floats(part.grad())) {
                    gradient[at++] = value;
                }
            }
            double squares = 0;
            for (int i = 0; i < x.length; i++) {
                gradient[i] += pull * x[i];
                squares += x[i] * x[i];
            }
            return loss.item_double() + pull / 2 * squares;
        }
    }

    /** The numbers as 32-bit tensors of the origin's shapes. */
    private static List<Tensor> shaped(double[] numbers, List<Tensor> like) {
        List<Tensor> out = new ArrayList<>();
        int at = 0;
        for (Tensor tensor : like) {
            float[] part = new float[(int) tensor.numel()];
            for (int i = 0; i < part.length; i++) {
                part[i] = (float) numbers[at++];
            }
            out.add(Tensors.of(part, Tensors.shape(tensor)));
        }
        return out;
    }
}
