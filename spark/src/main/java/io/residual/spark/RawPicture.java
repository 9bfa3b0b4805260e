package io.residual.spark;

import org.jspecify.annotations.Nullable;

/**
 * A picture as it is stored, or why there is none.
 *
 * @param bytes a picture's file, or null
 * @param problem why, or null
 */
record RawPicture(
        String name,
        int label,
        byte @Nullable [] bytes,
        @Nullable String problem) {
    static RawPicture of(String name, int label, byte[] bytes) {
        return new RawPicture(name, label, bytes, null);
    }

    static RawPicture failed(String name, int label, String problem) {
        return new RawPicture(name, label, null, problem);
    }
}
