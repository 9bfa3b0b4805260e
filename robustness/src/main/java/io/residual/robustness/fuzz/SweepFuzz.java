package io.residual.robustness.fuzz;

import io.residual.sweep.SweepFile;
import java.nio.charset.StandardCharsets;

/** YAML of sweeps. */
public final class SweepFuzz {
    private SweepFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        Scratch.read(() -> SweepFile.parse(new String(data, StandardCharsets.UTF_8), "sweep.yaml"));
    }
}
