package io.residual.experiment;

import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.fit.Bases;
import io.residual.model.ImageTextModel;
import io.residual.units.CachedTracer;
import io.residual.units.ImageTracer;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import org.jspecify.annotations.Nullable;

/**
 * Experiments with one model: they share its tracer and, where components come from general images, those components. For one
 * thread at a time; the model stays the caller's.
 */
public final class Experiments {
    private final ImageTextModel model;
    private final ImageTracer tracer;
    private final @Nullable LabelledImages<Split.Train> general;
    private final Progress progress;
    private @Nullable Bases generalBases;
    private @Nullable KeptFits kept;
    private @Nullable String computing;
    private @Nullable String basesHash;

    /**
     * Experiments whose components come from each data set's own training images, or from general ones.
     *
     * @param general images whose components serve as bases for every data set; null for each one's own training images
     */
    public Experiments(ImageTextModel model, @Nullable LabelledImages<Split.Train> general, Progress progress) {
        this(model, new Tracer(model), general, progress);
    }

    /** Experiments whose images are traced elsewhere, by the same model. */
    public Experiments(
            ImageTextModel model,
            ImageTracer tracer,
            @Nullable LabelledImages<Split.Train> general,
            Progress progress) {
        this.model = model;
        this.tracer = tracer;
        this.general = general;
        this.progress = progress;
    }

    /** Keeps fits until the run is finished, and takes those that a run left that was stopped; null keeps none. */
    public Experiments keeping(@Nullable KeptFits fits) {
        kept = fits;
        return this;
    }

    @Nullable
    KeptFits kept() {
        return kept;
    }

    /**
     * An experiment on a data set; images are traced when first needed.
     *
     * @param spec specification of the data set, stored in adapter files
     */
    public Experiment on(Dataset dataset, DatasetSpec spec, ExperimentSettings settings) {
        return on(dataset, spec, settings, new Traced(dataset));
    }

    /** An experiment whose traces are made or kept elsewhere. */
    public Experiment on(Dataset dataset, DatasetSpec spec, ExperimentSettings settings, Traces traces) {
        return new Experiment(this, dataset, spec, settings, traces);
    }

    ImageTextModel model() {
        return model;
    }

    Progress progress() {
        return progress;
    }

    /** The source of the PCA bases, as words for provenance. */
    String basesInWords() {
        return general == null ? "own training images" : "general images";
    }

    /** A hash of the program, the model and how images are read. */
    String computing() {
        String known = computing;
        if (known == null) {
            known = CachedTracer.computing(model, Experiments.class);
            computing = known;
        }
        return known;
    }

    /** A hash of the general images; empty where there are none. */
    String basesHash() {
        String known = basesHash;
        if (known == null) {
            known = general == null ? "" : CachedTracer.content(general, "general images", progress);
            basesHash = known;
        }
        return known;
    }

    /** The bases for a data set with these training images. */
    Bases bases(Trace<Split.Train> train) {
        if (general == null) {
            return new Bases(train);
        }
        Bases known = generalBases;
        if (known == null) {
            known = new Bases(tracer.trace(general, "general images", progress));
            generalBases = known;
        }
        return known;
    }

    /** Traces made by this model when asked for. */
    private final class Traced implements Traces {
        private final Dataset dataset;

        Traced(Dataset dataset) {
            this.dataset = dataset;
        }

        @Override
        public Trace<Split.Train> train() {
            return tracer.trace(dataset.train(), dataset.name() + " train", progress);
        }

        @Override
        public Trace<Split.Validation> validation() {
            return tracer.trace(dataset.validation(), dataset.name() + " validation", progress);
        }

        @Override
        public Trace<Split.Test> test() {
            return tracer.trace(dataset.test(), dataset.name() + " test", progress);
        }
    }
}
