package io.residual;

import java.util.List;

/**
 * A model in numbers.
 *
 * @param family such as CLIP, OpenCLIP, BLIP, ViT or DINOv2
 * @param layers L
 * @param heads attention heads a layer, H
 * @param width of the residual stream, d
 * @param sharedWidth of embeddings, D
 * @param imageSize pixels a side that the tower takes
 * @param patchSize pixels a side of a patch
 * @param hasText whether it has a text tower
 * @param hash SHA-256 of its weights and configuration; adapters are bound to it
 * @param warnings what looks wrong about the checkpoint, one sentence each
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
    public ModelInfo {
        warnings = List.copyOf(warnings);
    }
}
