package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.Calibration.Decision;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.data.Split;
import io.residual.units.Trace;
import io.residual.units.UnitId;
import io.residual.zeroshot.Classifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Adapters on validation images: accuracy, confusion matrix, interpolation, calibration and coverage. */
final class AdapterViews {
    /** Places of the interpolation: from the unadapted model to somewhat beyond what was learned. */
    private static final double[] DIAL = {0, .25, .5, .75, 1, 1.25, 1.5};

    private static final int BINS = 10;
    private static final int POINTS = 40;

    /** Maximum number of classes for a legible matrix. */
    private static final int MATRIX = 40;

    private static final int MIXED = 10;

    private final Trace<Split.Validation> trace;
    private final int classes;

    AdapterViews(Trace<Split.Validation> trace, int classes) {
        this.trace = trace;
        this.classes = classes;
    }

    /** An adapter with everything that is shown of it. */
    ObjectNode view(ReportSource.Named named) {
        AdapterFile file = named.file();
        Adapter adapter = file.adapter();
        ObjectNode node = Json.object()
                .put("file", named.name())
                .put("method", adapter.method().id())
                .put("label", adapter.method().label())
                .put("parameters", adapter.parameters());
        node.set("info", file.info().json());
        node.set(
                "scores",
                scores(adapter, file.classifier(), file.info().calibration().temperature()));
        Map<UnitId, UnitViews.Weighed> weighed = UnitViews.weighed(adapter, file.classifier(), trace);
        if (!weighed.isEmpty()) {
            ArrayNode moved = node.putArray("moved"); // of heads, in order
            for (UnitId head : trace.shape().headIds()) {
                UnitViews.Weighed of = weighed.get(head);
                moved.add(of == null ? null : Double.valueOf(UnitViews.rounded(of.moved())));
            }
        }
        if (adapter.spectral() != null || adapter instanceof Adapter.LinearMap) {
            ArrayNode interpolation = node.putArray("interpolation");
            for (double at : DIAL) {
                List<double[]> logits = Calibration.logits(adapter.interpolated(at), file.classifier(), trace);
                interpolation
                        .addArray()
                        .add(at)
                        .add(UnitViews.rounded(accuracy(Calibration.decisions(logits, classes, 1))));
            }
        }
        return node;
    }

    /** Accuracy, confusion [label][chosen], reliability and coverage at a temperature. */
    ObjectNode scores(Adapter adapter, Classifier classifier, double temperature) {
        int[] labels = trace.labels();
        List<double[]> logits = Calibration.logits(adapter, classifier, trace);
        if (logits.stream().anyMatch(some -> overflow(some, classes))) {
            throw InputException.at(
                    "the " + adapter.method().label() + " adapter",
                    "logits that are not finite, or all 0",
                    "finite ones",
                    "Its weights overflow; align again");
        }
        List<Decision> decisions = Calibration.decisions(logits, classes, temperature);
        int[][] confusion = new int[classes][classes];
        int[] images = new int[BINS];
        double[] confidence = new double[BINS];
        int[] right = new int[BINS];
        for (int i = 0; i < labels.length; i++) {
            Decision d = decisions.get(i);
            confusion[labels[i]][d.chosen()]++;
            int bin = Math.min(BINS - 1, (int) (d.probability() * BINS));
            images[bin]++;
            confidence[bin] += d.probability();
            right[bin] += d.chosen() == labels[i] ? 1 : 0;
        }
        ObjectNode node = Json.object().put("accuracy", UnitViews.rounded(accuracy(decisions)));
        confusion(node, confusion);
        ArrayNode reliability = node.putArray("reliability");
        for (int b = 0; b < BINS; b++) {
            if (images[b] > 0) {
                reliability
                        .addArray()
                        .add(UnitViews.rounded(confidence[b] / images[b]))
                        .add(UnitViews.rounded((double) right[b] / images[b]))
                        .add(images[b]);
            }
        }
        node.set("coverage", coverage(decisions, labels));
        return node;
    }

    /**
     * Whether a class would be chosen by numbers that say nothing: some are not finite, or all of an image's are 0, as those of an
     * embedding that is divided by an infinite length.
     *
     * @param logits of several images, one after another
     */
    static boolean overflow(double[] logits, int classes) {
        for (int from = 0; from < logits.length; from += classes) {
            boolean zero = true;
            for (int c = 0; c < classes; c++) {
                if (!Double.isFinite(logits[from + c])) {
                    return true;
                }
                zero &= logits[from + c] == 0;
            }
            if (zero) {
                return true;
            }
        }
        return false;
    }

    /** The whole matrix if it is legible, and the most frequent confusions. */
    static void confusion(ObjectNode node, int[]... confusion) {
        int classes = confusion.length;
        if (classes <= MATRIX) {
            ArrayNode rows = node.putArray("confusion");
            for (int[] row : confusion) {
                ArrayNode cells = rows.addArray();
                for (int cell : row) {
                    cells.add(cell);
                }
            }
        }
        ArrayNode mixed = node.putArray("mixed_up");
        IntStream.range(0, classes * classes)
                .filter(i -> i / classes != i % classes && confusion[i / classes][i % classes] > 0)
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> -confusion[i / classes][i % classes]))
                .limit(MIXED)
                .forEach(i ->
                        mixed.addArray().add(i / classes).add(i % classes).add(confusion[i / classes][i % classes]));
    }

    /** The share of images that is accepted, the surest first, and how many of those are right. */
    private ArrayNode coverage(List<Decision> decisions, int... labels) {
        Integer[] surest = new Integer[labels.length];
        Arrays.setAll(surest, i -> i);
        Arrays.sort(
                surest,
                Comparator.comparingDouble((Integer i) -> -decisions.get(i).probability()));
        ArrayNode curve = Json.array();
        int right = 0;
        int step = Math.max(1, labels.length / POINTS);
        for (int i = 0; i < labels.length; i++) {
            right += decisions.get(surest[i]).chosen() == labels[surest[i]] ? 1 : 0;
            if ((i + 1) % step == 0 || i + 1 == labels.length) {
                curve.addArray()
                        .add(UnitViews.rounded((i + 1.0) / labels.length))
                        .add(UnitViews.rounded(right / (i + 1.0)));
            }
        }
        return curve;
    }

    private double accuracy(List<Decision> decisions) {
        int[] labels = trace.labels();
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += decisions.get(i).chosen() == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }
}
