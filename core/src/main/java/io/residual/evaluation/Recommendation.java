package io.residual.evaluation;

import io.residual.alignment.Method;
import io.residual.evaluation.FewShots.Shot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which method to take with so many labelled images a class: by accuracy on images that no fit saw, and of methods within
 * one standard error of the best the one with the fewest parameters (Breiman et al. 1984). The test split has no say in it.
 *
 * @param shots images a class, or {@link FewShots#ALL}
 * @param test what the method reached on the test split, reported and not chosen by
 * @param overfitted methods with more parameters that have learned their images by heart, with their figures
 */
public record Recommendation(int shots, Method method, Mean judged, Mean test, List<Overfitted> overfitted) {
    /** By how much a method's accuracy on its own images must exceed that on others to be said to know them by heart. */
    private static final double BY_HEART = .1;

    public Recommendation {
        overfitted = List.copyOf(overfitted);
    }

    /**
     * A mean over draws.
     *
     * @param half half the width of its 95 % interval (Student's t); NaN of one draw
     */
    public record Mean(double value, double half, int draws) {
        private static final double[] T = {
            12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
            2.120, 2.110, 2.101, 2.093
        };

        /** The mean of some values. */
        public static Mean of(double... values) {
            int n = values.length;
            double mean = java.util.Arrays.stream(values).average().orElse(Double.NaN);
            double error = standardError(values);
            return new Mean(mean, n < 2 ? Double.NaN : (n - 2 < T.length ? T[n - 2] : 1.96) * error, n);
        }

        static double standardError(double... values) {
            int n = values.length;
            double mean = java.util.Arrays.stream(values).average().orElse(Double.NaN);
            double squares = 0;
            for (double value : values) {
                squares += (value - mean) * (value - mean);
            }
            return Math.sqrt(squares / (n - 1) / n);
        }
    }

    /** A method that knows its training images better than others. */
    public record Overfitted(Method method, double trained, double judged) {}

    /** The recommendation for every number of images. */
    public static List<Recommendation> of(List<Shot> all) {
        Map<Integer, List<Shot>> byShots = new LinkedHashMap<>();
        all.forEach(
                s -> byShots.computeIfAbsent(s.shots(), k -> new ArrayList<>()).add(s));
        return byShots.entrySet().stream()
                .map(e -> of(e.getKey(), e.getValue()))
                .toList();
    }

    private static Recommendation of(int shots, List<Shot> fits) {
        Map<Method, List<Shot>> byMethod = byMethod(fits);
        Method best = byMethod.keySet().stream()
                .max(Comparator.comparingDouble(m -> judged(byMethod, m).value()))
                .orElseThrow(() -> new IllegalArgumentException("no fits"));
        Method chosen = byMethod.keySet().stream()
                .filter(m ->
                        judged(byMethod, best).value() - judged(byMethod, m).value()
                                <= standardErrorOfDifference(get(byMethod, best), get(byMethod, m)))
                .min(Comparator.comparingInt(
                                (Method m) -> get(byMethod, m).get(0).parameters())
                        .thenComparing(m -> -judged(byMethod, m).value()))
                .orElse(best);
        Mean judged = judged(byMethod, chosen);
        List<Overfitted> overfitted = new ArrayList<>();
        byMethod.forEach((method, its) -> {
            double trained = Mean.of(
                            its.stream().mapToDouble(Shot::trainAccuracy).toArray())
                    .value();
            double elsewhere = judged(byMethod, method).value();
            if (its.get(0).parameters() > get(byMethod, chosen).get(0).parameters()
                    && trained - elsewhere > BY_HEART
                    && elsewhere < judged.value()) {
                overfitted.add(new Overfitted(method, trained, elsewhere));
            }
        });
        return new Recommendation(shots, chosen, judged, test(get(byMethod, chosen)), overfitted);
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
        return Mean.of(fits.stream().mapToDouble(s -> s.test().value()).toArray());
    }

    private static Mean judged(Map<Method, List<Shot>> byMethod, Method method) {
        return Mean.of(get(byMethod, method).stream().mapToDouble(Shot::judged).toArray());
    }

    private static List<Shot> get(Map<Method, List<Shot>> byMethod, Method method) {
        return Objects.requireNonNull(byMethod.get(method));
    }

    /** Over draws where there are several: methods see the same images, so differences vary less than accuracies. */
    private static double standardErrorOfDifference(List<Shot> a, List<Shot> b) {
        int n = Math.min(a.size(), b.size());
        if (n < 2) {
            return 0;
        }
        double[] differences = new double[n];
        for (int i = 0; i < n; i++) {
            differences[i] = a.get(i).judged() - b.get(i).judged();
        }
        return Mean.standardError(differences);
    }
}
