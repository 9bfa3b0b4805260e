package io.residual.trials.fuzz;

import io.residual.images.PictureDecoder;

/** Pictures in every format, up to a million pixels. */
public final class PictureFuzz {
    private PictureFuzz() {}

    private static final long PIXELS = 1_000_000;

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        Scratch.read(() -> PictureDecoder.decode(data, "picture", PIXELS));
    }
}
