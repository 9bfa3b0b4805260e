package io.residual.spark;

import org.jspecify.annotations.Nullable;

/**
 * A picture as it is stored, or why there is none.
 *
 * @param label from 0, or {@link #UNLABELLED}
 * @param bytes a picture's file, or null
 * @param problem why, or null
 */
public record RawPicture(
        String name,
        int label,
        byte @Nullable [] bytes,
        @Nullable String problem) {
    /** The label of a picture that has none. */
    static final int UNLABELLED = -1;

    static RawPicture of(String name, int label, byte[] bytes) {
        return new RawPicture(name, label, bytes, null);
    }

    static RawPicture failed(String name, int label, String problem) {
        return new RawPicture(name, label, null, problem);
    }
}
