package io.residual.fit;

import io.residual.base.Progress;
import io.residual.fit.Trainer.Epoch;
import io.residual.tensor.Lbfgs;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Fits on all images at once for every strength of a penalty on the distance from the origin, from the strongest to the
 * weakest, each from where the one before ended. Validation chooses the strength; the unadapted model, an infinite penalty,
 * is a candidate. While validation is best at an end of the list, the path goes on beyond it.
 *
 * <p>Most of a path serves to find the strength. With many images it is walked on some of them ({@link #some}), to a coarse tolerance.
 * The strengths around the best are then fitted on ever more images, each from where the same strength ended on fewer, and at
 * last on all, until validation turns on both sides; the chosen one is fitted to the end. So the weights are the optimum on all images, and few steps are taken on so many.
 */
final class PathFit {
    private static final int MEMORY = 10;

    /** Relative improvement of the loss below which further steps are immaterial. */
    private static final double TOLERANCE = 1e-5;

    /**
     * Early stopping: consecutive strengths without better validation. Weaker penalties only fit the training images
     * closer.
     */
    private static final int PATIENCE = 4;

    /** Number of weaker strengths that must be worse than the best before validation counts as having turned. */
    private static final int TURNED = 2;

    /** The next strength beyond an end: half a decade, as the strengths of the list. */
    private static final double FACTOR = Math.sqrt(10);

    /**
     * A fit whose validation loss differs from the model's own by less than this share is that model. With many images a strength does not
     * lead on to the next if validation's loss falls by less and its accuracy stays.
     */
    private static final double SAME = 1e-3;

    /** From so many images on, strengths are first compared on some of them. */
    static final int MANY = 4_000;

    /** Images that strengths are first compared on, at least; and of each class, if that is more. */
    private static final int SOME = 1_000;

    private static final int SOME_OF_CLASS = 10;

    /** {@link #TOLERANCE} where strengths are only compared. */
    private static final double COARSE = 1e-3;

    /** So many times as many images are taken each time, as long as that leaves at least half out. */
    private static final int MORE = 4;

    private final AlignmentSettings.Path settings;
    private final Progress progress;

    PathFit(AlignmentSettings.Path settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Fits a problem along the path.
     *
     * @return the selected parameters and the whole curve
     */
    Solution solve(Problem problem, SampleSet train, SampleSet validation) {
        if (train.size() < MANY) {
            return direct(problem, train, validation);
        }
        int[] labels = train.labels();
        String method = problem.method().label();
        List<String> sizes = new ArrayList<>();
        Walk before = null;
        for (long n = first(labels); n <= train.size() / 2; n *= MORE) {
            try (NativeScope scope = NativeScope.nested()) {
                SampleSet some = train.some(some((int) n, labels));
                sizes.add(String.format(Locale.ROOT, "%,d", some.size()));
                Walk walk = new Walk(problem, some, validation, COARSE, SAME);
                walk.around(
                        before,
                        String.format(
                                Locale.ROOT,
                                "comparing strengths of %s on %,d of %,d images",
                                method,
                                some.size(),
                                train.size()));
                before = walk;
            }
        }
        Walk walk = new Walk(problem, train, validation, COARSE, SAME);
        walk.around(before, "fitting " + method + " around the best strength");
        walk.finish();
        return walk.sorted(String.format(
                Locale.ROOT,
                "%s: penalty strengths were first compared on %s of the %,d training images; those around the best were fitted on all",
                method,
                String.join(" and ", sizes),
                train.size()));
    }

    /** Fits every strength of the path on all images, however many they are. */
    Solution direct(Problem problem, SampleSet train, SampleSet validation) {
        Walk walk = new Walk(problem, train, validation, TOLERANCE, 0);
        walk.path("fitting " + problem.method().label());
        return walk.sorted(null);
    }

    /** How many images strengths are first compared on. */
    static int first(int... labels) {
        int classes = Arrays.stream(labels).max().orElse(0) + 1;
        return Math.min(labels.length / 4, Math.max(SOME, SOME_OF_CLASS * classes));
    }

    /**
     * Images that stand for all: of each class its share, evenly spread, and at least ten where it has so many.
     *
     * @param wanted how many, unless that is less than one of every class
     */
    static int[] some(int wanted, int... labels) {
        int classes = Arrays.stream(labels).max().orElse(0) + 1;
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        int least = Math.max(1, Math.min(SOME_OF_CLASS, wanted / classes));
        int[] seen = new int[classes];
        return IntStream.range(0, labels.length)
                .filter(i -> {
                    int count = counts[labels[i]];
                    long kept = Math.min(count, Math.max(least, (long) count * wanted / labels.length));
                    int k = seen[
                            labels[i]]++; // the k-th image of its class is kept where the share passes a whole number
                    return (k + 1) * kept / count > k * kept / count;
                })
                .toArray();
    }

    /** The loss at some parameters, without the penalty, and its gradient with respect to them. */
    private record Known(double loss, List<float[]> gradient) {}

    /** The state of one path. */
    private final class Walk {
        private final Problem problem;
        private final SampleSet train;
        private final SampleSet validation;
        private final double tolerance;
        private final double gain; // share by which validation's loss must fall at an equal accuracy to lead on
        private final Map<Double, List<float[]>> ends = new HashMap<>(); // by strength, on fewer images or on these
        private final Set<Double> fitted = new HashSet<>(); // on these
        private final List<Tensor> origin;
        private final Tensor targets;
        private final List<Epoch> curve = new ArrayList<>(); // in the order of fitting
        private final Epoch base;
        private Epoch best;
        private @Nullable Epoch bestFitted; // of the strengths alone: what steers the path
        private List<float[]> values;
        private List<float[]> reached = List.of(); // where the last fit ended
        private @Nullable Known known; // there

        Walk(Problem problem, SampleSet train, SampleSet validation, double tolerance, double gain) {
            this.tolerance = tolerance;
            this.gain = gain;
            this.problem = problem;
            this.train = train;
            this.validation = validation;
            this.origin = problem.origin();
            this.targets = train.targets();
            List<Tensor> asItIs = problem.base();
            this.base =
                    validation.evaluate(0, Double.POSITIVE_INFINITY, Double.NaN, problem.logits(validation, asItIs));
            this.curve.add(base);
            this.best = base;
            this.values = asItIs.stream().map(Tensors::floats).toList();
        }

        /** Fits the whole path. */
        void path(String what) {
            List<Double> strengths = settings.penalties();
            progress.start(what, strengths.size());
            List<float[]> from = origin.stream().map(Tensors::floats).toList();
            for (int i = 0; i < strengths.size() && sinceBest() < PATIENCE && !allRight(); i++) {
                from = fit(strengths.get(i), from);
            }
            beyond(strengths, 0, TURNED, from);
            progress.finish();
        }

        /** Strengths beyond both ends of a path, unless nothing can get better. */
        private void beyond(List<Double> strengths, int extended, int since, List<float[]> end) {
            if (!allRight()) {
                weaker(strengths.get(strengths.size() - 1), extended, since, end);
                stronger(strengths.get(0));
            }
        }

        /** Weaker penalties than the path's weakest, from where it ended, until so many were fitted since the best. */
        private void weaker(double weakest, int extended, int since, List<float[]> end) {
            List<float[]> from = end;
            double strength = weakest / FACTOR;
            for (int more = extended; more < settings.extensions() && strength > 0 && sinceBest() < since; more++) {
                from = fit(strength, from);
                strength /= FACTOR;
            }
        }

        /** Stronger penalties than the path's strongest, each from the origin, as long as the strongest is the best. */
        private void stronger(double strongest) {
            List<float[]> start = origin.stream().map(Tensors::floats).toList();
            double strength = strongest * FACTOR;
            for (int more = 0; more < settings.extensions() && strongestIsBest(strength / FACTOR); more++) {
                fit(strength, start);
                strength *= FACTOR;
            }
        }

        /**
         * Fits the best strength of a path that was walked on fewer of the images, from where that one ended; then weaker ones as long as
         * validation gets better, since more images ask for less of a penalty; and stronger ones where none is better.
         *
         * @param fewer the path on fewer images; null to walk the whole path on these
         */
        void around(@Nullable Walk fewer, String what) {
            if (fewer == null) {
                path(what);
                return;
            }
            ends.putAll(fewer.ends);
            Epoch found = Objects.requireNonNull(fewer.bestFitted);
            progress.start(what, 0);
            List<Double> strengths =
                    ends.keySet().stream().sorted(Comparator.reverseOrder()).toList();
            int middle = strengths.indexOf(found.penalty());
            List<float[]> from = fit(found.penalty(), end(found.penalty()));
            int weaker = middle + 1;
            for (; weaker < strengths.size() && sinceBest() == 0 && !allRight(); weaker++) {
                from = fit(strengths.get(weaker), from);
            }
            for (int stronger = middle - 1; stronger >= 0 && strongestFittedIsBest() && !allRight(); stronger--) {
                fit(strengths.get(stronger), end(strengths.get(stronger)));
            }
            beyond(strengths, strengths.size() - settings.penalties().size(), 1, from);
            progress.finish();
        }

        /** Goes on with the chosen strength to its optimum: until here strengths were compared to a coarse tolerance. */
        void finish() {
            if (!Double.isFinite(best.penalty())) {
                return; // the unadapted model
            }
            progress.start("fitting " + problem.method().label() + " to the end", 1);
            Epoch coarse = best;
            List<float[]> from = values;
            curve.remove(coarse);
            best = base;
            values = problem.base().stream().map(Tensors::floats).toList();
            fit(coarse.penalty(), from, TOLERANCE);
            progress.finish();
        }

        /** The parameters where a strength ended. */
        private List<float[]> end(double strength) {
            return Objects.requireNonNull(ends.get(strength));
        }

        /** Whether all of many validation images are right, with a fit of many: then no other penalty can do better. */
        private boolean allRight() {
            return bestFitted != null
                    && bestFitted.validationAccuracy() == 1
                    && validation.size() >= SOME
                    && train.size() >= SOME;
        }

        /** Whether validation is better than with every strength before, by more than what does not matter. */
        private boolean leads(Epoch now) {
            return bestFitted == null
                    || (now.isBetterThan(bestFitted)
                            && !(now.validationAccuracy() == bestFitted.validationAccuracy()
                                    && now.validationLoss() > (1 - gain) * bestFitted.validationLoss()));
        }

        private boolean strongestFittedIsBest() {
            return bestFitted != null && fitted.stream().noneMatch(s -> s > bestFitted.penalty());
        }

        /**
         * How many strengths were fitted since the best of them. The unadapted model does not count: a problem that begins
         * elsewhere, as a linear probe does at zero, may be worse than it for many strengths and better in the end.
         */
        private int sinceBest() {
            return bestFitted == null ? 0 : curve.size() - 1 - curve.indexOf(bestFitted);
        }

        /**
         * Whether a stronger penalty may be better: the strongest one so far is the best, and it is not yet the
         * unadapted model.
         */
        private boolean strongestIsBest(double strongest) {
            Epoch end = curve.stream()
                    .filter(e -> e.penalty() == strongest)
                    .findFirst()
                    .orElse(base);
            return best.penalty() >= strongest
                    && Math.abs(end.validationLoss() - base.validationLoss()) > SAME * base.validationLoss();
        }

        /** Fits with one strength from some parameters; gives those where it ended. */
        private List<float[]> fit(double strength, List<float[]> from) {
            return fit(strength, from, tolerance);
        }

        private List<float[]> fit(double strength, List<float[]> from, double until) {
            double[] step;
            try (NativeScope scope = NativeScope.inference()) {
                step = flat(problem.step(shaped(from), strength));
            }
            Known start = from == reached ? known : null; // whatever the strength, it is the same loss
            Evaluations evaluations = new Evaluations(strength, start);
            Lbfgs.Minimum found =
                    new Lbfgs(MEMORY, settings.iterations(), until).minimise(evaluations::at, step);
            try (NativeScope scope = NativeScope.inference()) {
                List<Tensor> parameters = problem.at(shaped(split(found.x())), strength);
                double trainLoss = found.value()
                        - strength / 2 * problem.movement(parameters).item_double();
                Epoch now =
                        validation.evaluate(curve.size(), strength, trainLoss, problem.logits(validation, parameters));
                curve.add(now);
                if (leads(now)) {
                    bestFitted = now;
                }
                List<float[]> ended = parameters.stream().map(Tensors::floats).toList();
                ends.put(strength, ended);
                reached = ended;
                known = evaluations.of(found.x());
                fitted.add(strength);
                if (now.isBetterThan(best)) {
                    best = now;
                    values = ended;
                }
                progress.at(
                        Math.min(curve.size() - 1, settings.penalties().size()),
                        String.format(Locale.ROOT, "validation %.3f", now.validationAccuracy()));
                return ended;
            }
        }

        /** The penalised loss of one strength. */
        private final class Evaluations {
            private final double strength;
            private @Nullable Known start;
            private double[] lowestAt = {};
            private double lowest = Double.POSITIVE_INFINITY;
            private @Nullable Known ofLowest;

            Evaluations(double strength, @Nullable Known start) {
                this.strength = strength;
                this.start = start;
            }

            /** Cross-entropy plus strength/2 · the movement, with its gradient with respect to the step. */
            double at(double[] x, double[] gradient) {
                try (NativeScope scope = NativeScope.training()) {
                    List<Tensor> step = shaped(split(x));
                    step.forEach(p -> p.set_requires_grad(true));
                    List<Tensor> parameters = problem.at(step, strength);
                    Known here = start == null ? loss(parameters) : start;
                    start = null; // the first evaluation is the start's
                    Tensor penalty = Ops.scale(problem.movement(parameters), strength / 2);
                    Tensor along = penalty;
                    for (int i = 0; i < parameters.size(); i++) {
                        Tensor parameter = parameters.get(i);
                        Tensor slope = Tensors.of(here.gradient.get(i), Tensors.shape(parameter));
                        along = along.add(parameter.mul(slope).sum());
                    }
                    along.backward();
                    double[] flat = flat(step.stream().map(Tensor::grad).toList());
                    System.arraycopy(flat, 0, gradient, 0, flat.length);
                    double value = here.loss + penalty.item_double();
                    if (value < lowest) {
                        lowest = value;
                        lowestAt = x;
                        ofLowest = here;
                    }
                    return value;
                }
            }

            /** What is known of the loss where the fit ended: that is nearly always the lowest value met. */
            @Nullable
            Known of(double[] end) {
                return end == lowestAt ? ofLowest : null;
            }
        }

        /** The mean cross-entropy of all images, and its gradient with respect to the parameters. */
        private Known loss(List<Tensor> parameters) {
            List<Tensor> leaves = parameters.stream()
                    .map(p -> p.detach().set_requires_grad(true))
                    .toList();
            Problem.Loss loss = problem.loss(train, targets, leaves);
            loss.differentiable().backward();
            return new Known(
                    loss.value(),
                    leaves.stream().map(p -> Tensors.floats(p.grad())).toList());
        }

        /** Numbers as tensors of the origin's shapes. */
        private List<Tensor> shaped(List<float[]> numbers) {
            List<Tensor> out = new ArrayList<>();
            for (int i = 0; i < numbers.size(); i++) {
                out.add(Tensors.of(numbers.get(i), Tensors.shape(origin.get(i))));
            }
            return out;
        }

        /** All numbers in a row, parted as the origin is. */
        private List<float[]> split(double... numbers) {
            List<float[]> out = new ArrayList<>();
            int at = 0;
            for (Tensor tensor : origin) {
                float[] part = new float[(int) tensor.numel()];
                for (int i = 0; i < part.length; i++) {
                    part[i] = (float) numbers[at++];
                }
                out.add(part);
            }
            return out;
        }

        /** The strengths from the strongest to the weakest, counted in that order. */
        Solution sorted(@Nullable String note) {
            List<Epoch> falling = curve.stream()
                    .sorted(Comparator.comparingDouble(Epoch::penalty).reversed())
                    .toList();
            List<Epoch> counted = new ArrayList<>();
            for (Epoch e : falling) {
                counted.add(new Epoch(
                        counted.size(), e.penalty(), e.trainLoss(), e.validationLoss(), e.validationAccuracy()));
            }
            return new Solution(values, counted.get(falling.indexOf(best)), counted, note);
        }
    }

    private static double[] flat(List<Tensor> tensors) {
        List<float[]> parts = tensors.stream().map(Tensors::floats).toList();
        double[] out = new double[parts.stream().mapToInt(p -> p.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            for (float value : part) {
                out[at++] = value;
            }
        }
        return out;
    }
}
