package io.residual.adapt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.data.Split;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import io.residual.zeroshot.Temperature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * Temperature and rejection threshold of an adapter, fitted on validation (temperature scaling and selective
 * prediction). Immutable.
 *
 * @param temperature logits are divided by it before the softmax
 * @param threshold an image whose largest probability is below it is rejected rather than classified
 * @param targetAccuracy target accuracy on the covered images (those that are not rejected)
 * @param accuracy what they reached on validation; below {@code targetAccuracy} where no threshold reached that
 * @param coverage the share of validation that is not rejected
 */
public record Calibration(
        double temperature, double threshold, double targetAccuracy, double accuracy, double coverage) {
    /** The default target accuracy. */
    public static final double TARGET_ACCURACY = .95;

    private static final Map<String, String> FORMER = Map.of("wanted", "target_accuracy");
    private static final String REMEDY = "Check the model with residual self-check, and fit the adapter again";

    /** A threshold that leaves less than this share says more of chance than of the adapter. */
    private static final double LEAST = .1;

    /** Probabilities closer than this are one: logits are of 32 bits, and an image's depend on what is in its batch. */
    private static final double SAME = 2e-6;

    /** Reads the stored form. */
    public static Calibration of(JsonObject json) {
        JsonObject known = json.renamed(FORMER);
        return new Calibration(
                known.number("temperature", Float.MIN_NORMAL, Float.MAX_VALUE),
                known.number("threshold", 0, 1),
                known.number("target_accuracy", 0, 1),
                known.number("accuracy", 0, 1),
                known.number("coverage", 0, 1));
    }

    /** The stored form, a part of a document. */
    public ObjectNode json() {
        return Json.object()
                .put("temperature", temperature)
                .put("threshold", threshold)
                .put("target_accuracy", targetAccuracy)
                .put("accuracy", accuracy)
                .put("coverage", coverage);
    }

    /** An image's decision: its class and the calibrated probability of it. */
    public record Decision(int chosen, double probability) {}

    /** Fits both on validation: it cannot see a test split. */
    public static Calibration fit(
            Adapter adapter, Classifier classifier, Trace<Split.Validation> validation, double targetAccuracy) {
        List<double[]> logits = logits(adapter, classifier, validation);
        int classes = classifier.classes().size();
        int[] labels = validation.labels();
        double temperature = Temperature.cautious(logits, classes, labels);
        List<Decision> decisions = decisions(logits, classes, temperature);
        Integer[] surest = new Integer[labels.length];
        Arrays.setAll(surest, i -> i);
        Arrays.sort(surest, Comparator.comparingDouble((Integer i) -> -decisions.get(i).probability));
        int right = 0;
        int bestKept = 0;
        double bestAccuracy = -1;
        for (int kept = 1; kept <= surest.length; kept++) {
            int image = surest[kept - 1];
            right += decisions.get(image).chosen == labels[image] ? 1 : 0;
            boolean tied = kept < surest.length
                    && decisions.get(image).probability - decisions.get(surest[kept]).probability < SAME;
            if (tied || kept < LEAST * surest.length) {
                continue;
            }
            double accuracy = (double) right / kept;
            // The most images that are as right as was asked; failing that, the share that is most right.
            if (accuracy >= Math.min(targetAccuracy, bestAccuracy)) {
                bestAccuracy = accuracy;
                bestKept = kept;
            }
        }
        // Halfway to what counts as another probability, so that rounding does not reject the last one's equals.
        double threshold = bestKept == surest.length ? 0 : decisions.get(surest[bestKept - 1]).probability - SAME / 2;
        return new Calibration(temperature, threshold, targetAccuracy, bestAccuracy, (double) bestKept / surest.length);
    }

    /** The calibrated probabilities that an image's logits mean, C of them from {@code from} on. */
    public double[] probabilities(double[] logits, int from, int classes) {
        return Temperature.probabilities(logits, from, classes, temperature);
    }

    /** Every image's decision at a temperature. */
    public static List<Decision> decisions(List<double[]> logits, int classes, double temperature) {
        List<Decision> decisions = new ArrayList<>();
        for (double[] block : logits) {
            for (int from = 0; from < block.length; from += classes) {
                double[] p = Temperature.probabilities(block, from, classes, temperature);
                int chosen = 0;
                for (int c = 1; c < classes; c++) {
                    chosen = p[c] > p[chosen] ? c : chosen;
                }
                decisions.add(new Decision(chosen, p[chosen]));
            }
        }
        return decisions;
    }

    /**
     * The logits of every image, blocks of n × C numbers.
     *
     * @throws InputException if they are no numbers, or embeddings have no direction: the largest of them would still be a class
     */
    public static List<double[]> logits(Adapter adapter, Classifier classifier, Trace<? extends Split> trace) {
        List<double[]> all = new ArrayList<>();
        for (TraceBlock block : trace.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                IntFunction<String> where =
                        i -> block.names().get(i) + ", with " + adapter.method().label();
                Tensor features = Finite.requireDirections(adapter.features(block), where, REMEDY);
                double[] logits = Tensors.doubles(adapter.logits(features, classifier));
                all.add(Finite.require(
                        logits, "the logits with " + adapter.method().label(), REMEDY));
            }
        }
        return all;
    }
}
