package io.residual.sweep;

import io.residual.adapt.Method;
import io.residual.data.DatasetSpec;
import io.residual.data.Reading;
import io.residual.experiment.ExperimentSettings;
import io.residual.fit.FineTuner;
import io.residual.provenance.ContentHash;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The names under which a sweep's folder keeps runs and traces: hashes of what decides their numbers. Everything is written out with
 * the words of the first version, so that a renaming in the program does not make a sweep forget what it has.
 */
final class RunKey {
    private static final Map<String, String> FIRST_WORDS = Map.of(
            "penalties", "pulls",
            "penalty", "pull",
            "linear_rate", "linear rate",
            "star_others", "ResiDual* others");

    private RunKey() {}

    /**
     * The key of a run.
     *
     * @param model hash of the model's files
     * @param allImages whether the sweep draws no few images
     */
    static String of(
            String model,
            DatasetSpec recipe,
            Reading reading,
            List<String> templates,
            Sweep.Fit fit,
            boolean allImages) {
        ExperimentSettings settings = fit.variant().settings();
        Map<String, String> alignment = new TreeMap<>();
        settings.alignment()
                .byName()
                .forEach((name, value) -> alignment.put(FIRST_WORDS.getOrDefault(name, name), value));
        return new ContentHash()
                .add(model)
                .add(text(recipe))
                .add(text(reading))
                .add(templates.toString())
                .add(fit.variant().bases())
                .add(fit.variant().method().id())
                .add(alignment.toString())
                .add(String.valueOf(settings.alignment().seed()))
                .add(fit.variant().method() == Method.FULL ? text(settings.tuning()) : "")
                .add(String.valueOf(settings.targetAccuracy()))
                .add(fit.shots() + " " + fit.draw() + " " + allImages)
                .hex()
                .substring(0, 20);
    }

    /** What the folder of a data set's traces has after its name. */
    static String ofTraces(DatasetSpec recipe, Reading reading) {
        return new ContentHash().add(text(recipe) + text(reading)).hex().substring(0, 8);
    }

    private static String text(DatasetSpec s) {
        return "DatasetSpec[source=" + s.source() + ", train=" + s.train() + ", validation=" + s.validation()
                + ", test=" + s.test() + ", validationShare=" + s.validationShare() + ", testShare=" + s.testShare()
                + ", seed=" + s.seed() + "]";
    }

    private static String text(Reading r) {
        return "Reading[label=" + r.label() + ", classes=" + r.classes() + ", pooled=" + r.pooled() + "]";
    }

    private static String text(FineTuner.Settings s) {
        return "Settings[rate=" + s.rate() + ", weightDecay=" + s.weightDecay() + ", clip=" + s.clip() + ", batch="
                + s.batch() + ", epochs=" + s.epochs() + ", patience=" + s.patience() + ", seed=" + s.seed() + "]";
    }
}
