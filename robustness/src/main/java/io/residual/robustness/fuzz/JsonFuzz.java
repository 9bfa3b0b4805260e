package io.residual.robustness.fuzz;

import io.residual.data.Prompts;
import io.residual.description.Dictionary;
import io.residual.provenance.SelfCheck;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Self-checks, prompts and lists of sentences: the first byte says which. */
public final class JsonFuzz {
    private JsonFuzz() {}

    private static final int KINDS = 3;

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(data, 1, data.length);
        Path file = Scratch.write("a.json", rest);
        switch (Math.floorMod(data[0], KINDS)) {
            case 0 -> Scratch.read(() -> SelfCheck.parse(new String(rest, StandardCharsets.UTF_8), "a self-check"));
            case 1 -> Scratch.read(() -> new Prompts(List.of("a", "b"), List.of("{}")).overriddenBy(file));
            default -> Scratch.read(() -> Dictionary.textsOf(file));
        }
    }
}
