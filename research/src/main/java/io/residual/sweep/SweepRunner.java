package io.residual.sweep;

import io.residual.adapt.AdapterFile;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.BasisImages;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.experiment.Experiment;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.FewShots;
import io.residual.experiment.Fit;
import io.residual.experiment.Traces;
import io.residual.model.ImageTextModel;
import io.residual.sweep.Sweep.Data;
import io.residual.units.Tracer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a sweep in a folder: {@code results.duckdb}, {@code traces}, {@code adapters} and, while they are needed, {@code
 * towers}. For each model and data set the training and validation images are traced once, every wanted fit is made and
 * stored as it ends, and only when none is missing are the test images traced and everything scored. What is there
 * already is not done again, so a run that was killed goes on where it was.
 */
public final class SweepRunner implements AutoCloseable {
    private final Sweep sweep;
    private final SweepFiles files;
    private final SweepStore store;
    private final SweepRows rows;
    private final Progress shown;
    private final Map<String, SweepCost> costs = new HashMap<>(); // measured once a model

    /** In {@code folder}, which is created if it is missing. */
    public SweepRunner(Sweep sweep, Path folder, Progress shown) {
        this.sweep = sweep;
        this.files = new SweepFiles(folder);
        this.shown = shown;
        this.store = new SweepStore(files.results());
        this.rows = new SweepRows(sweep, store, files);
    }

    /** The results so far. */
    public SweepStore store() {
        return store;
    }

    /** Estimates what is left to do; models are opened, a few images traced. */
    public List<Estimate> estimate() {
        List<Estimate> all = new ArrayList<>();
        for (String name : sweep.models()) {
            try (ImageTextModel model = Models.open(name, shown)) {
                all.add(Estimate.of(sweep, store, files, opened(name, model)));
            }
        }
        return all;
    }

    /** A model whose speed has been measured. */
    private Work opened(String name, ImageTextModel model) {
        Tracer tracer = new Tracer(model);
        SweepCost cost = costs.computeIfAbsent(name, n -> SweepCost.of(tracer));
        return new Work(name, model, tracer, cost, new SweepProgress(shown, 0), files.traces(name, model));
    }

    /**
     * A result that the sweep asks for, by the key of its row; the row may have been made under other names.
     *
     * @param key of the row
     * @param dataset its label
     */
    public record Wanted(String key, String model, String dataset, Sweep.Fit fit) {}

    /** Does all that is left to do; gives what was asked for, all of it in the store. */
    public List<Wanted> run() {
        SweepCheck.names(sweep); // a wrong name should show before hours have been spent on the right ones
        List<Wanted> wanted = new ArrayList<>();
        for (String name : sweep.models()) {
            try (ImageTextModel model = Models.open(name, shown)) {
                for (Data data : sweep.data()) {
                    KeyedFit.of(sweep, model, data)
                            .forEach(k -> wanted.add(new Wanted(k.key(), name, data.label(), k.fit())));
                }
                Work idle = opened(name, model);
                run(idle.with(new SweepProgress(
                        shown, Estimate.of(sweep, store, files, idle).seconds())));
            }
        }
        return wanted;
    }

    private void run(Work work) {
        for (Data data : sweep.data()) {
            work.progress().task(work.name() + ", " + data.label());
            pair(work, data);
        }
        if (sweep.forgetting()) {
            work.progress().task(work.name() + ", forgetting");
            new SweepForgetting(sweep, store, files).measure(work);
        }
        if (!sweep.keepTowers()) {
            for (Data data : sweep.data()) {
                KeyedFit.of(sweep, work.model(), data).forEach(k -> AtomicFiles.delete(files.tower(k.key())));
            }
        }
    }

    /**
     * What a finished sweep has of a model and a data set.
     *
     * @param label of the data set
     * @param source where it came from
     * @param traces read from the sweep's folder when asked for, or made
     * @param adapters of all images that have been tested, by the name of their method
     */
    public record Measured(
            String model,
            String label,
            String source,
            Dataset dataset,
            Traces traces,
            Map<String, AdapterFile> adapters) {}

    /** What a visitor of a finished sweep is given: a model with what was measured of every data set, in order. */
    public interface Visitor {
        /** {@code folder}: the model's. */
        void visit(ImageTextModel model, Path folder, List<Measured> measured);
    }

    /**
     * Shows what is there of every model.
     *
     * @throws InputException if something has not been measured
     */
    public void visit(Visitor visitor) {
        SweepCheck.names(sweep);
        for (String name : sweep.models()) {
            try (ImageTextModel model = Models.open(name, shown)) {
                Tracer tracer = new Tracer(model);
                Work work = new Work(
                        name,
                        model,
                        tracer,
                        new SweepCost(0, 1, tracer.frame().shape()),
                        new SweepProgress(shown, 0),
                        files.traces(name, model));
                visitor.visit(
                        model,
                        Models.folder(name, shown),
                        sweep.data().stream().map(d -> measured(work, d)).toList());
            }
        }
    }

    private Measured measured(Work work, Data data) {
        Dataset dataset = SweepData.open(data);
        Map<String, AdapterFile> adapters = new LinkedHashMap<>();
        Set<String> tested = store.keys(true);
        for (KeyedFit each : KeyedFit.of(sweep, work.model(), data)) {
            boolean adapter = each.fit().shots() == FewShots.ALL && !each.tunesTower();
            if (adapter && tested.contains(each.key())) {
                adapters.put(each.fit().variant().name(), files.read(work, each));
            }
        }
        if (adapters.isEmpty()) {
            throw InputException.at(
                    files.folder(),
                    "no fits of " + data.label() + " by " + work.name() + " with all images",
                    "a sweep that has been run",
                    "Run residual reproduce with this --out first, or leave the set out with --data");
        }
        return new Measured(
                work.name(),
                data.label(),
                data.recipe().source(),
                dataset,
                new SweepTraces(store, work, data, dataset),
                adapters);
    }

    private void pair(Work work, Data data) {
        List<KeyedFit> wanted = KeyedFit.of(sweep, work.model(), data);
        Set<String> tested = store.keys(true);
        if (wanted.stream().allMatch(k -> tested.contains(k.key()))) {
            return;
        }
        Dataset dataset = SweepData.open(data);
        SweepTraces kept = new SweepTraces(store, work, data, dataset);
        fit(work, data, dataset, wanted, kept);
        // Every choice has been made and stored; only now is the test split opened, and nothing is fitted in what opens
        // it.
        Experiment testing = new Experiments(work.model(), work.tracer(), null, work.progress())
                .on(dataset, data.recipe(), ExperimentSettings.DEFAULT, kept);
        for (KeyedFit each : wanted) {
            if (!tested.contains(each.key())) {
                test(work, testing, each, kept);
            }
        }
    }

    private void fit(Work work, Data data, Dataset dataset, List<KeyedFit> wanted, Traces kept) {
        Set<String> fitted = store.keys(false);
        Map<String, OnBases> prepared = new HashMap<>();
        for (KeyedFit each : wanted) {
            if (fitted.contains(each.key())) {
                continue;
            }
            Sweep.Fit fit = each.fit();
            OnBases on = prepared.computeIfAbsent(
                    fit.variant().bases(), bases -> new OnBases(work, data, dataset, bases, kept));
            Experiment drawn = on.drawn(fit).with(fit.variant().settings());
            try (Fit made = drawn.fit(fit.variant().method())) {
                rows.fitted(work, data, each, drawn, made);
            }
            work.progress().done(Estimate.seconds(work.cost(), fit, dataset));
        }
    }

    /** What fits on one data set share that take their components from the same images. */
    private final class OnBases {
        private final Experiment whole;
        private @Nullable Experiment drawn;
        private int shots;
        private long draw;

        OnBases(Work work, Data data, Dataset dataset, String bases, Traces kept) {
            whole = new Experiments(
                            work.model(),
                            work.tracer(),
                            BasisImages.of(bases, work.name(), data.recipe().source()),
                            work.progress())
                    .on(dataset, data.recipe(), ExperimentSettings.DEFAULT, kept);
        }

        /** The images of a fit: drawn once for all methods that see the same. */
        Experiment drawn(Sweep.Fit fit) {
            Experiment known = drawn;
            if (known == null || shots != fit.shots() || draw != fit.draw()) {
                known = sweep.allImagesOnly() ? whole : whole.few(fit.shots(), fit.draw());
                drawn = known;
                shots = fit.shots();
                draw = fit.draw();
            }
            return known;
        }
    }

    private void test(Work work, Experiment testing, KeyedFit each, Traces kept) {
        try (Fit fit = restored(work, testing, each)) {
            rows.tested(
                    each,
                    fit.test(),
                    fit.classifier().classes(),
                    kept.test().provenance().data());
        }
    }

    /** A fit that was stored, with its tuned tower where it has one. */
    private Fit restored(Work work, Experiment testing, KeyedFit each) {
        return each.tunesTower()
                ? testing.restored(files.read(work, each), ImageTextModel.open(files.tower(each.key())))
                : testing.restored(files.read(work, each));
    }

    @Override
    public void close() {
        store.close();
    }
}
