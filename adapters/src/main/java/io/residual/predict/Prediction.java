package io.residual.predict;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The prediction for one image. Immutable.
 *
 * @param chosen the class's index
 * @param label the class's name
 * @param probability its probability, calibrated if there is an adapter
 * @param accepted whether the probability reaches the rejection threshold; false means "unsure"
 * @param probabilities probabilities of all C classes, in order
 * @param matches of a model that scores each pair of image and text alone (SigLIP): its own probability of every class,
 *     whatever other classes there are, by the unadapted embedding; empty for other models
 */
public record Prediction(
        int chosen,
        String label,
        double probability,
        boolean accepted,
        List<Double> probabilities,
        List<Double> matches) {
    /** From where on a class counts as matching: more likely than not. */
    public static final double MATCHING = .5;

    /** Checks the probability and copies the lists. */
    public Prediction {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability of " + probability);
        }
        probabilities = List.copyOf(probabilities);
        matches = List.copyOf(matches);
    }

    /** Of a model that only compares classes with one another. */
    public Prediction(int chosen, String label, double probability, boolean accepted, List<Double> probabilities) {
        this(chosen, label, probability, accepted, probabilities, List.of());
    }

    /**
     * The same by the model's own probabilities: the class that matches best, accepted if it matches.
     *
     * @param classes the class names
     */
    public Prediction byMatch(List<String> classes) {
        if (matches.isEmpty()) {
            throw new IllegalStateException("a model that only compares classes with one another");
        }
        int best = ranked(matches).get(0);
        double p = matches.get(best);
        return new Prediction(best, classes.get(best), p, p >= MATCHING, matches, matches);
    }

    /** The classes that match the image, the best first; none if the image shows none of them. */
    public List<Integer> matching() {
        return ranked(matches).stream().filter(c -> matches.get(c) >= MATCHING).toList();
    }

    /** The classes by probability, the most probable first. */
    public List<Integer> ranking() {
        return ranked(probabilities);
    }

    private static List<Integer> ranked(List<Double> values) {
        return IntStream.range(0, values.size())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -values.get(c)))
                .toList();
    }
}
