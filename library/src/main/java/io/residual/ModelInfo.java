package io.residual;

import java.util.List;

/**
 * The shape and identity of a model.
 *
 * @param family CLIP, OpenCLIP, BLIP, ViT or DINOv2
 * @param layers L
 * @param heads attention heads per layer, H
 * @param width of the residual stream, d
 * @param sharedWidth of embeddings, D
 * @param imageSize input size in pixels per side
 * @param patchSize patch size in pixels per side
 * @param hasText whether it has a text tower
 * @param hash SHA-256 of its weights and configuration; adapters are bound to it
 * @param warnings warnings about the checkpoint, one sentence each
 */
public record ModelInfo(
        String family,
        int layers,
        int heads,
        int width,
        int sharedWidth,
        int imageSize,
        int patchSize,
        boolean hasText,
        String hash,
        List<String> warnings) {
    /** Copies the warnings. */
    public ModelInfo {
        warnings = List.copyOf(warnings);
    }
}
