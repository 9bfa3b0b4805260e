package io.residual.cli;

import io.residual.catalogue.Datasets;
import io.residual.world.EmbeddedModels;
import java.util.List;

/** Notes on a model and a data set, printed with results. */
final class Notes {
    private Notes() {}

    static List<String> on(String model, String data) {
        if (EmbeddedModels.has(model) && !Datasets.isEmbedded(data)) {
            return List.of(
                    "the embedded model was pre-trained on drawings only. On other images Base is near chance, and"
                            + " accuracies do not show what a model of photographs would reach. Give one, such as --model"
                            + " openai/clip-vit-base-patch16");
        }
        return List.of();
    }
}
