package io.residual.robustness.fuzz;

import io.residual.spectrum.SpectrumFile;
import java.nio.file.Path;

/** Files of spectra. */
public final class SpectrumFuzz {
    private SpectrumFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        Path file = Scratch.write("a.spectra", Scratch.safetensors(data));
        Scratch.read(() -> SpectrumFile.read(file));
    }
}
