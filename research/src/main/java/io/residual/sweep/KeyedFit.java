package io.residual.sweep;

import io.residual.adapt.Method;
import io.residual.experiment.FewShots;
import io.residual.model.ImageTextModel;
import io.residual.sweep.Sweep.Data;
import java.util.List;

/** A fit with the key of its row in the store. */
record KeyedFit(Sweep.Fit fit, String key) {
    /** What a sweep wants for a model and a data set, in order. */
    static List<KeyedFit> of(Sweep sweep, ImageTextModel model, Data data) {
        return sweep.fits().stream()
                .map(fit -> new KeyedFit(
                        fit,
                        RunKey.of(
                                model.hash(),
                                data.recipe(),
                                data.reading(),
                                data.templates(),
                                fit,
                                sweep.allImagesOnly())))
                .toList();
    }

    /** What changes embeddings, fitted on all images, over all data sets. */
    static List<KeyedFit> adapters(Sweep sweep, ImageTextModel model) {
        return sweep.data().stream()
                .flatMap(data -> of(sweep, model, data).stream())
                .filter(k -> k.fit.shots() == FewShots.ALL
                        && k.fit.variant().method().changesEmbeddings())
                .toList();
    }

    /** Whether it tunes the tower itself, so that images must be encoded anew. */
    boolean tunesTower() {
        return fit.variant().method() == Method.FULL;
    }
}
