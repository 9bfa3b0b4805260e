package io.residual.fit;

import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.HeadScaleDesign;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.fit.AlignmentSettings.Goal;
import io.residual.fit.Trainer.Epoch;
import io.residual.fit.Trainer.Fitted;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Head ablation by greedy search: of all heads that could be switched off (put at their mean over training images) or halved,
 * the one that helps most on one half of the validation images, again and again. The other half says where to stop, since among so
 * many candidates some help the images that they are chosen on by chance. Direct effects only: later layers are not computed anew.
 */
final class HeadSearch {
    private static final float[] LEVELS = {0, .5f};

    /** Steps without gain on the half that does not choose, and the search ends. */
    private static final int PATIENCE = 4;

    private final Goal goal;
    private final Classifier classifier;
    private final Progress progress;
    private final HeadScaleDesign design;
    private final int heads;
    private final int width; // columns of a head
    private final List<float[]> steps = new ArrayList<>();
    private final Half all;
    private final Half choosing;
    private final Half stopping;

    HeadSearch(
            Trace<Split.Train> train,
            Trace<Split.Validation> validation,
            Classifier classifier,
            Goal goal,
            Progress progress) {
        this.goal = goal;
        this.classifier = classifier;
        this.progress = progress;
        this.heads = train.shape().allHeads();
        this.width = train.frame().columnsOfHead();
        this.design = HeadScaleDesign.centred(train.frame(), means(train));
        List<Cached> parts = new ArrayList<>();
        for (TraceBlock block : validation.blocks()) {
            parts.add(design.cache(block));
        }
        Samples samples = new Samples(Cached.joined(parts), validation.labels());
        this.all = new Half(samples);
        int[][] halves = GoalValue.halves(validation.labels());
        this.choosing = new Half(rows(samples, halves[0]));
        this.stopping = new Half(rows(samples, halves[1]));
    }

    private static float[] means(Trace<Split.Train> train) {
        double[] sums = new double[0];
        for (TraceBlock block : train.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                float[] mean = Tensors.floats(Ops.mean(block.headColumns(), 0));
                sums = sums.length == 0 ? new double[mean.length] : sums;
                for (int i = 0; i < mean.length; i++) {
                    sums[i] += (double) mean[i] * block.size() / train.size();
                }
            }
        }
        float[] means = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) sums[i];
        }
        return means;
    }

    private static Samples rows(Samples samples, int... rows) {
        int[] labels = Arrays.stream(rows).map(i -> samples.labels()[i]).toArray();
        return new Samples(samples.data().rows(Tensors.indices(rows)), labels);
    }

    /** λ after each step of {@link #fit}. */
    List<float[]> steps() {
        return steps;
    }

    Fitted fit() {
        float[] lambdas = new float[heads];
        Arrays.fill(lambdas, 1);
        Tensor directions = design.directions();
        progress.start("ablating heads", heads);
        List<Epoch> curve = new ArrayList<>();
        GoalValue now = choosing.at(lambdas, directions);
        GoalValue best = stopping.at(lambdas, directions);
        float[] chosen = lambdas.clone();
        Epoch at = all.evaluate(0, lambdas, directions);
        Epoch bestAt = at;
        curve.add(at);
        int since = 0;
        for (int step = 1; step <= heads && since < PATIENCE; step++) {
            Candidate found = choosing.best(now, lambdas, directions);
            if (found == null) {
                break;
            }
            lambdas[found.head] = found.level;
            steps.add(lambdas.clone());
            now = found.value;
            GoalValue other = stopping.at(lambdas, directions);
            at = all.evaluate(step, lambdas, directions);
            curve.add(at);
            since++;
            if (other.isBetterThan(best)) {
                best = other;
                bestAt = at;
                chosen = lambdas.clone();
                since = 0;
            }
            progress.at(step, String.format(Locale.ROOT, "validation %.3f", at.validationAccuracy()));
        }
        progress.finish();
        return new Fitted(new Adapter.Spectral(design, chosen), bestAt, curve, 0);
    }

    private record Candidate(int head, float level, GoalValue value) {}

    /** Some validation images, with what they need to tell at once what a head's change does. */
    private final class Half {
        private final Samples samples;
        private final Tensor squares; // ‖v_h‖² of the centred units v_h, [n, heads]

        Half(Samples samples) {
            this.samples = samples;
            Tensor directions = design.directions(); // Φ [K, D]
            List<Tensor> each = new ArrayList<>();
            for (int h = 0; h < heads; h++) {
                try (NativeScope scope = NativeScope.nested()) {
                    Tensor c = columns(h);
                    Tensor phi = directions.narrow(0, (long) h * width, width);
                    each.add(scope.keep(Ops.sum(c.matmul(phi).square(), 1)));
                }
            }
            this.squares = Ops.stack(each, 1);
        }

        private Tensor columns(int head) {
            return samples.data().coefficients().narrow(1, (long) head * width, width);
        }

        private Tensor features(float[] lambdas, Tensor directions) {
            return samples.data().features(design.spread(Tensors.of(lambdas, heads)), directions);
        }

        Epoch evaluate(int step, float[] lambdas, Tensor directions) {
            try (NativeScope scope = NativeScope.nested()) {
                return samples.evaluate(step, 0, Double.NaN, classifier.logits(features(lambdas, directions)));
            }
        }

        GoalValue at(float[] lambdas, Tensor directions) {
            try (NativeScope scope = NativeScope.nested()) {
                return value(classifier.logits(features(lambdas, directions)));
            }
        }

        /**
         * The change that helps most, or null if none does. With s of a head's centred unit v less, logits are (ŷ·T − s v·T) / ‖ŷ − s v‖
         * and the length follows from ŷ·v and ‖v‖², so no candidate needs its own ŷ.
         */
        @Nullable
        Candidate best(GoalValue now, float[] lambdas, Tensor directions) {
            Candidate best = null;
            try (NativeScope all = NativeScope.nested()) {
                Tensor y = features(lambdas, directions); // ŷ [n, D]
                Tensor matrix = classifier.matrix(); // T [D, C]
                Tensor numerators = y.matmul(matrix); // [n, C]
                Tensor length = Ops.sum(y.square(), 1); // [n]
                Tensor along = Ops.sum(
                        y.matmul(directions.t())
                                .mul(samples.data().coefficients())
                                .view(y.size(0), heads, width),
                        2); // ŷ·v_h [n, heads]
                Tensor texts = directions.matmul(matrix); // Φ T [K, C]
                for (int h = 0; h < heads; h++) {
                    for (float level : LEVELS) {
                        if (level >= lambdas[h]) {
                            continue;
                        }
                        double s = lambdas[h] - level;
                        try (NativeScope scope = NativeScope.nested()) {
                            Tensor less = Ops.scale(columns(h).matmul(texts.narrow(0, (long) h * width, width)), s);
                            Tensor square = length.sub(Ops.scale(along.select(1, h), 2 * s))
                                    .add(Ops.scale(squares.select(1, h), s * s));
                            Tensor logits = numerators
                                    .sub(less)
                                    .div(Ops.shift(square.relu(), 1e-24).sqrt().unsqueeze(1));
                            GoalValue value = value(logits);
                            if (value.isBetterThan(best == null ? now : best.value)) {
                                best = new Candidate(h, level, value);
                            }
                        }
                    }
                }
            }
            return best;
        }

        private GoalValue value(Tensor logits) {
            return GoalValue.of(goal, logits, samples.labels());
        }
    }
}
