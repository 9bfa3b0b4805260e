package io.residual.images;

import java.util.List;

/**
 * Some images, those that could be read.
 *
 * @param pixels n · 3 · height · width numbers, preprocessed
 * @param hashes SHA-256 of each decoded image with its label, n of 32 bytes
 * @param skipped images that could not be read, with the reason
 * @param unread their names, in the same order
 */
public record Batch(
        float[] pixels,
        int[] labels,
        List<String> names,
        List<byte[]> hashes,
        List<String> skipped,
        List<String> unread) {
    /** The number of images n. */
    public int size() {
        return labels.length;
    }
}
