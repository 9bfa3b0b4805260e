package io.residual.cli;

import io.residual.description.Dictionary;
import io.residual.description.KeptTexts;
import io.residual.model.ImageTextModel;
import io.residual.probing.Factor;
import io.residual.units.TraceCache;
import io.residual.world.EmbeddedModels;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The texts that heads and components are described by: a user's, or those that fit the model. */
final class Words {
    /** For help texts. */
    static final String DEFAULT =
            "Default: about 1,500 texts that ship, on photographs; for the models that ship, 130 on the"
                    + " drawings that they know.";

    private Words() {}

    /** The texts that fit a model: photographs' words mean nothing to a model of drawings. */
    static List<String> usual(ImageTextModel model) {
        return EmbeddedModels.has(model.name())
                ? Factor.sentences().stream().map(Factor.Sentence::text).toList()
                : Dictionary.shippedTexts();
    }

    /**
     * A dictionary under a model: of a user's file, or of the texts that fit.
     *
     * @param kept whether one that was encoded before is reused, and this one kept
     */
    static Dictionary of(@Nullable Path file, ImageTextModel model, boolean kept) {
        List<String> texts = file == null ? usual(model) : Dictionary.textsOf(file);
        return kept && TraceCache.ofUser().most() > 0
                ? KeptTexts.ofUser().dictionary(texts, model)
                : Dictionary.of(texts, model);
    }
}
