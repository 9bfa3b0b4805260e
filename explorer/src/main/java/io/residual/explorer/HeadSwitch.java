package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.FoldedAdapter;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.LabelledImages;
import io.residual.images.Preprocessing;
import io.residual.intervene.Activations;
import io.residual.intervene.Change;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.ImageConfig;
import io.residual.predict.EffectStudy;
import io.residual.predict.EffectStudy.Measure;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.zeroshot.Classifier;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One unit switched off inside the forward pass, on few images: direct and total effect. For one thread at a time. */
final class HeadSwitch {
    /** Validation images that effects are measured on, at most. */
    static final int IMAGES = 32;

    /** Fewer of them say nothing. */
    private static final int LEAST = 4;

    /** Multiplications and additions for one answer, about: some seconds of a few cores, since somebody waits. */
    private static final double WORK = 1.5e12;

    /** Passes that an image costs at most: the plain one, which is continued, and the changed one. */
    private static final int PASSES = 2;

    private final ReportSource source;
    private final UnitFrame frame;
    private @Nullable Activations mean;

    HeadSwitch(ReportSource source, UnitFrame frame) {
        this.source = source;
        this.frame = frame;
    }

    /**
     * The effect of a unit's absence at every token.
     *
     * @param with {@code mean} (over training images, token by token) or {@code zero}
     * @return {@code plain}, {@code direct} and {@code total}, each {@code accuracy}, {@code accuracy_low},
     *     {@code accuracy_high}, {@code right}, {@code label_logit} and {@code moved}; {@code images}
     */
    ObjectNode off(String name, String with, Adapter adapter, Classifier classifier) {
        UnitId unit = frame.shape().named(name, "the unit");
        if (unit.kind() != UnitId.Kind.HEAD && unit.kind() != UnitId.Kind.MLP) {
            throw InputException.at("the unit", "'" + name + "'", "a head or an MLP", "Choose another");
        }
        if (!with.equals("mean") && !with.equals("zero")) {
            throw InputException.at("'with'", "'" + with + "'", "mean or zero", "Correct it");
        }
        LabelledImages<?> images = source.dataset().validation().atMost(images(), 0);
        try (FoldedAdapter folded =
                FoldedAdapter.of(adapter, classifier, frame, source.model().image())) {
            EffectStudy study = new EffectStudy(source.model(), folded, Progress.silent());
            Change change = with.equals("zero") ? Change.ZERO : new Change.Replace(mean(study));
            EffectStudy.Result result = study.each(images, "switching " + name, List.of(unit), change, Tokens.ALL);
            ObjectNode node = Schema.EXPLORATION
                    .document()
                    .put("unit", name)
                    .put("with", with)
                    .put("images", result.plain().accuracy().of());
            node.set("plain", json(result.plain()));
            node.set("direct", json(result.effects().get(0).direct()));
            node.set("total", json(result.effects().get(0).total()));
            return node;
        }
    }

    /** As many images as the model's size allows while somebody waits. */
    private int images() {
        ImageConfig config = source.model().image().config();
        Preprocessing input = source.model().preprocessing();
        double patch = config.patchSize();
        double tokens = 1 + input.inputHeight() / patch * (input.inputWidth() / patch);
        double pass = 24.0 * config.width() * config.width() * config.layers() * tokens;
        return (int) Math.max(LEAST, Math.min(IMAGES, WORK / (PASSES * pass)));
    }

    private Activations mean(EffectStudy study) {
        Activations known = mean;
        if (known == null) {
            known = study.mean(
                    source.dataset().train().atMost(2 * images(), 0),
                    source.dataset().name());
            mean = known;
        }
        return known;
    }

    private static ObjectNode json(Measure measure) {
        return Json.object()
                .put("accuracy", measure.accuracy().value())
                .put("accuracy_low", measure.accuracy().low())
                .put("accuracy_high", measure.accuracy().high())
                .put("right", measure.accuracy().right())
                .put("label_logit", measure.labelLogit())
                .put("moved", measure.moved());
    }
}
