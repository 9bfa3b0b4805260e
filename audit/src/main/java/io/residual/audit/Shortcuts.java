package io.residual.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Attributes of files and frames that say the label without the content: the label is predicted from one attribute alone, on images
 * that the prediction was not learned from, and compared with labels in random order.
 *
 * @param all every attribute, the most telling first
 */
public record Shortcuts(List<Shortcut> all) {
    /**
     * An attribute.
     *
     * @param attribute in words
     * @param accuracy of the label that it predicts, five-fold cross-validated
     * @param chance the share of the most frequent class
     * @param gain (accuracy − chance) / (1 − chance)
     * @param p share of random orders of the labels that were predicted as well, the data's own included
     * @param best the class that it finds best
     * @param precision share of the images for which it predicts that class that are of it
     * @param recall share of that class's images for which it predicts it
     * @param example a value that is typical of that class
     * @param found images for which it predicts that class, those that are of it first
     */
    public record Shortcut(
            String attribute,
            double accuracy,
            double chance,
            double gain,
            double p,
            int best,
            double precision,
            double recall,
            String example,
            List<Integer> found) {
        /** Whether a classifier could live on it. */
        public boolean isGrave() {
            return p <= .01 && (gain >= GRAVE_GAIN || (precision >= GRAVE_PRECISION && recall >= GRAVE_RECALL));
        }
    }

    private static final double GRAVE_GAIN = .25;
    private static final double GRAVE_PRECISION = .8;
    private static final double GRAVE_RECALL = .6;
    private static final int ORDERS = 199;
    private static final int FOLDS = 5;
    private static final int BINS = 12;
    private static final int COLOURS = 4; // levels of each channel
    private static final String[] CORNERS = {"upper left", "upper right", "lower left", "lower right"};

    /** An attribute: values in words, equal for images that are alike in it. */
    private record Attribute(String name, String[] values) {}

    /** Measures every attribute. */
    static Shortcuts of(ImageFacts[] facts, int[] labels, int classes, long seed) {
        int[] rows = IntStream.range(0, facts.length)
                .filter(i -> facts[i].readable())
                .toArray();
        List<Shortcut> all = new ArrayList<>();
        for (Attribute attribute : attributes(facts, rows)) {
            Map<String, Integer> numbers = new HashMap<>();
            int[] bins = Arrays.stream(attribute.values)
                    .mapToInt(v -> numbers.computeIfAbsent(v, k -> numbers.size()))
                    .toArray();
            if (numbers.size() > 1 && rows.length >= FOLDS * 2) {
                int[] own = Arrays.stream(rows).map(i -> labels[i]).toArray();
                all.add(measured(attribute, bins, numbers.size(), rows, own, classes, seed));
            }
        }
        all.sort(Comparator.comparingDouble((Shortcut s) -> -s.gain));
        return new Shortcuts(List.copyOf(all));
    }

    private static List<Attribute> attributes(ImageFacts[] facts, int[] rows) {
        List<Attribute> all = new ArrayList<>();
        all.add(named("file format", rows, i -> facts[i].format()));
        all.add(named("width × height", rows, i -> facts[i].width() + " × " + facts[i].height()));
        all.add(binned("proportions", rows, facts, f -> (double) f.width() / f.height()));
        all.add(binned("number of pixels", rows, facts, f -> (double) f.width() * f.height()));
        all.add(binned("file size per pixel", rows, facts, f -> (double) f.bytes() / f.width() / f.height()));
        all.add(binned("brightness", rows, facts, ImageFacts::brightness));
        all.add(binned("contrast", rows, facts, ImageFacts::deviation));
        all.add(binned("brightness of the border", rows, facts, f -> f.border()[0]));
        all.add(binned("evenness of the border", rows, facts, f -> f.border()[1]));
        for (int c = 0; c < CORNERS.length; c++) {
            int from = c * 3;
            all.add(named("colour of the " + CORNERS[c] + " corner", rows, i -> colour(facts[i].corners(), from)));
        }
        return all;
    }

    private static Attribute named(String name, int[] rows, IntFunction<String> value) {
        return new Attribute(name, Arrays.stream(rows).mapToObj(value).toArray(String[]::new));
    }

    private static String colour(float[] corners, int from) {
        int[] levels = new int[3];
        for (int channel = 0; channel < 3; channel++) {
            levels[channel] = Math.min(COLOURS - 1, (int) (corners[from + channel] * COLOURS / 256));
        }
        int half = 256 / COLOURS / 2;
        int step = 256 / COLOURS;
        return "rgb(" + (levels[0] * step + half) + ", " + (levels[1] * step + half) + ", " + (levels[2] * step + half)
                + ")";
    }

    /** Ranges with about equally many images, found without the labels. */
    private static Attribute binned(String name, int[] rows, ImageFacts[] facts, ToDoubleFunction<ImageFacts> value) {
        double[] values = Arrays.stream(rows)
                .mapToDouble(i -> value.applyAsDouble(facts[i]))
                .toArray();
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        String[] ranges = new String[BINS];
        for (int bin = 0; bin < BINS && sorted.length > 0; bin++) {
            double low = sorted[(int) ((long) bin * sorted.length / BINS)];
            double high = sorted[Math.min(sorted.length - 1, (int) ((long) (bin + 1) * sorted.length / BINS))];
            ranges[bin] = String.format(java.util.Locale.ROOT, "%.3g to %.3g", low, high);
        }
        String[] out = new String[values.length];
        for (int i = 0; i < out.length; i++) {
            int rank = Arrays.binarySearch(sorted, values[i]);
            while (rank > 0 && sorted[rank - 1] == values[i]) {
                rank--;
            }
            out[i] = ranges[(int) ((long) rank * BINS / sorted.length)];
        }
        return new Attribute(name, out);
    }

    private static Shortcut measured(
            Attribute attribute, int[] bins, int count, int[] rows, int[] labels, int classes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] folds = new int[labels.length];
        for (int i = 0; i < folds.length; i++) {
            folds[i] = random.nextInt(FOLDS);
        }
        int[] predicted = predicted(bins, count, labels, classes, folds);
        int right = right(predicted, labels);
        int asGood = 1;
        int[] shuffled = labels.clone();
        for (int order = 0; order < ORDERS; order++) {
            for (int i = shuffled.length - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                int kept = shuffled[i];
                shuffled[i] = shuffled[j];
                shuffled[j] = kept;
            }
            asGood += right(predicted(bins, count, shuffled, classes, folds), shuffled) >= right ? 1 : 0;
        }
        int[] of = new int[classes];
        int[] said = new int[classes];
        int[] both = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            of[labels[i]]++;
            said[predicted[i]]++;
            both[labels[i]] += predicted[i] == labels[i] ? 1 : 0;
        }
        int best = IntStream.range(0, classes)
                .boxed()
                .max(Comparator.comparingDouble(c -> 2.0 * both[c] / Math.max(1, of[c] + said[c])))
                .orElse(0);
        double chance = Arrays.stream(of).max().orElse(0) / (double) labels.length;
        double accuracy = right / (double) labels.length;
        return new Shortcut(
                attribute.name,
                accuracy,
                chance,
                chance < 1 ? (accuracy - chance) / (1 - chance) : 0,
                asGood / (ORDERS + 1.0),
                best,
                both[best] / (double) Math.max(1, said[best]),
                both[best] / (double) Math.max(1, of[best]),
                example(attribute, predicted, labels, best),
                IntStream.range(0, labels.length)
                        .filter(i -> predicted[i] == best)
                        .boxed()
                        .sorted(Comparator.comparing(i -> labels[i] != best))
                        .map(i -> rows[i])
                        .toList());
    }

    private static String example(Attribute attribute, int[] predicted, int[] labels, int best) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == best && predicted[i] == best) {
                counts.merge(attribute.values[i], 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getKey)
                .orElse("");
    }

    /** The most frequent class among the images of the other folds in the same bin; where there is none, among all of them. */
    private static int[] predicted(int[] bins, int count, int[] labels, int classes, int[] folds) {
        int[] all = new int[(count + 1) * classes]; // the last bin: all images
        int[] own = new int[FOLDS * (count + 1) * classes];
        for (int i = 0; i < labels.length; i++) {
            int inFold = folds[i] * (count + 1);
            all[bins[i] * classes + labels[i]]++;
            all[count * classes + labels[i]]++;
            own[(inFold + bins[i]) * classes + labels[i]]++;
            own[(inFold + count) * classes + labels[i]]++;
        }
        int[] modes = new int[FOLDS * (count + 1)];
        for (int fold = 0; fold < FOLDS; fold++) {
            for (int bin = count; bin >= 0; bin--) {
                int most = 0;
                int mode = modes[fold * (count + 1) + count];
                for (int c = 0; c < classes; c++) {
                    int others = all[bin * classes + c] - own[(fold * (count + 1) + bin) * classes + c];
                    if (others > most) {
                        most = others;
                        mode = c;
                    }
                }
                modes[fold * (count + 1) + bin] = mode;
            }
        }
        int[] out = new int[labels.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = modes[folds[i] * (count + 1) + bins[i]];
        }
        return out;
    }

    private static int right(int[] predicted, int[] labels) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += predicted[i] == labels[i] ? 1 : 0;
        }
        return right;
    }

    /** Those that a classifier could live on. */
    public List<Shortcut> grave() {
        return all.stream().filter(Shortcut::isGrave).toList();
    }
}
