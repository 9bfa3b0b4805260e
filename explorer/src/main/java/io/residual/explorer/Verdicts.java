package io.residual.explorer;

import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.adapt.Calibration.Decision;
import io.residual.data.Split;
import io.residual.units.Trace;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The decision on every validation image, without an adapter and with it, with calibrated probabilities.
 *
 * @param labels true classes
 * @param before decisions of the unadapted model
 * @param after decisions with the adapter; the same as {@code before} without one
 * @param plain calibration of the unadapted model, fitted on these images
 * @param calibration of what decides now
 */
record Verdicts(
        List<Integer> labels, List<Decision> before, List<Decision> after, Calibration plain, Calibration calibration) {
    Verdicts {
        labels = List.copyOf(labels);
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /** Of an adapter, whose calibration its file holds. */
    static Verdicts of(Adapter adapter, Calibration calibration, Classifier classifier, Trace<Split.Validation> trace) {
        Calibration plain = plain(classifier, trace);
        return new Verdicts(
                IntStream.of(trace.labels()).boxed().toList(),
                decisions(new Adapter.Identity(), plain, classifier, trace),
                decisions(adapter, calibration, classifier, trace),
                plain,
                calibration);
    }

    /** Of the unadapted model alone. */
    static Verdicts of(Classifier classifier, Trace<Split.Validation> trace) {
        Calibration plain = plain(classifier, trace);
        List<Decision> decisions = decisions(new Adapter.Identity(), plain, classifier, trace);
        return new Verdicts(IntStream.of(trace.labels()).boxed().toList(), decisions, decisions, plain, plain);
    }

    private static Calibration plain(Classifier classifier, Trace<Split.Validation> trace) {
        return Calibration.fit(new Adapter.Identity(), classifier, trace, Calibration.TARGET_ACCURACY);
    }

    private static List<Decision> decisions(
            Adapter adapter, Calibration calibration, Classifier classifier, Trace<Split.Validation> trace) {
        return Calibration.decisions(
                Calibration.logits(adapter, classifier, trace),
                classifier.classes().size(),
                calibration.temperature());
    }

    private boolean right(List<Decision> decisions, int row) {
        return decisions.get(row).chosen() == labels.get(row);
    }

    /** Rows that are right only with the adapter. */
    List<Integer> corrected() {
        return rows(false, true);
    }

    /** Rows that are right only without the adapter. */
    List<Integer> broken() {
        return rows(true, false);
    }

    /** Rows that are right or wrong without the adapter, and with it. */
    List<Integer> rows(boolean rightBefore, boolean rightAfter) {
        return IntStream.range(0, labels.size())
                .filter(i -> right(before, i) == rightBefore && right(after, i) == rightAfter)
                .boxed()
                .toList();
    }

    Accuracy accuracyBefore() {
        return accuracy(before);
    }

    Accuracy accuracyAfter() {
        return accuracy(after);
    }

    private Accuracy accuracy(List<Decision> decisions) {
        int right = (int) IntStream.range(0, labels.size())
                .filter(i -> right(decisions, i))
                .count();
        return new Accuracy(right, labels.size());
    }
}
