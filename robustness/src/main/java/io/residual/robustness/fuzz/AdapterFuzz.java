package io.residual.robustness.fuzz;

import io.residual.adapt.AdapterFile;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.nio.file.Path;

/** Adapters of a model with one layer of two heads. */
public final class AdapterFuzz {
    private AdapterFuzz() {}

    private static final UnitShape SHAPE = new UnitShape(1, 2, 2, 4);
    private static final UnitFrame FRAME = new UnitFrame(SHAPE, new float[2 * 4 * 5]);

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        Path file = Scratch.write("a.adapter", Scratch.safetensors(data));
        Scratch.read(() -> AdapterFile.read(file, FRAME, "hash"));
    }
}
