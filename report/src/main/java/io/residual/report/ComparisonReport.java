package io.residual.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.chart.TextTable;
import io.residual.experiment.DatasetResult;
import io.residual.experiment.MethodResult;
import io.residual.experiment.TestScore.Reliability;
import io.residual.fit.Trainer.Epoch;
import io.residual.zeroshot.Accuracy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Methods × data sets, as a table for people and as JSON for programs; both from the same results. */
public final class ComparisonReport {
    private ComparisonReport() {}

    /** The columns of a table. */
    public enum Form {
        /** Accuracy with its 95 % interval, change against Base, validation accuracy, parameters, seconds: within 80 characters. */
        SHORT,
        /** Coverage and selective accuracy as well. */
        WIDE
    }

    /** One block a data set, in the wide form. */
    public static String text(List<DatasetResult> results) {
        return text(results, Form.WIDE);
    }

    /** One block a data set: methods in rows. */
    public static String text(List<DatasetResult> results, Form form) {
        StringBuilder text = new StringBuilder();
        for (DatasetResult result : results) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s  (%d classes; %d train, %d validation, %d test; traced in %.1f s)%n",
                    Printable.line(result.dataset()),
                    result.classes(),
                    result.images().get("train"),
                    result.images().get("validation"),
                    result.images().get("test"),
                    result.traceSeconds()));
            text.append(table(result, form)).append('\n');
            result.notes()
                    .forEach(note ->
                            text.append("Note: ").append(Printable.line(note)).append('\n'));
            if (!result.notes().isEmpty()) {
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static TextTable table(DatasetResult result, Form form) {
        TextTable table = new TextTable()
                .row(cells(
                        form,
                        "method",
                        "test %",
                        "95 % interval",
                        "vs Base",
                        form == Form.SHORT ? "valid. %" : "validation %",
                        "parameters",
                        "seconds",
                        "coverage %",
                        "selective acc. %"));
        Accuracy base = result.methods().stream()
                .filter(m -> m.parameters() == 0)
                .map(MethodResult::test)
                .findFirst()
                .orElse(null);
        for (MethodResult m : result.methods()) {
            table.row(cells(
                    form,
                    m.method().label(),
                    percent(m.test().value()),
                    percent(m.test().low()) + " – " + percent(m.test().high()),
                    base == null || m.parameters() == 0
                            ? ""
                            : String.format(
                                    Locale.ROOT, "%+.1f", 100 * (m.test().value() - base.value())),
                    percent(m.validationAccuracy()),
                    String.format(Locale.ROOT, "%,d", m.parameters()),
                    String.format(Locale.ROOT, "%.1f", m.seconds()),
                    percent(m.score().reliability().coverage()),
                    right(m.score().reliability())));
        }
        return table;
    }

    private static String[] cells(Form form, String... all) {
        return form == Form.WIDE ? all : Arrays.copyOf(all, all.length - 2);
    }

    private static String right(Reliability reliability) {
        return reliability.few() ? reliability.rightOfAccepted() : percent(reliability.accepted());
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    /** The results with hashes, curves and provenance as JSON. */
    public static String json(List<DatasetResult> results) {
        return Json.pretty(document(results));
    }

    /** The results as a JSON tree. */
    public static ObjectNode document(List<DatasetResult> results) {
        ObjectNode root = Schema.EVALUATION.document();
        ArrayNode all = root.putArray("datasets");
        for (DatasetResult result : results) {
            ObjectNode node = all.addObject();
            node.put("dataset", result.dataset());
            node.put("origin", result.origin());
            node.put("model", result.model());
            node.put("classes", result.classes());
            node.set("images", Json.of(result.images()));
            node.put("trace_seconds", result.traceSeconds());
            node.set("split_hashes", Json.of(result.splitHashes()));
            ArrayNode methods = node.putArray("methods");
            result.methods().forEach(m -> method(methods.addObject(), m));
            node.set("notes", Json.of(result.notes()));
            node.set("provenance", result.provenance().json());
        }
        return root;
    }

    private static void method(ObjectNode node, MethodResult m) {
        node.put("method", m.method().id());
        node.put("label", m.method().label());
        node.put("parameters", m.parameters());
        node.put("test_accuracy", m.test().value());
        node.put("test_right", m.test().right());
        node.put("test_images", m.test().of());
        node.putArray("test_interval_95").add(m.test().low()).add(m.test().high());
        node.put("validation_accuracy", m.validationAccuracy());
        node.set("calibration", m.calibration().json());
        node.set("test_reliability", m.score().reliability().json());
        node.put("best_epoch", m.bestEpoch());
        node.put("seconds", m.seconds());
        ArrayNode curve = node.putArray("curve");
        for (Epoch epoch : m.curve()) {
            ObjectNode point = curve.addObject().put("epoch", epoch.epoch());
            if (Double.isFinite(epoch.penalty())) {
                point.put("penalty", epoch.penalty());
            }
            if (!Double.isNaN(epoch.trainLoss())) {
                point.put("train_loss", epoch.trainLoss());
            }
            point.put("validation_loss", epoch.validationLoss());
            point.put("validation_accuracy", epoch.validationAccuracy());
        }
    }
}
