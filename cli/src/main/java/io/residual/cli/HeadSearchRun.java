package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.FoldedAdapter;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.fit.AlignmentSettings.Goal;
import io.residual.fit.PassSearch;
import io.residual.fit.PassSearch.Found;
import io.residual.intervene.Change;
import io.residual.intervene.Interventions;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A search for heads to switch off inside the forward pass, and then, once, what that does on test images. */
final class HeadSearchRun {
    private final ImageTextModel model;
    private final Adapter adapter;
    private final FoldedAdapter folded;
    private final Progress progress;

    /**
     * A run.
     *
     * @param folded the adapter with its classifier; it stays its owner's
     */
    HeadSearchRun(ImageTextModel model, FoldedAdapter folded, Progress progress) {
        this.model = model;
        this.adapter = folded.adapter();
        this.folded = folded;
        this.progress = progress;
    }

    /** Right answers on test images, with and without the heads that were found. */
    private record Tested(Accuracy all, double worstClass, Provenance provenance) {}

    /**
     * Searches on validation, and measures on test what was found.
     *
     * @param with what becomes of a head, in words
     */
    ObjectNode run(Dataset dataset, DatasetSpec spec, Goal goal, Change change, String with, int candidates) {
        Found found = new PassSearch(model, folded, dataset.validation(), goal, change, candidates, progress)
                .among(new Tracer(model).frame().shape().headIds());
        Interventions changes = Interventions.NONE;
        for (UnitId head : found.heads()) {
            changes = changes.with(head, change);
        }
        Tested before = tested(dataset, spec, Interventions.NONE);
        Tested after = found.heads().isEmpty() ? before : tested(dataset, spec, changes);
        ObjectNode node = Schema.HEAD_SEARCH
                .document()
                .put("data", dataset.name())
                .put("with", with)
                .put("objective", goal.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("candidates", candidates)
                .put("passes", found.passes())
                .put("held_before", found.before());
        node.set("heads", Json.of(found.heads().stream().map(UnitId::toString).toList()));
        ArrayNode steps = node.putArray("steps");
        found.steps().forEach(step -> steps.addObject()
                .put("head", step.head().toString())
                .put("chose", step.chose())
                .put("held", step.held()));
        node.set("test_before", json(before));
        node.set("test", json(after));
        node.set("provenance", before.provenance.json());
        return node;
    }

    /** The objective as users write it; accuracy for null. */
    static Goal goal(@Nullable String named) {
        if (named == null || named.equals("accuracy")) {
            return Goal.ACCURACY;
        }
        if (!named.equals("worst-class")) {
            throw InputException.at("--objective", "'" + named + "'", "accuracy or worst-class", "Correct it");
        }
        return Goal.WORST_CLASS;
    }

    private Tested tested(Dataset dataset, DatasetSpec spec, Interventions changes) {
        Tracer tracer = new Tracer(model, changes.hooks(model.image()));
        return new Experiments(model, tracer, null, progress)
                .on(dataset, spec, ExperimentSettings.DEFAULT)
                .measured(this::tested);
    }

    private Tested tested(Trace<?> trace) {
        int classes = folded.classes().size();
        int[] right = new int[classes];
        int[] of = new int[classes];
        for (TraceBlock block : trace.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                int[] said = Tensors.ints(Ops.argmaxRows(adapter.logits(block, folded.classifier())));
                for (int i = 0; i < said.length; i++) {
                    int label = block.labels()[i];
                    of[label]++;
                    right[label] += said[i] == label ? 1 : 0;
                }
            }
        }
        int sum = 0;
        double worst = 1;
        for (int c = 0; c < classes; c++) {
            sum += right[c];
            worst = of[c] == 0 ? worst : Math.min(worst, (double) right[c] / of[c]);
        }
        return new Tested(new Accuracy(sum, trace.size()), worst, trace.provenance());
    }

    private static ObjectNode json(Tested tested) {
        return Json.object()
                .put("accuracy", tested.all.value())
                .put("accuracy_low", tested.all.low())
                .put("accuracy_high", tested.all.high())
                .put("worst_class", tested.worstClass)
                .put("images", tested.all.of());
    }

    /** The same in words. */
    static String text(ObjectNode found) {
        StringBuilder out = new StringBuilder();
        found.path("steps")
                .forEach(step -> out.append(String.format(
                        Locale.ROOT,
                        "%-8s %s %.3f on the images that choose, %.3f on those that say where to stop%n",
                        step.path("head").asText(),
                        found.path("objective").asText(),
                        step.path("chose").asDouble(),
                        step.path("held").asDouble())));
        if (found.path("steps").size() == PassSearch.MOST) {
            out.append(String.format("no more than %d heads are tried%n", PassSearch.MOST));
        }
        List<String> names = new ArrayList<>();
        found.path("heads").forEach(head -> names.add(head.asText()));
        String heads =
                names.isEmpty() ? "none: nothing helps the images that did not choose" : String.join(", ", names);
        return out.append(String.format(
                        Locale.ROOT,
                        "changed (%s): %s%ntest: accuracy %.3f (95 %%: %.3f to %.3f), worst class %.3f; before"
                                + " %.3f, worst class %.3f; %d images%n",
                        found.path("with").asText(),
                        heads,
                        found.path("test").path("accuracy").asDouble(),
                        found.path("test").path("accuracy_low").asDouble(),
                        found.path("test").path("accuracy_high").asDouble(),
                        found.path("test").path("worst_class").asDouble(),
                        found.path("test_before").path("accuracy").asDouble(),
                        found.path("test_before").path("worst_class").asDouble(),
                        found.path("test").path("images").asInt()))
                .toString();
    }
}
