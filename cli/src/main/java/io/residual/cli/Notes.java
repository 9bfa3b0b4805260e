package io.residual.cli;

import io.residual.catalogue.Datasets;
import io.residual.catalogue.EmbeddedModels;
import java.util.List;

/** What a reader should know about a model on a data set. */
final class Notes {
    private Notes() {}

    static List<String> on(String model, String data) {
        if (EmbeddedModels.has(model) && !Datasets.isWorld(data)) {
            return List.of("the embedded model has seen nothing but the embedded world's drawings, and knows few words:"
                    + " on real pictures Base is near chance, and what the adapters gain says what they can, not"
                    + " what a model trained on photographs would reach");
        }
        return List.of();
    }
}
