package io.residual.images;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Images that are kept encoded somewhere, so that something can be said of them without decoding. */
public interface StoredImages extends ImageSource {
    /** Whether all images are in fact kept encoded: a list of images from elsewhere is what these are. */
    default boolean isEncoded() {
        return true;
    }

    /**
     * A fingerprint that is equal for images with the same bytes and almost never for others. Null if it would cost too
     * much, or there are no bytes.
     */
    @Nullable
    String fingerprint(int i);

    /**
     * Image {@code i} as it is stored.
     *
     * @throws IOException if it cannot be read
     */
    byte[] bytes(int i) throws IOException;

    /** The first {@link Signatures#LENGTH} bytes, or fewer if there are no more; null where they cannot be had cheaply. */
    byte @Nullable [] head(int i);
}
