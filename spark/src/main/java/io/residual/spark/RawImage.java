package io.residual.spark;

import org.jspecify.annotations.Nullable;

/**
 * An image as it is stored, or why there is none.
 *
 * @param label from 0, or {@link #UNLABELLED}
 * @param bytes an image's file, or null
 * @param problem why, or null
 */
public record RawImage(
        String name,
        int label,
        byte @Nullable [] bytes,
        @Nullable String problem) {
    /** The label of an image that has none. */
    static final int UNLABELLED = -1;

    static RawImage of(String name, int label, byte[] bytes) {
        return new RawImage(name, label, bytes, null);
    }

    static RawImage failed(String name, int label, String problem) {
        return new RawImage(name, label, null, problem);
    }
}
