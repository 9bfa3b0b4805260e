package io.residual.fit;

import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.HeadScaleDesign;
import io.residual.adapt.Method;
import io.residual.adapt.OutputDesign;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.units.Trace;
import io.residual.zeroshot.Classifier;

/** Fits any method on one data set. */
public final class Aligner {
    private final Bases bases;
    private final AlignmentSettings settings;
    private final Trainer trainer;
    private final Unlabelled unlabelled;

    /**
     * An aligner for one data set.
     *
     * @param bases PCA bases of the components
     */
    public Aligner(
            Trace<Split.Train> train,
            Trace<Split.Validation> validation,
            Bases bases,
            Classifier classifier,
            AlignmentSettings settings,
            Progress progress) {
        this(train, validation, bases, classifier, settings, Unlabelled.NONE, progress);
    }

    /**
     * An aligner for one data set of which some training images are used without their labels.
     *
     * @param bases PCA bases of the components
     * @param unlabelled training images that are not in {@code train}
     */
    public Aligner(
            Trace<Split.Train> train,
            Trace<Split.Validation> validation,
            Bases bases,
            Classifier classifier,
            AlignmentSettings settings,
            Unlabelled unlabelled,
            Progress progress) {
        this.bases = bases;
        this.settings = settings;
        this.unlabelled = unlabelled;
        this.trainer = new Trainer(train, validation, classifier, settings, progress);
    }

    /** Fits a method. Full fine-tuning is no adapter: see {@link FineTuner}. */
    public Trainer.Fitted fit(Method method) {
        return switch (method) {
            case BASE -> trainer.base();
            case HEADS_OFF -> throw new IllegalArgumentException("heads are switched off by a search: PassSearch");
            case FULL -> throw new IllegalArgumentException("full fine-tuning makes another tower, no adapter");
            case LINEAR -> trainer.linear();
            case RESIDUAL -> trainer.fit(ComponentDesign.residual(bases.frame(), bases.units(), settings.means()));
            case RESIDUAL_STAR ->
                trainer.fit(ComponentDesign.residualStar(
                        bases.frame(), bases.units(), settings.variance(), settings.starOthers(), settings.means()));
            case COARSE -> trainer.fit(new HeadScaleDesign(bases.frame(), settings.starOthers()));
            case HEAD_ABLATION -> trainer.ablation(settings.goal());
            case OUTPUT_SPECTRAL -> trainer.fit(OutputDesign.of(bases.output(), settings.means()));
            case PROBE -> trainer.probe();
            case TIP -> trainer.tip(false);
            case TIP_TUNED -> trainer.tip(true);
            case RESIDUAL_GDA ->
                trainer.residualGaussian(ComponentDesign.residualStar(
                        bases.frame(), bases.units(), settings.variance(), Others.KEPT, Means.RESTORED));
            case GDA, KERNEL_RIDGE, TEXT_PROBE, CLAP, LP_PLUS, RLA, TASK_RES, CROSS_MODAL, TRANSCLIP_ZERO, TRANSCLIP ->
                trainer.fewLabels(method, unlabelled);
        };
    }
}
