package io.residual.robustness.fuzz;

import io.residual.images.ImageDecoder;
import io.residual.spark.RawImage;
import io.residual.spark.TarImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Tars of images: their names, their labels, what lies in them. */
public final class TarFuzz {
    private static final int MOST = 1000;

    private TarFuzz() {}

    /** Called by the fuzzer. A task takes an {@link IOException} for the end of a tar. */
    public static void fuzzerTestOneInput(byte[] data) {
        try (TarImages tar = new TarImages("a.tar", new ByteArrayInputStream(data))) {
            for (int i = 0; i < MOST; i++) {
                RawImage image = tar.next();
                if (image == null) {
                    return;
                }
                byte[] bytes = image.bytes();
                if (bytes != null) {
                    Scratch.read(() -> ImageDecoder.decode(bytes, image.name(), 1_000_000));
                }
            }
        } catch (IOException e) {
            if (e.getMessage() == null) {
                throw new IllegalStateException("an error without a message", e);
            }
        }
    }
}
