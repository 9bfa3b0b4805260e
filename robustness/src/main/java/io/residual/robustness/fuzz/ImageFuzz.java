package io.residual.robustness.fuzz;

import io.residual.images.ImageDecoder;

/** Images in every format, up to a million pixels. */
public final class ImageFuzz {
    private ImageFuzz() {}

    private static final long PIXELS = 1_000_000;

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        Scratch.read(() -> ImageDecoder.decode(data, "picture", PIXELS));
    }
}
