package io.residual.description;

import java.util.ArrayList;
import java.util.List;

/**
 * The texts that lie farthest along a direction, relative to the dictionary's mean, which all texts share. Quick, and needs no
 * images; {@link TextSpan} and {@link MatchingPursuit} say more of a whole unit.
 */
public final class NearestTexts {
    private final Dictionary dictionary;
    private final double[] mean;

    public NearestTexts(Dictionary dictionary) {
        this.dictionary = dictionary;
        int d = dictionary.width();
        this.mean = new double[d];
        int count = dictionary.texts().size();
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < d; j++) {
                mean[j] += dictionary.directions()[i * d + j] / count;
            }
        }
    }

    /** The texts farthest along a direction, the farthest first. {@code direction} [D]. */
    public List<String> along(double[] direction, int count) {
        return farthest(projected(direction), 1, count);
    }

    /**
     * The texts at both ends of an axis, the farthest first.
     *
     * @param towards along the direction
     * @param away along its opposite
     */
    public record Ends(List<String> towards, List<String> away) {}

    /** Both ends at once. {@code direction} [D]. */
    public Ends ends(double[] direction, int count) {
        double[] along = projected(direction);
        return new Ends(farthest(along, 1, count), farthest(along, -1, count));
    }

    /** How far each text lies along a direction, less what the mean does. */
    private double[] projected(double[] direction) {
        double shared = dot(direction, mean, 0);
        double[] along = new double[dictionary.texts().size()];
        for (int i = 0; i < along.length; i++) {
            along[i] = dot(direction, dictionary.directions(), i * mean.length) - shared;
        }
        return along;
    }

    /** In four sums, which do not wait for one another. */
    private static double dot(double[] a, double[] b, int from) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int j = 0;
        for (; j + 3 < a.length; j += 4) {
            s0 += a[j] * b[from + j];
            s1 += a[j + 1] * b[from + j + 1];
            s2 += a[j + 2] * b[from + j + 2];
            s3 += a[j + 3] * b[from + j + 3];
        }
        for (; j < a.length; j++) {
            s0 += a[j] * b[from + j];
        }
        return s0 + s1 + (s2 + s3);
    }

    private List<String> farthest(double[] along, int sign, int count) {
        List<String> texts = new ArrayList<>();
        boolean[] used = new boolean[along.length];
        while (texts.size() < Math.min(count, along.length)) {
            int best = -1;
            for (int i = 0; i < along.length; i++) {
                best = !used[i] && (best < 0 || sign * along[i] > sign * along[best]) ? i : best;
            }
            used[best] = true;
            texts.add(dictionary.texts().get(best));
        }
        return texts;
    }
}
