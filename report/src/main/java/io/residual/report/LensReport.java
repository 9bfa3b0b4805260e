package io.residual.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.chart.TextTable;
import io.residual.images.Preprocessing;
import io.residual.model.ImageTextModel;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.where.Lens;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What a model, as it is, would answer about one image after each layer: a {@link Lens} as text and JSON. */
public final class LensReport {
    private static final int UNITS = 5;

    private final List<String> classes;
    private final int chosen;
    private final int other;
    private final List<Read> steps;
    private final List<Read> units;

    /**
     * @param logits [C]
     * @param added what the unit adds to the difference of logits; 0 for a step
     */
    private record Read(String name, double[] logits, double added) {
        int best() {
            int best = 0;
            for (int c = 1; c < logits.length; c++) {
                best = logits[c] > logits[best] ? c : best;
            }
            return best;
        }
    }

    private LensReport(List<String> classes, int chosen, int other, List<Read> steps, List<Read> units) {
        this.classes = classes;
        this.chosen = chosen;
        this.other = other;
        this.steps = steps;
        this.units = units;
    }

    /**
     * Reads one image.
     *
     * @param pixels 3 · height · width numbers, preprocessed
     * @param chosen the class to follow
     * @param other the class that it is compared with
     */
    public static LensReport of(ImageTextModel model, Classifier classifier, float[] pixels, int chosen, int other) {
        Preprocessing size = model.preprocessing();
        try (NativeScope scope = NativeScope.inference()) {
            Lens lens = Lens.of(
                    model.image(),
                    model.image().trace(Tensors.of(pixels, 1, 3, size.inputHeight(), size.inputWidth())));
            List<Read> steps = new ArrayList<>();
            lens.steps().forEach(s -> steps.add(new Read(s.name(), logits(classifier, s), 0)));
            List<Read> units = new ArrayList<>();
            for (Lens.Step unit : lens.units()) {
                double[] now = logits(classifier, unit);
                double[] was = steps.get(unit.before()).logits;
                units.add(new Read(unit.name(), now, now[chosen] - now[other] - (was[chosen] - was[other])));
            }
            return new LensReport(classifier.classes(), chosen, other, steps, units);
        }
    }

    private static double[] logits(Classifier classifier, Lens.Step step) {
        return Tensors.doubles(classifier.logits(Tensors.of(step.embeddings(), 1, step.embeddings().length)));
    }

    private double difference(Read read) {
        return read.logits[chosen] - read.logits[other];
    }

    /** As text: the answer after each step, and the units that move it most. */
    public String text() {
        StringBuilder out = new StringBuilder(String.format(
                "%nlogit lens, without any adapter: what the readout would answer if the pass ended there; early answers may be"
                        + " artefacts, for the model was not trained to be read there%n"));
        TextTable table = new TextTable()
                .row(
                        "after",
                        "answer",
                        "logit of '" + Printable.line(classes.get(chosen)) + "' less '"
                                + Printable.line(classes.get(other)) + "'");
        steps.forEach(s -> table.row(
                s.name, Printable.line(classes.get(s.best())), String.format(Locale.ROOT, "%+.3f", difference(s))));
        out.append(table);
        out.append("moved most by: ");
        List<String> most = units.stream()
                .sorted(Comparator.comparingDouble(u -> -Math.abs(u.added)))
                .limit(UNITS)
                .map(u -> String.format(Locale.ROOT, "%s %+.3f", u.name, u.added))
                .toList();
        return out.append(String.join(", ", most))
                .append(System.lineSeparator())
                .toString();
    }

    /** As JSON: every step and every unit. */
    public ObjectNode json() {
        ObjectNode root = Json.object();
        ArrayNode all = root.putArray("steps");
        steps.forEach(s -> all.addObject()
                .put("after", s.name)
                .put("answer", classes.get(s.best()))
                .put("difference", difference(s))
                .set("logits", Json.of(s.logits)));
        ArrayNode each = root.putArray("units");
        units.forEach(
                u -> each.addObject().put("unit", u.name).put("added", u.added).put("answer", classes.get(u.best())));
        return root;
    }
}
