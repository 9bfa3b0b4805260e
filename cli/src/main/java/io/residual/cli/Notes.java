package io.residual.cli;

import io.residual.catalogue.Datasets;
import io.residual.world.EmbeddedModels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Notes on a model and a data set, printed with results. */
final class Notes {
    /** For photographs, where nothing better is at hand: a CLIP that the program knows how to fetch. */
    private static final String PHOTOGRAPHS =
            "for photographs take a model that was trained on some, such as --model timm/vit_base_patch16_clip_224.openai"
                    + " (OpenAI's CLIP ViT-B/16, 600 MB, fetched on first use)";

    private Notes() {}

    /** Of zero-shot predictions on a user's own images by a model that ships; null for another model. */
    static @Nullable String onOwnImages(String model) {
        return EmbeddedModels.has(model)
                ? model + " ships with the program, was pre-trained on drawings alone and knows no photograph: these"
                        + " answers mean little; " + PHOTOGRAPHS
                : null;
    }

    static List<String> on(String model, String data) {
        if (EmbeddedModels.has(model) && !Datasets.isEmbedded(data)) {
            return List.of(
                    "the embedded model was pre-trained on drawings only and has never seen a photograph. On other images Base"
                            + " is near chance, and accuracies do not show what a model of photographs would reach; "
                            + PHOTOGRAPHS);
        }
        return List.of();
    }
}
