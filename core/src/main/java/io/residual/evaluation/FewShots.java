package io.residual.evaluation;

import io.residual.alignment.Method;
import io.residual.base.InputException;
import io.residual.evaluation.Comparison.Prepared;
import io.residual.images.Dataset;
import io.residual.images.Split;
import io.residual.units.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What methods reach with few labelled images a class: images are drawn several times, and one of them that is drawn for
 * training never serves anything else. As somebody with n labelled images a class has few to validate on, too, choices are
 * made on at most {@link #VALIDATION} images a class; one half of the validation split, which no fit sees, is held out to
 * recommend by, so that the recommendation does not come from the test split.
 */
public final class FewShots {
    /** Images a class to validate on, at most (as CoOp and others after it do). */
    public static final int VALIDATION = 4;

    /** Stands for all images that there are. */
    public static final int ALL = Integer.MAX_VALUE;

    private static final long HALVES = 77;

    private final Comparison comparison;

    public FewShots(Comparison comparison) {
        this.comparison = comparison;
    }

    /**
     * One fit.
     *
     * @param shots images a class, or {@link #ALL}
     * @param seed of the draw
     * @param trainAccuracy on the images that it was fitted on
     * @param heldOut on the half of validation that no fit saw
     * @param note of the fit, see {@link Candidate#note}
     */
    public record Shot(
            Method method,
            int shots,
            long seed,
            int parameters,
            double trainAccuracy,
            HeldOut heldOut,
            Accuracy test,
            double seconds,
            @Nullable String note) {}

    /** A fit that has not been tested yet. */
    private record Drawn(Candidate candidate, int shots, long seed, HeldOut heldOut) {}

    /** Every fit on a data set; the test split is opened when all are done. */
    public List<Shot> run(Dataset dataset, List<Method> methods, List<Integer> shots, int seeds) {
        Prepared whole = comparison.prepare(dataset);
        List<Drawn> drawn = new ArrayList<>();
        try {
            Trace<Split.Validation> judging = judging(whole);
            for (int count : shots) {
                // All images are the same images whatever the seed.
                for (long seed = 0; seed < (count == ALL ? 1 : seeds); seed++) {
                    Prepared few = draw(whole, count, seed);
                    for (Method method : methods) {
                        Candidate candidate = comparison.fit(few, method);
                        drawn.add(new Drawn(
                                candidate, count, seed, comparison.heldOut(candidate, dataset.validation(), judging)));
                    }
                }
            }
            List<MethodResult> tested = comparison.test(
                    dataset, drawn.stream().map(Drawn::candidate).toList());
            List<Shot> results = new ArrayList<>();
            for (int i = 0; i < tested.size(); i++) {
                Drawn one = drawn.get(i);
                MethodResult result = tested.get(i);
                results.add(new Shot(
                        result.method(),
                        one.shots,
                        one.seed,
                        result.parameters(),
                        one.candidate.trainAccuracy(),
                        one.heldOut,
                        result.test(),
                        result.seconds(),
                        one.candidate.note()));
            }
            return results;
        } finally {
            drawn.forEach(d -> d.candidate.close());
        }
    }

    /** The half of validation that no fit sees. */
    public Trace<Split.Validation> judging(Prepared whole) {
        return whole.validation().some(half(whole, true));
    }

    /** What fitting with a few images a class may see. */
    public Prepared draw(Prepared whole, int shots, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] trainLabels = whole.train().labels();
        int[] validationLabels = whole.validation().labels();
        int[] choosing = half(whole, false);
        Trace<Split.Train> train =
                whole.train().some(perClass(everything(trainLabels.length), trainLabels, shots, random));
        int[] looked =
                shots == ALL ? choosing : perClass(choosing, validationLabels, Math.min(shots, VALIDATION), random);
        Trace<Split.Validation> validation = whole.validation().some(looked);
        Dataset all = whole.dataset();
        Dataset dataset = all.with(
                all.train().named(new HashSet<>(train.names())),
                all.validation().named(new HashSet<>(validation.names())));
        return comparison.some(whole, dataset, train, validation);
    }

    private static int[] everything(int n) {
        int[] rows = new int[n];
        Arrays.setAll(rows, i -> i);
        return rows;
    }

    /** One half of the validation split, class by class; the odd one goes to the half that fits see. */
    private static int[] half(Prepared whole, boolean judging) {
        int[] labels = whole.validation().labels();
        SplittableRandom random = new SplittableRandom(HALVES);
        boolean[] judges = new boolean[labels.length];
        for (int[] rows : byClass(everything(labels.length), labels)) {
            shuffle(rows, random);
            for (int i = 0; i < rows.length / 2; i++) {
                judges[rows[i]] = true;
            }
        }
        int[] chosen = Arrays.stream(everything(labels.length))
                .filter(i -> judges[i] == judging)
                .toArray();
        if (chosen.length == 0) {
            throw InputException.at(
                    "the validation split of " + whole.dataset().name(),
                    labels.length + " pictures",
                    "at least two of some class, to fit with one half and judge by the other",
                    "Add pictures, or raise --validation-share");
        }
        return chosen;
    }

    private static int[] perClass(int[] rows, int[] labels, int count, SplittableRandom random) {
        List<Integer> chosen = new ArrayList<>();
        for (int[] each : byClass(rows, labels)) {
            shuffle(each, random);
            Arrays.stream(each).limit(count).forEach(chosen::add);
        }
        return chosen.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private static List<int[]> byClass(int[] rows, int... labels) {
        TreeMap<Integer, List<Integer>> classes = new TreeMap<>();
        for (int row : rows) {
            classes.computeIfAbsent(labels[row], k -> new ArrayList<>()).add(row);
        }
        return classes.values().stream()
                .map(each -> each.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    private static void shuffle(int[] rows, SplittableRandom random) {
        for (int i = rows.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int held = rows[i];
            rows[i] = rows[j];
            rows[j] = held;
        }
    }
}
