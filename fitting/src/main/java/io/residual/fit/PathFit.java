package io.residual.fit;

import io.residual.base.Progress;
import io.residual.tensor.NativeScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

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
    /** From so many images on, strengths are first compared on some of them. */
    static final int MANY = 4_000;

    /** Images that strengths are first compared on, at least; and of each class, if that is more. */
    static final int SOME = 1_000;

    private static final int SOME_OF_CLASS = 10;

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
        PathWalk before = null;
        for (long n = first(labels); n <= train.size() / 2; n *= MORE) {
            try (NativeScope scope = NativeScope.nested()) {
                SampleSet some = train.some(some((int) n, labels));
                sizes.add(String.format(Locale.ROOT, "%,d", some.size()));
                String what = String.format(
                        Locale.ROOT,
                        "comparing strengths of %s on %,d of %,d images",
                        method,
                        some.size(),
                        train.size());
                if (before == null) {
                    before = PathWalk.comparing(problem, some, validation, settings, progress);
                    before.path(what);
                } else {
                    PathWalk walk = before.on(some);
                    walk.around(before, what);
                    before = walk;
                }
            }
        }
        PathWalk fewer = Objects.requireNonNull(before); // a fourth of the images at most, so at least one walk
        PathWalk walk = fewer.on(train);
        walk.around(fewer, "fitting " + method + " around the best strength");
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
        PathWalk walk = PathWalk.whole(problem, train, validation, settings, progress);
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
}
