package io.residual.sweep;

import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.experiment.Traces;
import io.residual.sweep.Sweep.Data;
import io.residual.units.Trace;
import io.residual.units.TraceFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Traces in the sweep's folder: made when first asked for, and each read once. Not thread-safe. */
final class SweepTraces implements Traces {
    private final SweepStore store;
    private final Work work;
    private final Data data;
    private final Dataset dataset;
    private @Nullable Trace<Split.Train> train;
    private @Nullable Trace<Split.Validation> validation;
    private @Nullable Trace<Split.Test> test;

    SweepTraces(SweepStore store, Work work, Data data, Dataset dataset) {
        this.store = store;
        this.work = work;
        this.data = data;
        this.dataset = dataset;
    }

    @Override
    public Trace<Split.Train> train() {
        Trace<Split.Train> known = train;
        if (known == null) {
            known = traced(dataset.train(), "train", TraceFolder::train);
            train = known;
        }
        return known;
    }

    @Override
    public Trace<Split.Validation> validation() {
        Trace<Split.Validation> known = validation;
        if (known == null) {
            known = traced(dataset.validation(), "validation", TraceFolder::validation);
            validation = known;
        }
        return known;
    }

    @Override
    public Trace<Split.Test> test() {
        Trace<Split.Test> known = test;
        if (known == null) {
            known = traced(dataset.test(), "test", TraceFolder::test);
            test = known;
        }
        return known;
    }

    /** A trace from the sweep's folder, made first if it is not there. */
    private <S extends Split> Trace<S> traced(LabelledImages<S> images, String split, Function<Path, Trace<S>> reader) {
        Path target = SweepFiles.trace(work.traces(), data, split);
        if (!Files.exists(target)) {
            long started = System.nanoTime();
            TraceFolder.Manifest manifest = TraceFolder.write(
                    target,
                    work.tracer(),
                    images,
                    split,
                    dataset.prompts().classes(),
                    dataset.name() + " " + split,
                    TraceFolder.Precision.FULL,
                    work.progress());
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("model", work.name());
            row.put("dataset", data.label());
            row.put("split", split);
            row.put("images", images.size() - manifest.skipped().size());
            row.put("skipped", manifest.skipped().size());
            row.put("seconds", (System.nanoTime() - started) / 1e9);
            row.put("data_hash", manifest.provenance().data());
            row.put("decomposition_error", manifest.provenance().decompositionError());
            store.put("traces", row);
            work.progress().done(images.size() * work.cost().traceSeconds());
        }
        return reader.apply(target);
    }
}
