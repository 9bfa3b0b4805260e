package io.residual.trials.fuzz;

import io.residual.images.PictureDecoder;
import io.residual.spark.RawPicture;
import io.residual.spark.TarPictures;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Tars of pictures: their names, their labels, what lies in them. */
public final class TarFuzz {
    private static final int MOST = 1000;

    private TarFuzz() {}

    /** Called by the fuzzer. A task takes an {@link IOException} for the end of a tar. */
    public static void fuzzerTestOneInput(byte[] data) {
        try (TarPictures tar = new TarPictures("a.tar", new ByteArrayInputStream(data))) {
            for (int i = 0; i < MOST; i++) {
                RawPicture picture = tar.next();
                if (picture == null) {
                    return;
                }
                byte[] bytes = picture.bytes();
                if (bytes != null) {
                    Scratch.read(() -> PictureDecoder.decode(bytes, picture.name(), 1_000_000));
                }
            }
        } catch (IOException e) {
            if (e.getMessage() == null) {
                throw new IllegalStateException("an error without a message", e);
            }
        }
    }
}
