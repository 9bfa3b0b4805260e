package io.residual.description;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

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
        int d = mean.length;
        double[] along = new double[dictionary.texts().size()];
        for (int i = 0; i < along.length; i++) {
            for (int j = 0; j < d; j++) {
                along[i] += direction[j] * (dictionary.directions()[i * d + j] - mean[j]);
            }
        }
        List<String> texts = new ArrayList<>();
        IntStream.range(0, along.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -along[i]))
                .limit(count)
                .forEach(i -> texts.add(dictionary.texts().get(i)));
        return texts;
    }
}
