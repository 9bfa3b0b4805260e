package io.residual.sweep;

import io.residual.adapt.Adapter;
import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.Split;
import io.residual.experiment.Forgetting;
import io.residual.experiment.Forgetting.Captioned;
import io.residual.model.ImageTextModel;
import io.residual.sweep.Sweep.Data;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.world.EmbeddedModels;
import io.residual.zeroshot.Classifier;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What adapters of all images cost on the other data sets of a sweep, and on captions of the embedded world. */
final class SweepForgetting {
    private final Sweep sweep;
    private final SweepStore store;
    private final SweepFiles files;

    SweepForgetting(Sweep sweep, SweepStore store, SweepFiles files) {
        this.sweep = sweep;
        this.store = store;
        this.files = files;
    }

    /** Seconds for what is missing on a data set; 0 where the sweep does not ask for it. */
    double seconds(Work work, Data data, Dataset dataset) {
        return sweep.forgetting()
                ? missing(KeyedFit.adapters(sweep, work.model()), data.label()).stream()
                        .mapToDouble(each -> secondsOf(each, dataset, work.cost()))
                        .sum()
                : 0;
    }

    /** Every adapter of all images on every other data set's test images, and on captions of the embedded world. */
    void measure(Work work) {
        List<KeyedFit> adapters = KeyedFit.adapters(sweep, work.model());
        for (Data data : sweep.data()) {
            List<KeyedFit> left = missing(adapters, data.label());
            if (left.isEmpty()) {
                continue;
            }
            Dataset dataset = SweepData.open(data);
            SweepTraces traces = new SweepTraces(store, work, data, dataset);
            // Under another name than before there may be no trace yet, though every fit is there.
            Trace<Split.Test> test = traces.test();
            Classifier classifier = Classifier.of(work.model(), dataset.prompts(), traces::train);
            work.progress().start("what adapters do on " + data.label(), left.size());
            int done = 0;
            for (KeyedFit each : left) {
                Adapter adapter = files.read(work, each).adapter();
                Trace<Split.Test> seen = seen(
                        each,
                        test,
                        t -> t.trace(dataset.test(), dataset.name() + " for a tuned tower", Progress.silent()));
                Forgetting.Line line = new Forgetting(
                                List.of(new Forgetting.Task(data.label(), classifier, seen)), null)
                        .of(adapter, 1)
                        .get(0);
                line.accuracy().forEach((task, a) -> remember(each.key(), task, a.of(), a.value()));
                work.progress().at(++done);
                work.progress().done(secondsOf(each, dataset, work.cost()));
            }
            work.progress().finish();
        }
        if (EmbeddedModels.has(work.name()) && work.model().hasText()) {
            captions(work, adapters);
        }
    }

    private void captions(Work work, List<KeyedFit> adapters) {
        List<KeyedFit> left = missing(adapters, "captions found first");
        if (left.isEmpty()) {
            return;
        }
        CaptionedWorld world = new CaptionedWorld(work.model());
        Captioned plain = world.seenBy(work.tracer(), work.progress());
        for (KeyedFit each : left) {
            Captioned seen = seen(each, plain, tracer -> world.seenBy(tracer, work.progress()));
            Forgetting.Line line = new Forgetting(List.of(), seen)
                    .of(files.read(work, each).adapter(), 1)
                    .get(0);
            if (line.retrieval() != null) {
                remember(
                        each.key(),
                        "captions found in five",
                        CaptionedWorld.SIZE,
                        line.retrieval().textOfImage5());
                remember(
                        each.key(),
                        "captions found first",
                        CaptionedWorld.SIZE,
                        line.retrieval().textOfImage1());
            }
        }
    }

    /** What a fit's image tower makes of images: {@code plain} unless the tower was tuned, which must encode them itself. */
    private <T> T seen(KeyedFit each, T plain, Function<Tracer, T> encode) {
        if (!each.tunesTower()) {
            return plain;
        }
        try (ImageTextModel tuned = ImageTextModel.open(files.tower(each.key()))) {
            return encode.apply(new Tracer(tuned));
        }
    }

    /** Seconds to measure what one of them does on a data set: a tuned tower must trace the test images anew. */
    private static double secondsOf(KeyedFit each, Dataset dataset, SweepCost cost) {
        return .1 + (each.tunesTower() ? dataset.testSize() * cost.traceSeconds() : 0);
    }

    private List<KeyedFit> missing(List<KeyedFit> adapters, String task) {
        Set<String> known = new HashSet<>();
        store.rows("SELECT key FROM forgetting WHERE task = ?", task).forEach(r -> known.add(r.text("key")));
        Set<String> fitted = store.keys(false);
        return adapters.stream()
                .filter(k -> !known.contains(k.key()) && !(fitted.contains(k.key()) && isGone(k)))
                .toList();
    }

    /** A sweep that ended has deleted its tuned towers; when data are added to it later, nothing is left to measure with. */
    private boolean isGone(KeyedFit each) {
        return each.tunesTower() && !Files.exists(files.tower(each.key()));
    }

    private void remember(String key, String task, int images, double accuracy) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("key", key);
        row.put("task", task);
        row.put("images", images);
        row.put("accuracy", accuracy);
        store.put("forgetting", row);
    }
}
