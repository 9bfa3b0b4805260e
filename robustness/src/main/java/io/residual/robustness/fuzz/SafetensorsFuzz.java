package io.residual.robustness.fuzz;

import io.residual.tensor.NativeScope;
import io.residual.weights.SafetensorsFile;
import java.nio.file.Path;

/** Safetensors: every tensor of a file that is accepted is read. */
public final class SafetensorsFuzz {
    private SafetensorsFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        Path file = Scratch.write("a.safetensors", data);
        Scratch.read(() -> {
            try (SafetensorsFile open = SafetensorsFile.open(file);
                    NativeScope scope = NativeScope.inference()) {
                open.names().forEach(open::read);
            }
        });
    }
}
