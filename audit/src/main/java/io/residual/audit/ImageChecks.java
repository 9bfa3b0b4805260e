package io.residual.audit;

import io.residual.spectrum.Neighbours;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Single images that are unusual.
 *
 * @param odd blank, tiny, very dark or bright, very long images, and those that cannot be read
 * @param outliers images unlike all others, the farthest first
 */
public record ImageChecks(List<Odd> odd, List<Outlier> outliers) {
    /** Kinds of odd images. */
    public enum Kind {
        UNREADABLE,
        BLANK,
        TINY,
        DARK,
        BRIGHT,
        LONG;

        /** For people and documents. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** An odd image, with the value that makes it so. */
    public record Odd(int image, Kind kind, String why) {}

    /**
     * An image far from all others.
     *
     * @param similarity mean cosine to its nearest images that are no twins
     * @param deviations how many robust deviations that lies below the median
     */
    public record Outlier(int image, double similarity, double deviations) {}

    private static final double BLANK = 2;
    private static final int TINY = 16;
    private static final double DARK = 12;
    private static final double BRIGHT = 245;
    private static final double LONG = 4;

    /** Neighbours whose similarity counts, and robust deviations from which an image is an outlier. */
    private static final int NEAREST = 5;

    private static final double FAR = 3.5;

    /** Median absolute deviations of a normal distribution in one of its standard deviations. */
    private static final double PER_MAD = 1.4826;

    /** Checks every image. */
    static ImageChecks of(ImageFacts[] facts, @Nullable Neighbours neighbours, int[] groups) {
        List<Odd> odd = new ArrayList<>();
        for (int i = 0; i < facts.length; i++) {
            Odd found = odd(i, facts[i]);
            if (found != null) {
                odd.add(found);
            }
        }
        odd.sort(Comparator.comparing(Odd::kind).thenComparing(Odd::image));
        return new ImageChecks(List.copyOf(odd), neighbours == null ? List.of() : outliers(neighbours, groups));
    }

    private static @Nullable Odd odd(int i, ImageFacts f) {
        String problem = f.problem();
        if (problem != null) {
            return new Odd(i, Kind.UNREADABLE, problem);
        } else if (Math.min(f.width(), f.height()) < TINY) {
            return new Odd(i, Kind.TINY, f.width() + " × " + f.height() + " pixels");
        } else if (f.deviation() < BLANK) {
            return new Odd(i, Kind.BLANK, String.format(Locale.ROOT, "contrast %.1f of 255", f.deviation()));
        } else if (f.brightness() < DARK) {
            return new Odd(i, Kind.DARK, String.format(Locale.ROOT, "mean brightness %.0f of 255", f.brightness()));
        } else if (f.brightness() > BRIGHT) {
            return new Odd(i, Kind.BRIGHT, String.format(Locale.ROOT, "mean brightness %.0f of 255", f.brightness()));
        }
        double proportions = (double) Math.max(f.width(), f.height()) / Math.min(f.width(), f.height());
        return proportions < LONG
                ? null
                : new Odd(i, Kind.LONG, String.format(Locale.ROOT, "%.1f times as long as wide", proportions));
    }

    private static List<Outlier> outliers(Neighbours neighbours, int[] groups) {
        int[] known = IntStream.range(0, groups.length)
                .filter(i -> neighbours.image(i, 0) >= 0)
                .toArray();
        double[] similarity = Arrays.stream(known)
                .mapToDouble(i -> similarity(neighbours, groups, i))
                .toArray();
        if (known.length < 2 * NEAREST) {
            return List.of();
        }
        double median = median(similarity);
        double mad = PER_MAD
                * median(
                        Arrays.stream(similarity).map(s -> Math.abs(s - median)).toArray());
        return IntStream.range(0, known.length)
                .filter(r -> (median - similarity[r]) / Math.max(mad, 1e-9) >= FAR)
                .mapToObj(r -> new Outlier(known[r], similarity[r], (median - similarity[r]) / Math.max(mad, 1e-9)))
                .sorted(Comparator.comparingDouble((Outlier o) -> -o.deviations))
                .toList();
    }

    private static double similarity(Neighbours neighbours, int[] groups, int i) {
        double sum = 0;
        int count = 0;
        for (int k = 0; k < neighbours.count() && count < NEAREST; k++) {
            int other = neighbours.image(i, k);
            if (other >= 0 && (groups[i] < 0 || groups[other] != groups[i])) {
                sum += neighbours.cosine(i, k);
                count++;
            }
        }
        return count == 0 ? 1 : sum / count;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
