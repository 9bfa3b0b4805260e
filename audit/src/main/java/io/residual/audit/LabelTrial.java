package io.residual.audit;

import io.residual.base.Progress;
import io.residual.experiment.Recommendation.Mean;
import io.residual.spectrum.Features;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Whether {@link LabelOrder} would have been better than chance on images whose labels are known: each draw takes seven tenths of the
 * training images for a pool without labels, labels one image per class on average, then twice as many, and so on, by the order and at
 * random, and predicts held-out images. And whether {@link LabelCurve} of the first quarter of the labels says what all of them bring.
 *
 * @param rounds one for each number of labels
 * @param forecast what the curve of a quarter says of all labels
 * @param reached the accuracy with all labels
 */
public record LabelTrial(List<Round> rounds, LabelCurve.Between forecast, double reached) {
    private static final double POOL = .7;
    private static final double MOST = .6;

    /**
     * A number of labels.
     *
     * @param ordered mean accuracy over draws, with its interval
     * @param random the same of images at random
     * @param gain the difference within draws
     */
    public record Round(int labels, Mean ordered, Mean random, Mean gain) {}

    /** Tries it. */
    static LabelTrial of(
            Features features,
            int[] labels,
            int classes,
            int[] training,
            int[] heldOut,
            int draws,
            long seed,
            Progress progress) {
        int pool = (int) (POOL * training.length);
        List<Integer> sizes = new ArrayList<>();
        for (int size = classes; size <= MOST * pool && size <= 16 * classes; size *= 2) {
            sizes.add(size);
        }
        double[][] ordered = new double[sizes.size()][draws];
        double[][] random = new double[sizes.size()][draws];
        progress.start("trying the order", draws);
        for (int d = 0; d < draws; d++) {
            SplittableRandom dice = new SplittableRandom(seed + d);
            int[] some = LabelCurve.drawn(training, pool, dice);
            Features own = features.only(union(some, heldOut));
            Features ofPool = features.only(some);
            int[] known = new int[labels.length];
            Arrays.fill(known, -1);
            boolean[] taken = new boolean[labels.length];
            int[] alone = known.clone();
            List<Integer> chosen = new ArrayList<>();
            int[] mixed = mixed(some, dice);
            for (int s = 0; s < sizes.size(); s++) {
                LabelOrder order = LabelOrder.of(
                        ofPool, known, taken, classes, alone, sizes.get(s) - chosen.size(), Progress.silent());
                order.picks().forEach(p -> {
                    chosen.add(p.image());
                    known[p.image()] = labels[p.image()];
                    taken[p.image()] = true;
                });
                ordered[s][d] = accuracy(
                        own, labels, classes, chosen.stream().mapToInt(i -> i).toArray(), heldOut);
                random[s][d] = accuracy(own, labels, classes, Arrays.copyOf(mixed, sizes.get(s)), heldOut);
            }
            progress.at(d + 1L);
        }
        progress.finish();
        List<Round> rounds = new ArrayList<>();
        for (int s = 0; s < sizes.size(); s++) {
            double[] gain = new double[draws];
            for (int d = 0; d < draws; d++) {
                gain[d] = ordered[s][d] - random[s][d];
            }
            rounds.add(new Round(sizes.get(s), Mean.of(ordered[s]), Mean.of(random[s]), Mean.of(gain)));
        }
        int[] quarter = LabelCurve.drawn(training, training.length / 4, new SplittableRandom(seed));
        Features all = features.only(union(training, heldOut));
        LabelCurve.Between forecast = LabelCurve.isPossible(quarter.length, classes)
                ? LabelCurve.of(all, labels, classes, quarter, heldOut, seed).accuracy(training.length)
                : new LabelCurve.Between(Double.NaN, Double.NaN, Double.NaN);
        return new LabelTrial(List.copyOf(rounds), forecast, accuracy(all, labels, classes, training, heldOut));
    }

    private static double accuracy(Features features, int[] labels, int classes, int[] labelled, int[] heldOut) {
        int[] sorted = labelled.clone();
        Arrays.sort(sorted);
        boolean[] right = LabelCurve.right(features, labels, classes, sorted, heldOut);
        return IntStream.range(0, right.length).filter(i -> right[i]).count() / (double) right.length;
    }

    private static int[] union(int[] a, int[] b) {
        return IntStream.concat(IntStream.of(a), IntStream.of(b)).sorted().toArray();
    }

    private static int[] mixed(int[] of, SplittableRandom random) {
        int[] out = of.clone();
        for (int i = out.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = out[i];
            out[i] = out[j];
            out[j] = kept;
        }
        return out;
    }
}
