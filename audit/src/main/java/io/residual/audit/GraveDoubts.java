package io.residual.audit;

import io.residual.data.Split;
import io.residual.units.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What an audit of the labels would find that is grave, from a trace that is there anyway: labels of training images that predictions
 * without the image all but rule out. It costs a second or two, and says nothing of the test split. Probabilities are calibrated on the
 * same labels: where more than a few in a hundred are wrong, each keeps some chance, and this is silent.
 */
public final class GraveDoubts {
    /** Images that are checked; of more, evenly spread ones. */
    private static final int MOST = 5000;

    /** Probabilities of the given and of another class from which a label counts. */
    private static final double RULED_OUT = .02;

    private static final double SURE = .9;

    /** From this share of the images on, and at least so many, it is worth a line. */
    private static final double SHARE = .01;

    private static final int LEAST = 3;

    private GraveDoubts() {}

    /** A sentence with the remedy, or none. */
    public static List<String> notes(Trace<Split.Train> trace, List<String> classes) {
        int all = trace.size();
        int count = Math.min(MOST, all);
        Trace<Split.Train> some = trace.some(IntStream.range(0, count)
                .map(i -> (int) ((long) i * all / count))
                .toArray());
        int[] labels = some.labels();
        if (count < 2 * classes.size() || Arrays.stream(labels).distinct().count() < 2) {
            return List.of();
        }
        int d = trace.shape().sharedWidth();
        float[] values = new float[count * d];
        int at = 0;
        for (var block : some.blocks()) {
            float[] output = block.output();
            System.arraycopy(output, 0, values, at, output.length);
            at += output.length;
        }
        boolean[] known = new boolean[count];
        Arrays.fill(known, true);
        int[] alone = new int[count];
        Arrays.fill(alone, -1);
        OutOfSample predictions = OutOfSample.of(new Features(d, values, known), labels, alone, classes.size());
        int[] doubtful = IntStream.range(0, count)
                .filter(r -> predictions.probability(r, labels[r]) <= RULED_OUT
                        && predictions.probability(r, predictions.predicted(r)) >= SURE)
                .toArray();
        if (doubtful.length < Math.max(LEAST, SHARE * count)) {
            return List.of();
        }
        int first = doubtful[0];
        return List.of(String.format(
                Locale.ROOT,
                "%d of %d training labels (%.1f %%) are all but ruled out by predictions without the image (%s is"
                        + " labelled '%s' and looks like '%s'): see them with residual audit",
                doubtful.length,
                count,
                100.0 * doubtful.length / count,
                some.names().get(first),
                classes.get(labels[first]),
                classes.get(predictions.predicted(first))));
    }
}
