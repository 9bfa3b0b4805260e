package io.residual.alignment;

import io.residual.base.Progress;
import io.residual.images.Split;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.units.Trace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fits any method by name, computing what several of them need only once. */
public final class Aligner {
    private final Trace<Split.Train> bases;
    private final AlignmentSettings settings;
    private final Trainer trainer;
    private @Nullable List<Spectrum> spectra;

    /**
     * An aligner for one data set.
     *
     * @param bases the images whose principal components are used: the training split itself, or a general one
     */
    public Aligner(
            Trace<Split.Train> train,
            Trace<Split.Validation> validation,
            Trace<Split.Train> bases,
            Classifier classifier,
            AlignmentSettings settings,
            Progress progress) {
        this.bases = bases;
        this.settings = settings;
        this.trainer = new Trainer(train, validation, classifier, settings, progress);
    }

    /** Fits a method. */
    public Trainer.Fitted fit(Method method) {
        return switch (method) {
            case BASE -> trainer.base();
            case LINEAR -> trainer.linear();
            case RESIDUAL -> trainer.fit(ComponentDesign.residual(bases.frame(), spectra(), settings.means()));
            case RESIDUAL_STAR ->
                trainer.fit(
                        ComponentDesign.residualStar(bases.frame(), spectra(), settings.variance(), settings.means()));
            case COARSE -> trainer.fit(new HeadScaleDesign(bases.frame()));
            case OUTPUT_SPECTRAL -> trainer.fit(OutputDesign.of(Pca.ofOutput(bases), settings.means()));
        };
    }

    private List<Spectrum> spectra() {
        List<Spectrum> known = spectra;
        if (known == null) {
            known = Pca.of(bases, bases.shape().ids());
            spectra = known;
        }
        return known;
    }
}
