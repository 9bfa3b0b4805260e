package io.residual.experiment;

import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.data.Split;
import io.residual.units.Trace;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fits methods on few labelled images per class, for several random draws. An image drawn for training serves nothing
 * else. Whoever has n labelled images per class also has few to validate on, so choices are made on at most {@link
 * #VALIDATION} images per class; one half of the validation split, which no fit sees, is held out to recommend by, so
 * that the recommendation does not come from the test split.
 */
public final class FewShots {
    /** Images a class to validate on, at most (as CoOp and others after it do). */
    public static final int VALIDATION = 4;

    /** Stands for all images that there are. */
    public static final int ALL = Integer.MAX_VALUE;

    private static final long HALVES = 77;

    private FewShots() {}

    /**
     * The result of one fit.
     *
     * @param shots images per class, or {@link #ALL}
     * @param trainImages images that were fitted on: fewer than shots × classes where a class has fewer
     * @param seed seed of the draw
     * @param trainAccuracy accuracy on the training images
     * @param heldOut results on the held-out half of the validation images
     * @param note note on the fit, see {@link Fit#note}
     */
    public record Shot(
            Method method,
            int shots,
            int trainImages,
            long seed,
            int parameters,
            double trainAccuracy,
            HeldOut heldOut,
            Accuracy test,
            double seconds,
            @Nullable String note) {}

    /** Reads a number of images a class, or {@code all}, as options have it. */
    public static int count(String shots) {
        if (shots.equals("all")) {
            return ALL;
        }
        if (shots.matches("-?0*[0-9]{1,9}") && Integer.parseInt(shots) < 1) {
            throw new InputException("--shots: " + shots
                    + " images per class are too few, expected 1 or more, or all. Such as --shots 1,2,4,8,16,all.");
        }
        if (!shots.matches("[1-9][0-9]{0,6}")) {
            throw InputException.at("--shots", shots, "numbers of images, or all", "Such as --shots 1,2,4,8,16,all");
        }
        return Integer.parseInt(shots);
    }

    /** A fit that has not been tested yet. */
    private record Drawn(Fit fit, int shots, int images, long seed, HeldOut heldOut) {}

    /** Every fit of an experiment; the test split is opened when all are done. */
    public static List<Shot> run(Experiment experiment, List<Method> methods, List<Integer> shots, int seeds) {
        List<Drawn> drawn = new ArrayList<>();
        try {
            for (int count : shots) {
                // All images are the same images whatever the seed.
                for (long seed = 0; seed < (count == ALL ? 1 : seeds); seed++) {
                    Experiment few = experiment.few(count, seed);
                    for (Method method : methods) {
                        Fit fit = few.fit(method);
                        drawn.add(new Drawn(fit, count, few.trainImages(), seed, fit.heldOut()));
                    }
                }
            }
            return drawn.stream().map(FewShots::tested).toList();
        } finally {
            drawn.forEach(d -> d.fit.close());
        }
    }

    private static Shot tested(Drawn one) {
        Fit fit = one.fit;
        return new Shot(
                fit.method(),
                one.shots,
                one.images,
                one.seed,
                fit.parameters(),
                fit.trainAccuracy(),
                one.heldOut,
                fit.result().test(),
                fit.seconds(),
                fit.note());
    }

    /** The images of a fit with few labels, as ascending positions in the traces. */
    record Rows(int[] train, int[] validation, int[] heldOut) {}

    /** Draws images for training and, as scarce, for choosing; the other half of validation is held out. */
    static Rows rows(String name, Trace<Split.Train> train, Trace<Split.Validation> validation, int shots, long draw) {
        SplittableRandom random = new SplittableRandom(draw);
        int[] labels = train.labels();
        int[] choosing = half(name, validation, false);
        int[] fitted = perClass(everything(labels.length), labels, shots, random);
        int[] chosen =
                shots == ALL ? choosing : perClass(choosing, validation.labels(), Math.min(shots, VALIDATION), random);
        return new Rows(fitted, chosen, half(name, validation, true));
    }

    private static int[] everything(int n) {
        int[] rows = new int[n];
        Arrays.setAll(rows, i -> i);
        return rows;
    }

    /** One half of the validation split, class by class; the odd one goes to the half that fits see. */
    private static int[] half(String name, Trace<Split.Validation> validation, boolean heldOut) {
        int[] labels = validation.labels();
        SplittableRandom random = new SplittableRandom(HALVES);
        boolean[] aside = new boolean[labels.length];
        for (int[] rows : byClass(everything(labels.length), labels)) {
            shuffle(rows, random);
            for (int i = 0; i < rows.length / 2; i++) {
                aside[rows[i]] = true;
            }
        }
        int[] chosen = Arrays.stream(everything(labels.length))
                .filter(i -> aside[i] == heldOut)
                .toArray();
        if (chosen.length == 0) {
            throw InputException.at(
                    "the validation split of " + name,
                    labels.length + " images",
                    "at least two of some class, to fit with one half and compare by the other",
                    "Add images, or raise --validation-share");
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
