package io.residual.experiment;

import io.residual.adapt.Method;
import io.residual.experiment.FewShots.Shot;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The recommended method for a number of labelled images per class: among the methods within one standard error of the
 * best held-out validation accuracy, the one with the fewest parameters (Breiman et al. 1984). The test split is not
 * used.
 *
 * @param shots images per class, or {@link FewShots#ALL}
 * @param heldOut mean accuracy of the method on held-out validation images
 * @param base the same of the unadapted model; null where it was not among the methods
 * @param gain the method's accuracy less that of the unadapted model; null where that is recommended or missing
 * @param twice what twice as many labels bring; null where that cannot be said
 * @param chance accuracy of guessing, 1/classes
 * @param atChance whether the method's accuracy is not distinguishable from chance
 * @param test what the method reached on the test split, reported and not chosen by
 * @param overfitted every method, the recommended one included, whose training accuracy is far above its accuracy on
 *     held-out ones, with its figures
 */
public record Recommendation(
        int shots,
        Method method,
        Mean heldOut,
        @Nullable Mean base,
        @Nullable Gain gain,
        @Nullable Twice twice,
        double chance,
        boolean atChance,
        Mean test,
        List<Overfitted> overfitted) {
    /** A method overfits if its training accuracy exceeds its held-out accuracy by more than this. */
    private static final double GAP = .1;

    public Recommendation {
        overfitted = List.copyOf(overfitted);
    }

    /**
     * A mean over draws.
     *
     * @param half half the width of its 95 % interval (Student's t); NaN of fewer than three draws
     */
    public record Mean(double value, double half, int draws) {
        /** The rounding error in the deviation of equal numbers. */
        private static final double ROUNDING = 1e-9;

        /** Fewest draws for an interval. For two draws t is 12.7, and such an interval is uninformative. */
        private static final int LEAST = 3;

        private static final double[] T = {
            12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
            2.120, 2.110, 2.101, 2.093
        };

        /** The mean of values, with its interval. */
        public static Mean of(double... values) {
            int n = values.length;
            double mean = Arrays.stream(values).average().orElse(Double.NaN);
            return new Mean(mean, n < LEAST ? Double.NaN : (n - 2 < T.length ? T[n - 2] : 1.96) * error(values), n);
        }

        /**
         * Whether the interval is informative: there is one, it lies within 0 and 1, and the draws differ (the
         * unadapted model does not depend on them).
         */
        public boolean hasInterval() {
            return half > ROUNDING && value - half >= 0 && value + half <= 1;
        }

        /** Standard error of the mean of some values. */
        static double error(double... values) {
            int n = values.length;
            double mean = Arrays.stream(values).average().orElse(Double.NaN);
            double squares = 0;
            for (double value : values) {
                squares += (value - mean) * (value - mean);
            }
            return Math.sqrt(squares / (n - 1) / n);
        }
    }

    /**
     * A difference of held-out accuracies.
     *
     * @param half half the width of its 95 % interval, over draws and images: 1.96 standard errors
     */
    public record Gain(double value, double half) {
        /** Whether it may be none: its interval contains 0. */
        public boolean mayBeNone() {
            return value - half <= 0 && value + half >= 0;
        }
    }

    /**
     * What twice as many labels bring, each number of labels with the method recommended for it.
     *
     * @param gain the difference; with no interval (NaN) where it is extrapolated
     * @param measured whether twice as many images a class were among the numbers that were fitted; otherwise the error is taken to fall
     *     by the same share as over the last doubling
     * @param stop whether labelling may end: the difference is less than {@link #WORTH}, and at the upper end of its interval still less than
     *     {@link #MOST}
     */
    public record Twice(Gain gain, boolean measured, boolean stop) {
        /** Half a point: less is not worth twice the labels. */
        public static final double WORTH = .005;

        /** Two points: what is not known to be less may be worth the labels. */
        public static final double MOST = .02;

        private static Twice of(Gain gain, boolean measured) {
            // What is extrapolated has no interval: nothing says that it is little.
            boolean known = Double.isFinite(gain.half);
            return new Twice(gain, measured, known && gain.value < WORTH && gain.value + gain.half < MOST);
        }
    }

    /** A method that is better on its training images than on held-out ones. */
    public record Overfitted(Method method, double trained, double heldOut) {}

    /** The recommendation for every number of images. */
    public static List<Recommendation> of(List<Shot> all) {
        Map<Integer, List<Shot>> byShots = new LinkedHashMap<>();
        all.forEach(
                s -> byShots.computeIfAbsent(s.shots(), k -> new ArrayList<>()).add(s));
        Map<Integer, Recommendation> each = new TreeMap<>();
        byShots.forEach((shots, fits) -> each.put(shots, of(shots, fits)));
        return byShots.keySet().stream()
                .map(shots -> get(each, shots).with(twice(shots, each, byShots)))
                .toList();
    }

    private Recommendation with(@Nullable Twice other) {
        return new Recommendation(shots, method, heldOut, base, gain, other, chance, atChance, test, overfitted);
    }

    private static @Nullable Twice twice(
            int shots, Map<Integer, Recommendation> each, Map<Integer, List<Shot>> byShots) {
        if (shots == FewShots.ALL) {
            return null;
        }
        Recommendation now = get(each, shots);
        Recommendation then = each.get(2 * shots);
        if (then != null && hasDoubled(get(byShots, shots), get(byShots, 2 * shots))) {
            return Twice.of(
                    difference(
                            get(byMethod(get(byShots, 2 * shots)), then.method),
                            get(byMethod(get(byShots, shots)), now.method)),
                    true);
        }
        Recommendation before = shots % 2 == 0 ? each.get(shots / 2) : null;
        double error = 1 - now.heldOut.value();
        if (before == null
                || before.heldOut.value() >= 1
                || !hasDoubled(get(byShots, shots / 2), get(byShots, shots))) {
            return null;
        }
        double share = Math.min(1, error / (1 - before.heldOut.value()));
        return Twice.of(new Gain(error * (1 - share), Double.NaN), false);
    }

    /** Whether there were twice as many images to fit on: a class that has fewer than was asked for gives all that it has. */
    private static boolean hasDoubled(List<Shot> few, List<Shot> more) {
        return more.get(0).trainImages() >= 2 * few.get(0).trainImages();
    }

    /** The mean of some fits less that of others, on the same held-out images. */
    private static Gain difference(List<Shot> a, List<Shot> b) {
        return new Gain(heldOut(a).value() - heldOut(b).value(), 1.96 * errorOfDifference(a, b));
    }

    private static Recommendation of(int shots, List<Shot> fits) {
        Map<Method, List<Shot>> byMethod = byMethod(fits);
        Method best = byMethod.keySet().stream()
                .max(Comparator.comparingDouble(m -> heldOut(get(byMethod, m)).value()))
                .orElseThrow(() -> new IllegalArgumentException("no fits"));
        double highest = heldOut(get(byMethod, best)).value();
        Method chosen = byMethod.keySet().stream()
                .filter(m -> highest - heldOut(get(byMethod, m)).value()
                        <= errorOfDifference(get(byMethod, best), get(byMethod, m)))
                .min(Comparator.comparingInt(
                                (Method m) -> get(byMethod, m).get(0).parameters())
                        .thenComparing(m -> -heldOut(get(byMethod, m)).value()))
                .orElse(best);
        List<Overfitted> overfitted = new ArrayList<>();
        byMethod.forEach((method, its) -> {
            double trained = mean(its, Shot::trainAccuracy).value();
            double elsewhere = heldOut(its).value();
            if (trained - elsewhere > GAP) {
                overfitted.add(new Overfitted(method, trained, elsewhere));
            }
        });
        Mean heldOut = heldOut(get(byMethod, chosen));
        HeldOut images = fits.get(0).heldOut();
        double chance = 1.0 / images.classes();
        Accuracy rounded = new Accuracy((int) Math.round(heldOut.value() * images.of()), images.of());
        List<Shot> base = byMethod.get(Method.BASE);
        return new Recommendation(
                shots,
                chosen,
                heldOut,
                base == null ? null : heldOut(base),
                base == null || chosen == Method.BASE ? null : difference(get(byMethod, chosen), base),
                null,
                chance,
                rounded.low() <= chance,
                test(get(byMethod, chosen)),
                overfitted);
    }

    /** Every method's fits, in the order of the first. */
    public static Map<Method, List<Shot>> byMethod(List<Shot> fits) {
        Map<Method, List<Shot>> byMethod = new LinkedHashMap<>();
        fits.forEach(s ->
                byMethod.computeIfAbsent(s.method(), k -> new ArrayList<>()).add(s));
        return byMethod;
    }

    /** The mean over draws of the test accuracy. */
    public static Mean test(List<Shot> fits) {
        return mean(fits, s -> s.test().value());
    }

    private static Mean heldOut(List<Shot> fits) {
        return mean(fits, s -> s.heldOut().accuracy().value());
    }

    private static Mean mean(List<Shot> fits, ToDoubleFunction<Shot> of) {
        return Mean.of(fits.stream().mapToDouble(of).toArray());
    }

    private static <K, V> V get(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key));
    }

    /**
     * Standard error of the difference of two methods' accuracies. Both see the same images in every draw, so it comes from
     * the differences image by image, and from those of draws where there are several.
     */
    private static double errorOfDifference(List<Shot> a, List<Shot> b) {
        int draws = Math.min(a.size(), b.size());
        double[] byImage = new double[a.get(0).heldOut().of()];
        double[] byDraw = new double[draws];
        for (int d = 0; d < draws; d++) {
            HeldOut first = a.get(d).heldOut();
            HeldOut second = b.get(d).heldOut();
            for (int i = 0; i < byImage.length; i++) {
                double difference = first.at(i) - second.at(i);
                byImage[i] += difference / draws;
                byDraw[d] += difference / byImage.length;
            }
        }
        double images = byImage.length < 2 ? 0 : Mean.error(byImage);
        return draws < 2 ? images : Math.hypot(images, Mean.error(byDraw));
    }
}
