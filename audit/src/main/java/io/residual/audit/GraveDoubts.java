package io.residual.audit;

import io.residual.data.Split;
import io.residual.spectrum.Features;
import io.residual.units.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What an audit of the labels would find that is grave, from a trace that is there anyway: labels of training images that predictions
 * without the image all but rule out. It costs a second or two, and says nothing of the test split.
 *
 * <p>Probabilities that are calibrated on all labels rule little out where classes are separate and many labels wrong: each keeps the chance of a
 * wrong label. There a second calibration leaves out the labels that confident learning contradicts ({@link LabelErrors#contradicted}).
 * Where classes overlap that would rule out images of two classes, so it counts only if the model would be right on 93 % of the
 * images but for the share of labels that it contradicts where it is surest. Wrong labels look the same there as elsewhere, and images of two classes
 * are not there.
 */
public final class GraveDoubts {
    /** Images that are checked; of more, evenly spread ones. */
    private static final int MOST = 5000;

    /** Probabilities of the given and of another class from which a label counts, and shares of all images from which on it is worth a line. */
    private static final Rule PLAIN = new Rule(.02, .9, .01);

    /** The same of probabilities that are calibrated without contradicted labels: they are surer. */
    private static final Rule SHARPER = new Rule(.01, .95, .015);

    private record Rule(double ruledOut, double sure, double share) {
        /** Rows whose label is ruled out; none if they are few. */
        int[] doubtful(OutOfSample predictions, int... labels) {
            int[] found = IntStream.range(0, labels.length)
                    .filter(r -> predictions.probability(r, labels[r]) <= ruledOut
                            && predictions.probability(r, predictions.predicted(r)) >= sure)
                    .toArray();
            return found.length < Math.max(LEAST, share * labels.length) ? new int[0] : found;
        }
    }

    /** The accuracy, but for wrong labels, from which on classes are apart. */
    private static final double APART = .93;

    /** The accuracy, wrong labels counted, below which they are not: being sure and wrong is common there. */
    private static final double LEAST_ACCURACY = .8;

    /** Of all that is predicted as another class, the share that must be ruled out by the sharper rule. */
    private static final double OF_WRONG = .075;

    /** The images among which the surest are looked for: one in so many. */
    private static final int SUREST = 4;

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
        int[] alone = new int[count];
        Arrays.fill(alone, -1);
        OutOfSample predictions = OutOfSample.of(Features.of(some), labels, alone, classes.size());
        int[] doubtful = apart(predictions, labels)
                ? SHARPER.doubtful(
                        predictions.calibratedWithout(LabelErrors.contradicted(predictions, labels), labels), labels)
                : new int[0];
        long wrong = IntStream.range(0, count)
                .filter(r -> predictions.predicted(r) != labels[r])
                .count();
        if (doubtful.length == 0 || doubtful.length < OF_WRONG * wrong) {
            doubtful = PLAIN.doubtful(predictions, labels);
        }
        if (doubtful.length == 0) {
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

    /** Whether the model is right on most images, but for labels that are wrong as often where it is surest as elsewhere. */
    private static boolean apart(OutOfSample predictions, int... labels) {
        int right = 0;
        int sure = 0;
        int surelyWrong = 0;
        for (int c = 0; c < predictions.classes(); c++) {
            int of = c;
            int[] said = IntStream.range(0, labels.length)
                    .filter(r -> predictions.predicted(r) == of)
                    .toArray();
            double[] agreed = Arrays.stream(said)
                    .filter(r -> labels[r] == of)
                    .mapToDouble(r -> predictions.probability(r, of))
                    .sorted()
                    .toArray();
            right += agreed.length;
            if (agreed.length > 0) {
                double threshold = agreed[agreed.length - 1 - agreed.length / SUREST];
                for (int r : said) {
                    if (predictions.probability(r, of) >= threshold) {
                        sure++;
                        surelyWrong += labels[r] == of ? 0 : 1;
                    }
                }
            }
        }
        double share = sure == 0 ? 0 : (double) surelyWrong / sure;
        return right >= LEAST_ACCURACY * labels.length && right >= APART * (1 - share) * labels.length;
    }
}
