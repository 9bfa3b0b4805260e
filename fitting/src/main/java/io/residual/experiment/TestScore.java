package io.residual.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.adapt.Calibration.Decision;
import io.residual.base.Json;
import io.residual.data.Split;
import io.residual.units.Trace;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The score of an adapter on a test split. It is computed here only, for an adapter and a calibration that have already
 * been selected.
 *
 * @param accuracy accuracy on all images
 * @param reliability calibration error, coverage and selective accuracy
 * @param classes accuracy of each class, in order; null where the split has no image of it
 * @param right the images classified correctly, in the order of the split; null where only counts are known
 */
public record TestScore(
        Accuracy accuracy,
        Reliability reliability,
        List<@Nullable Accuracy> classes,
        @Nullable BitSet right) {
    public TestScore {
        classes = Collections.unmodifiableList(new ArrayList<>(classes)); // List.copyOf allows no null
        right = right == null ? null : (BitSet) right.clone();
    }

    /** A score of which only counts are known. */
    public TestScore(Accuracy accuracy, Reliability reliability, List<@Nullable Accuracy> classes) {
        this(accuracy, reliability, classes, null);
    }

    @Override
    public @Nullable BitSet right() {
        return right == null ? null : (BitSet) right.clone();
    }

    /** The index of the class of which the least share is right, the first of equals; −1 where no class has an image. */
    public int worst() {
        int worst = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int c = 0; c < classes.size(); c++) {
            Accuracy of = classes.get(c);
            if (of != null && of.value() < least) {
                least = of.value();
                worst = c;
            }
        }
        return worst;
    }

    /**
     * The calibration on the test split: calibration error, coverage and selective accuracy.
     *
     * @param errorBefore expected calibration error (ECE) before temperature scaling (Guo et al. 2017: 15 bins of equal
     *     width, mean |accuracy − confidence| weighted by size)
     * @param errorAfter ECE after temperature scaling
     * @param coverage the share of images above the rejection threshold
     * @param accepted the share of those that were right; NaN where all were rejected
     * @param acceptedImages how many images were above the threshold
     * @param acceptedRight how many of those were right
     */
    public record Reliability(
            double errorBefore,
            double errorAfter,
            double coverage,
            double accepted,
            int acceptedImages,
            int acceptedRight) {
        private static final int FEW = 100;

        /** A part of a document. */
        public ObjectNode json() {
            return Json.object()
                    .put("error_before", errorBefore)
                    .put("error_after", errorAfter)
                    .put("coverage", coverage)
                    .put("selective_accuracy", accepted)
                    .put("accepted_images", acceptedImages)
                    .put("accepted_right", acceptedRight);
        }

        /** Whether too few images were accepted to state a percentage. */
        public boolean few() {
            return acceptedImages < FEW;
        }

        /** The right ones of those accepted: as a percentage, or as a count where they are few. */
        public String rightOfAccepted() {
            return few()
                    ? acceptedRight + " of " + acceptedImages
                    : String.format(Locale.ROOT, "%.1f %%", 100 * accepted);
        }
    }

    private static final int BINS = 15;

    /** The accuracy of an adapter on a test split. */
    public static Accuracy of(Adapter adapter, Classifier classifier, Trace<Split.Test> test) {
        return accuracy(adapter, classifier, test);
    }

    /** The accuracy of an adapter on validation images. */
    public static Accuracy validation(Adapter adapter, Classifier classifier, Trace<Split.Validation> validation) {
        return accuracy(adapter, classifier, validation);
    }

    /** The accuracy of an adapter on any images. */
    static Accuracy accuracy(Adapter adapter, Classifier classifier, Trace<? extends Split> seen) {
        List<double[]> logits = Calibration.logits(adapter, classifier, seen);
        return accuracy(Calibration.decisions(logits, classifier.classes().size(), 1), seen.labels());
    }

    /** Evaluates an adapter on held-out validation images. */
    static HeldOut heldOut(Adapter adapter, Classifier classifier, Trace<Split.Validation> seen) {
        int classes = classifier.classes().size();
        List<Decision> decisions = Calibration.decisions(Calibration.logits(adapter, classifier, seen), classes, 1);
        int[] labels = seen.labels();
        return new HeldOut(right(decisions, labels), labels.length, classes);
    }

    private static BitSet right(List<Decision> decisions, int... labels) {
        BitSet right = new BitSet();
        for (int i = 0; i < labels.length; i++) {
            right.set(i, decisions.get(i).chosen() == labels[i]);
        }
        return right;
    }

    /** The score of a calibrated adapter on a test split. */
    public static TestScore of(
            Adapter adapter, Classifier classifier, Calibration calibration, Trace<Split.Test> test) {
        List<double[]> logits = Calibration.logits(adapter, classifier, test);
        int classes = classifier.classes().size();
        int[] labels = test.labels();
        List<Decision> plain = Calibration.decisions(logits, classes, 1);
        List<Decision> calibrated = Calibration.decisions(logits, classes, calibration.temperature());
        int kept = 0;
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            if (calibrated.get(i).probability() >= calibration.threshold()) {
                kept++;
                right += calibrated.get(i).chosen() == labels[i] ? 1 : 0;
            }
        }
        return new TestScore(
                accuracy(plain, labels),
                new Reliability(
                        calibrationError(plain, labels),
                        calibrationError(calibrated, labels),
                        (double) kept / labels.length,
                        kept == 0 ? Double.NaN : (double) right / kept,
                        kept,
                        right),
                byClass(plain, classes, labels),
                right(plain, labels));
    }

    private static List<@Nullable Accuracy> byClass(List<Decision> decisions, int classes, int... labels) {
        int[] right = new int[classes];
        int[] of = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            of[labels[i]]++;
            right[labels[i]] += decisions.get(i).chosen() == labels[i] ? 1 : 0;
        }
        List<@Nullable Accuracy> all = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            all.add(of[c] == 0 ? null : new Accuracy(right[c], of[c]));
        }
        return all;
    }

    private static Accuracy accuracy(List<Decision> decisions, int... labels) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += decisions.get(i).chosen() == labels[i] ? 1 : 0;
        }
        return new Accuracy(right, labels.length);
    }

    /** Σ over bins of |right − Σ confidence| / n. */
    static double calibrationError(List<Decision> decisions, int... labels) {
        double[] gap = new double[BINS];
        for (int i = 0; i < labels.length; i++) {
            Decision decision = decisions.get(i);
            int bin = Math.min(BINS - 1, (int) (decision.probability() * BINS));
            gap[bin] += (decision.chosen() == labels[i] ? 1 : 0) - decision.probability();
        }
        double sum = 0;
        for (double bin : gap) {
            sum += Math.abs(bin);
        }
        return sum / labels.length;
    }
}
