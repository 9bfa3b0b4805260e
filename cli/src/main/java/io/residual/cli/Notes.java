package io.residual.cli;

import io.residual.catalogue.Datasets;
import io.residual.world.EmbeddedModels;
import java.util.List;

/** What a reader should know about a model on a data set. */
final class Notes {
    private Notes() {}

    static List<String> on(String model, String data) {
        if (EmbeddedModels.has(model) && !Datasets.isEmbedded(data)) {
            return List.of("the embedded model was pre-trained on drawings alone and has never seen a photograph; on"
                    + " images unlike its own world Base is near chance, and what the adapters gain shows that they"
                    + " work, not what a model trained on photographs would reach");
        }
        return List.of();
    }
}
