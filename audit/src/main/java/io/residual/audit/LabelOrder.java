package io.residual.audit;

import io.residual.base.Progress;
import io.residual.spectrum.Features;
import io.residual.spectrum.Neighbours;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Which unlabelled images to label first. An image counts by how well it stands for the others: the greedy solution of facility location
 * (Nemhauser, Wolsey, Fisher 1978; Lin and Bilmes 2011 on data) on squared cosines to nearest neighbours, where images that have a label
 * stand for others already. So the typical images of crowded places come first, and never two that are alike. With labels, every image's
 * weight is how doubtful it is, 1 less the difference of its two likeliest classes, so the order turns to the doubtful images as the
 * typical ones are known. Twins of labelled or chosen images are left out. Test images have no part in it but that.
 *
 * @param picks in the order in which to label them
 * @param twins how many images were left out as copies
 */
public record LabelOrder(List<Pick> picks, int twins) {
    /**
     * An image to label.
     *
     * @param standsFor how many images it resembles more than any that is labelled or stands before it, itself included
     * @param doubt from 0 (sure) to 1; 1 where nothing is known
     * @param first likeliest class, −1 without labels
     * @param second the second, −1 without labels
     * @param ofFirst its probability
     * @param ofSecond the second's
     */
    public record Pick(
            int image, int standsFor, double doubt, int first, int second, double ofFirst, double ofSecond) {}

    private static final int NEIGHBOURS = 100;

    /** What is guessed of an image. */
    private record Guess(double doubt, int first, int second, double ofFirst, double ofSecond) {
        static final Guess NONE = new Guess(1, -1, -1, 0, 0);
    }

    /** A candidate with a gain that was true once, and can only have fallen since. */
    private record Candidate(int image, double gain) {}

    /**
     * The order.
     *
     * @param features of the images that count: candidates, and those whose labels may be seen. Never test images.
     * @param labels classes that the order may see; −1 of images without one
     * @param taken images that are labelled already, those of the test split included: neither they nor their twins are candidates
     * @param classes C
     * @param groups number of each image's twins, −1 for none
     * @param count images at most
     */
    static LabelOrder of(
            Features features, int[] labels, boolean[] taken, int classes, int[] groups, int count, Progress progress) {
        int n = labels.length;
        int k = Math.min(NEIGHBOURS, Math.max(1, features.rows().length - 1));
        Neighbours neighbours = Neighbours.of(features, k, progress);
        Guess[] guesses = guesses(features, labels, classes);
        Coverage coverage = new Coverage(neighbours, n, guesses);
        boolean[] out = new boolean[n]; // labelled, chosen, or a twin of one that is
        for (int i = 0; i < n; i++) {
            if (taken[i]) {
                takeOut(i, groups, out);
            }
            if (labels[i] >= 0 && features.known()[i]) {
                coverage.add(i);
            }
        }
        int twins = (int) IntStream.range(0, n).filter(i -> out[i] && !taken[i]).count();
        PriorityQueue<Candidate> queue = new PriorityQueue<>(
                (a, b) -> a.gain == b.gain ? Integer.compare(a.image, b.image) : Double.compare(b.gain, a.gain));
        for (int i : features.rows()) {
            if (!out[i]) {
                queue.add(new Candidate(i, coverage.gain(i)));
            }
        }
        List<Pick> picks = new ArrayList<>();
        while (picks.size() < count && !queue.isEmpty()) {
            Candidate best = queue.remove();
            if (out[best.image]) {
                continue;
            }
            double gain = coverage.gain(best.image);
            Candidate next = queue.peek();
            if (next != null && gain < next.gain) {
                queue.add(new Candidate(best.image, gain));
                continue;
            }
            Guess guess = guesses[best.image];
            picks.add(new Pick(
                    best.image,
                    coverage.add(best.image),
                    guess.doubt,
                    guess.first,
                    guess.second,
                    guess.ofFirst,
                    guess.ofSecond));
            twins += takeOut(best.image, groups, out) - 1;
        }
        return new LabelOrder(List.copyOf(picks), twins);
    }

    /** Takes an image and its twins out; gives how many these were. */
    private static int takeOut(int image, int[] groups, boolean[] out) {
        int taken = out[image] ? 0 : 1;
        out[image] = true;
        for (int j = 0; groups[image] >= 0 && j < groups.length; j++) {
            if (groups[j] == groups[image] && !out[j]) {
                out[j] = true;
                taken++;
            }
        }
        return taken;
    }

    private static Guess[] guesses(Features features, int[] labels, int classes) {
        Guess[] guesses = new Guess[labels.length];
        Arrays.fill(guesses, Guess.NONE);
        int[] labelled =
                IntStream.of(features.rows()).filter(i -> labels[i] >= 0).toArray();
        int[] rest = IntStream.of(features.rows()).filter(i -> labels[i] < 0).toArray();
        if (Arrays.stream(labelled).map(i -> labels[i]).distinct().count() < 2 || rest.length == 0) {
            return guesses;
        }
        int[] alone = new int[labels.length];
        Arrays.fill(alone, -1);
        OutOfSample fit = OutOfSample.of(features, labelled, labels, alone, classes);
        double[] p = OutOfSample.softmax(fit.scores(features, rest), classes, fit.temperature(labels));
        for (int r = 0; r < rest.length; r++) {
            guesses[rest[r]] = guess(p, r * classes, classes);
        }
        return guesses;
    }

    private static Guess guess(double[] p, int at, int classes) {
        int first = 0;
        int second = -1;
        for (int c = 1; c < classes; c++) {
            if (p[at + c] > p[at + first]) {
                second = first;
                first = c;
            } else if (second < 0 || p[at + c] > p[at + second]) {
                second = c;
            }
        }
        double ofSecond = second < 0 ? 0 : p[at + second];
        return new Guess(1 - p[at + first] + ofSecond, first, second, p[at + first], ofSecond);
    }

    /** How well each image is stood for, and by how much another would raise that. */
    private static final class Coverage {
        private final int[] starts;
        private final int[] images;
        private final float[] likeness;
        private final float[] covered;
        private final Guess[] guesses;

        /** Turns lists of the nearest of each image into lists of whom each image is near to. */
        Coverage(Neighbours neighbours, int n, Guess... guesses) {
            this.guesses = guesses;
            this.covered = new float[n];
            this.starts = new int[n + 1];
            for (int i = 0; i < n; i++) {
                for (int r = 0; r < neighbours.count() && neighbours.image(i, r) >= 0; r++) {
                    starts[neighbours.image(i, r) + 1]++;
                }
            }
            Arrays.parallelPrefix(starts, Integer::sum);
            this.images = new int[starts[n]];
            this.likeness = new float[starts[n]];
            int[] at = starts.clone();
            for (int i = 0; i < n; i++) {
                for (int r = 0; r < neighbours.count() && neighbours.image(i, r) >= 0; r++) {
                    float cosine = Math.max(0, neighbours.cosine(i, r));
                    int place = at[neighbours.image(i, r)]++;
                    images[place] = i;
                    likeness[place] = cosine * cosine;
                }
            }
        }

        double gain(int image) {
            double sum = guesses[image].doubt * (1 - covered[image]);
            for (int e = starts[image]; e < starts[image + 1]; e++) {
                sum += guesses[images[e]].doubt * Math.max(0, likeness[e] - covered[images[e]]);
            }
            return sum;
        }

        /** Lets an image stand for others; gives for how many. */
        int add(int image) {
            covered[image] = 1;
            int count = 1;
            for (int e = starts[image]; e < starts[image + 1]; e++) {
                if (likeness[e] > covered[images[e]]) {
                    covered[images[e]] = likeness[e];
                    count++;
                }
            }
            return count;
        }
    }
}
