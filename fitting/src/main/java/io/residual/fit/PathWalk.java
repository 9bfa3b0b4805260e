package io.residual.fit;

import io.residual.base.Progress;
import io.residual.fit.Trainer.Epoch;
import io.residual.tensor.Lbfgs;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One walk along a path of strengths on some images ({@link PathFit}): which strengths are fitted, from where, and what validation says of each.
 * For one thread, within one native scope.
 */
final class PathWalk {
    private static final int MEMORY = 10;

    /** Relative improvement of the loss below which further steps are immaterial. */
    private static final double TOLERANCE = 1e-5;

    /** {@link #TOLERANCE} where strengths are only compared. */
    private static final double COARSE = 1e-3;

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

    private final AlignmentSettings.Path settings;
    private final Progress progress;
    private final Problem problem;
    private final SampleSet train;
    private final SampleSet validation;
    private final double tolerance;
    private final double gain; // share by which validation's loss must fall at an equal accuracy to lead on
    private final Map<Double, List<float[]>> ends = new HashMap<>(); // by strength, on fewer images or on these
    private final Set<Double> fitted = new HashSet<>(); // on these
    private final List<float[]> origin;
    private final ParameterShapes shapes;
    private final Tensor targets;
    private final List<Epoch> curve = new ArrayList<>(); // in the order of fitting
    private final Epoch base;
    private Epoch best;
    private @Nullable Epoch bestFitted; // of the strengths alone: what steers the path
    private List<float[]> values;
    private List<float[]> reached = List.of(); // where the last fit ended
    private PenalisedLoss.@Nullable Known known; // there

    /** A path on all images that there are: every strength is fitted to its end. */
    static PathWalk whole(
            Problem problem,
            SampleSet train,
            SampleSet validation,
            AlignmentSettings.Path settings,
            Progress progress) {
        return new PathWalk(problem, train, validation, settings, progress, TOLERANCE, 0, null);
    }

    /** A path that compares strengths, to a coarse tolerance. */
    static PathWalk comparing(
            Problem problem,
            SampleSet train,
            SampleSet validation,
            AlignmentSettings.Path settings,
            Progress progress) {
        return new PathWalk(problem, train, validation, settings, progress, COARSE, SAME, null);
    }

    /** Another on more of the images, which begins where strengths ended on these. */
    PathWalk on(SampleSet more) {
        PathWalk walk = new PathWalk(problem, more, validation, settings, progress, tolerance, gain, base);
        walk.ends.putAll(ends);
        return walk;
    }

    private PathWalk(
            Problem problem,
            SampleSet train,
            SampleSet validation,
            AlignmentSettings.Path settings,
            Progress progress,
            double tolerance,
            double gain,
            @Nullable Epoch known) { // the unadapted model's
        this.settings = settings;
        this.progress = progress;
        this.tolerance = tolerance;
        this.gain = gain;
        this.problem = problem;
        this.train = train;
        this.validation = validation;
        this.origin = problem.origin().stream().map(Tensors::floats).toList();
        this.shapes = ParameterShapes.of(problem.origin());
        this.targets = train.targets();
        List<Tensor> asItIs = problem.base();
        this.base = known != null
                ? known
                : validation.evaluate(0, Double.POSITIVE_INFINITY, Double.NaN, problem.logits(validation, asItIs));
        this.curve.add(base);
        this.best = base;
        this.values = asItIs.stream().map(Tensors::floats).toList();
    }

    /** Fits the whole path. */
    void path(String what) {
        List<Double> strengths = settings.penalties();
        progress.start(what, strengths.size());
        List<float[]> from = origin;
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
        double strength = strongest * FACTOR;
        for (int more = 0; more < settings.extensions() && strongestIsBest(strength / FACTOR); more++) {
            fit(strength, origin);
            strength *= FACTOR;
        }
    }

    /**
     * Fits the best strength of a path that was walked on fewer of the images, from where that one ended; then weaker ones as long as
     * validation gets better, since more images ask for less of a penalty; and stronger ones where none is better.
     *
     * @param fewer the walk that this one is {@link #on more of the images} of
     */
    void around(PathWalk fewer, String what) {
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
                && validation.size() >= PathFit.SOME
                && train.size() >= PathFit.SOME;
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
        Epoch end =
                curve.stream().filter(e -> e.penalty() == strongest).findFirst().orElse(base);
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
            step = ParameterShapes.flat(problem.step(shapes.shaped(from), strength));
        }
        PenalisedLoss.Known start = from == reached ? known : null; // whatever the strength, it is the same loss
        PenalisedLoss loss = new PenalisedLoss(problem, train, targets, shapes, strength, start);
        Lbfgs.Minimum found = new Lbfgs(MEMORY, settings.iterations(), until).minimise(loss, step);
        try (NativeScope scope = NativeScope.inference()) {
            List<Tensor> parameters = problem.at(shapes.shaped(shapes.split(found.x())), strength);
            double trainLoss =
                    found.value() - strength / 2 * problem.movement(parameters).item_double();
            Epoch now = validation.evaluate(curve.size(), strength, trainLoss, problem.logits(validation, parameters));
            curve.add(now);
            if (leads(now)) {
                bestFitted = now;
            }
            List<float[]> ended = parameters.stream().map(Tensors::floats).toList();
            ends.put(strength, ended);
            reached = ended;
            known = loss.of(found.x());
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

    /** The strengths from the strongest to the weakest, counted in that order. */
    Solution sorted(@Nullable String note) {
        List<Epoch> falling = curve.stream()
                .sorted(Comparator.comparingDouble(Epoch::penalty).reversed())
                .toList();
        List<Epoch> counted = new ArrayList<>();
        for (Epoch e : falling) {
            counted.add(
                    new Epoch(counted.size(), e.penalty(), e.trainLoss(), e.validationLoss(), e.validationAccuracy()));
        }
        return new Solution(values, counted.get(falling.indexOf(best)), counted, note);
    }
}
