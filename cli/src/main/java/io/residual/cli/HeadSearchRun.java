package io.residual.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.FoldedAdapter;
import io.residual.adapt.HeadsOff;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.Split;
import io.residual.experiment.Advice;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.TestScore;
import io.residual.fit.AlignmentSettings.Goal;
import io.residual.fit.PassSearch;
import io.residual.fit.PassSearch.Found;
import io.residual.images.Orientation;
import io.residual.intervene.Change;
import io.residual.intervene.Interventions;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.PairedDifference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A search for heads to switch off inside the forward pass, and then, once, what that does on test images. */
final class HeadSearchRun {
    private final ImageTextModel model;
    private final Adapter adapter;
    private final FoldedAdapter folded;
    private final Dataset dataset;
    private final DatasetSpec spec;
    private final Progress progress;

    /**
     * A run.
     *
     * @param folded the adapter with its classifier; it stays its owner's
     */
    HeadSearchRun(ImageTextModel model, FoldedAdapter folded, Dataset dataset, DatasetSpec spec, Progress progress) {
        this.model = model;
        this.adapter = folded.adapter();
        this.folded = folded;
        this.dataset = dataset;
        this.spec = spec;
        this.progress = progress;
    }

    /**
     * What is searched.
     *
     * @param objective as users write it
     * @param with what becomes of a head, in words
     * @param groups whose worst counts; null for the classes
     */
    record Search(
            String objective,
            Change change,
            String with,
            int candidates,
            @Nullable Groups groups) {
        Goal goal() {
            return objective.equals("accuracy") ? Goal.ACCURACY : Goal.WORST_CLASS;
        }
    }

    /** Right answers on test images, with or without the heads that were found. */
    private record Tested(TestScore score, @Nullable Double worstGroup, Provenance provenance) {
        double worstClass() {
            int worst = score.worst();
            return worst < 0
                    ? 1
                    : Objects.requireNonNull(score.classes().get(worst)).value();
        }
    }

    /**
     * Searches on validation, calibrates on validation, then measures on test what was found, and writes it.
     *
     * @param out the adapter's file; null for none
     * @param warnings what whoever uses the adapter should know
     */
    ObjectNode run(Search search, @Nullable Path out, List<String> warnings) {
        Groups groups = search.groups;
        int[] ofValidation = groups == null ? null : groups.of(dataset.validation());
        Found found = new PassSearch(
                        model,
                        folded,
                        dataset.validation(),
                        ofValidation,
                        search.goal(),
                        search.change,
                        search.candidates,
                        progress)
                .among(new Tracer(model).frame().shape().headIds());
        Interventions changes = Interventions.NONE;
        for (UnitId head : found.heads()) {
            changes = changes.with(head, search.change);
        }
        boolean any = !found.heads().isEmpty();
        HeadsOff off = any ? new HeadsOff(changes.held(model.image())) : null;
        ImageTextModel seen = off == null ? model : off.on(model);
        Experiment with = experiment(seen);
        Trace<Split.Validation> validation = with.validation();
        Calibration calibration =
                Calibration.fit(adapter, folded.classifier(), validation, Calibration.TARGET_ACCURACY);
        Tested before;
        Tested after;
        try {
            before = tested(experiment(model), calibration, groups);
            after = any ? tested(with, calibration, groups) : before;
        } catch (InputException e) { // of a test image's group: what was searched for is not lost
            throw off == null
                    ? e
                    : new InputException(e.getMessage() + " The search found " + String.join(", ", off.names()) + ".");
        }
        ObjectNode node = json(search, found, before, after);
        if (out != null && off != null) {
            write(out, search, off, calibration, new Seen(validation, before, after), warnings);
        }
        return node.put("adapter", out != null && any ? out.toString() : null);
    }

    private Experiment experiment(ImageTextModel of) {
        return new Experiments(of, new Tracer(of), null, progress).on(dataset, spec, ExperimentSettings.DEFAULT);
    }

    private Tested tested(Experiment experiment, Calibration calibration, @Nullable Groups groups) {
        return experiment.measured(trace -> {
            TestScore score = TestScore.of(adapter, folded.classifier(), calibration, trace);
            Double worst = groups == null ? null : worst(score, groups.of(names(trace)));
            return new Tested(score, worst, trace.provenance());
        });
    }

    private static List<String> names(Trace<?> trace) {
        return trace.blocks().stream().flatMap(b -> b.names().stream()).toList();
    }

    private static double worst(TestScore score, int... groups) {
        BitSet right = Objects.requireNonNull(score.right());
        Map<Integer, int[]> counts = new HashMap<>();
        for (int i = 0; i < groups.length; i++) {
            int[] of = counts.computeIfAbsent(groups[i], g -> new int[2]);
            of[0] += right.get(i) ? 1 : 0;
            of[1]++;
        }
        return counts.values().stream()
                .mapToDouble(c -> (double) c[0] / c[1])
                .min()
                .orElse(1);
    }

    /** What a saved adapter says that it was measured on. */
    private record Seen(Trace<Split.Validation> validation, Tested before, Tested after) {}

    private void write(
            Path out, Search search, HeadsOff off, Calibration calibration, Seen seen, List<String> warnings) {
        Map<String, String> settings = new TreeMap<>(Orientation.settings());
        settings.put("objective", search.objective);
        settings.put("with", search.with);
        settings.put("candidates", String.valueOf(search.candidates));
        settings.put("heads", String.join(",", off.names()));
        settings.put(Provenance.MODEL_NAME, model.name());
        if (search.groups != null) {
            settings.put("groups", search.groups.hash());
        }
        double error =
                Math.max(seen.validation.provenance().decompositionError(), seen.after.provenance.decompositionError());
        Provenance provenance = Provenance.now(
                        model.hash(), seen.validation.provenance().data(), 0, error, settings)
                .checked(model.selfCheck());
        TestScore score = seen.after.score;
        List<String> all = new ArrayList<>(warnings);
        all.addAll(Advice.onCalibration(seen.validation.size()));
        all.addAll(Advice.onUse(new Advice.Tested(off.method().label(), false, calibration.targetAccuracy(), score)));
        double chosen =
                TestScore.validation(off, folded.classifier(), seen.validation).value();
        new AdapterFile(
                        off,
                        folded.classifier(),
                        AdapterFile.info(
                                off,
                                dataset.prompts(),
                                spec,
                                chosen,
                                score.accuracy().value(),
                                calibration,
                                seen.after.provenance.data(),
                                provenance),
                        model.selfCheck())
                .warned(all)
                .tested(new AdapterFile.Tested(score.accuracy(), difference(seen.before, seen.after)))
                .write(out);
    }

    private ObjectNode json(Search search, Found found, Tested before, Tested after) {
        ObjectNode node = Schema.HEAD_SEARCH
                .document()
                .put("data", dataset.name())
                .put("with", search.with)
                .put("objective", search.objective)
                .put("candidates", search.candidates)
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
        PairedDifference difference = difference(before, after);
        node.set(
                "test_difference",
                Json.object()
                        .put("value", difference.value())
                        .put("low", difference.low())
                        .put("high", difference.high())
                        .put("gained", difference.gained())
                        .put("lost", difference.lost()));
        node.set("provenance", before.provenance.json());
        return node;
    }

    /** The objective as users write it; accuracy for null, worst-group where groups are given. */
    static String objective(@Nullable String named, boolean grouped) {
        if (named == null) {
            return grouped ? "worst-group" : "accuracy";
        }
        List<String> known = Arrays.asList("accuracy", "worst-class", "worst-group");
        if (!known.contains(named)) {
            throw InputException.at("--objective", "'" + named + "'", String.join(", ", known), "Correct it");
        }
        if (named.equals("worst-group") && !grouped) {
            throw InputException.at(
                    "--objective", "worst-group without --groups", "a table of groups", "Give --groups");
        }
        if (named.equals("worst-class") && grouped) {
            throw InputException.at(
                    "--objective", "worst-class with --groups", "worst-group or accuracy", "Leave one out");
        }
        return named;
    }

    private static PairedDifference difference(Tested before, Tested after) {
        BitSet gained = Objects.requireNonNull(after.score.right());
        BitSet lost = Objects.requireNonNull(before.score.right());
        BitSet plain = (BitSet) lost.clone();
        lost.andNot(gained);
        gained.andNot(plain);
        return new PairedDifference(
                gained.cardinality(), lost.cardinality(), after.score.accuracy().of());
    }

    private static ObjectNode json(Tested tested) {
        Accuracy all = tested.score.accuracy();
        ObjectNode node = Json.object()
                .put("accuracy", all.value())
                .put("accuracy_low", all.low())
                .put("accuracy_high", all.high())
                .put("worst_class", tested.worstClass())
                .put("images", all.of());
        return tested.worstGroup == null ? node : node.put("worst_group", tested.worstGroup);
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
        out.append(String.format(
                Locale.ROOT,
                "changed (%s): %s%ntest: accuracy %.3f (95 %%: %.3f to %.3f), %s; before %.3f, %s; %d images%n",
                found.path("with").asText(),
                heads,
                found.path("test").path("accuracy").asDouble(),
                found.path("test").path("accuracy_low").asDouble(),
                found.path("test").path("accuracy_high").asDouble(),
                worst(found.path("test")),
                found.path("test_before").path("accuracy").asDouble(),
                worst(found.path("test_before")),
                found.path("test").path("images").asInt()));
        if (!names.isEmpty()) {
            out.append(String.format(
                    Locale.ROOT,
                    "difference %+.3f (95 %%: %+.3f to %+.3f): %d images right only after, %d only before%n",
                    found.path("test_difference").path("value").asDouble(),
                    found.path("test_difference").path("low").asDouble(),
                    found.path("test_difference").path("high").asDouble(),
                    found.path("test_difference").path("gained").asInt(),
                    found.path("test_difference").path("lost").asInt()));
        }
        if (found.path("adapter").isTextual()) {
            out.append("Written to ")
                    .append(Printable.line(found.path("adapter").asText()))
                    .append(System.lineSeparator());
        }
        return out.toString();
    }

    private static String worst(JsonNode tested) {
        String text = String.format(
                Locale.ROOT, "worst class %.3f", tested.path("worst_class").asDouble());
        return tested.has("worst_group")
                ? text
                        + String.format(
                                Locale.ROOT,
                                ", worst group %.3f",
                                tested.path("worst_group").asDouble())
                : text;
    }
}
