package io.residual.robustness.fuzz;

import io.residual.base.Progress;
import io.residual.spectrum.TraceStatistics;
import io.residual.units.TraceFolder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Traces: the first byte says whether the manifest or a shard is damaged. */
public final class TraceFuzz {
    private TraceFuzz() {}

    private static final String MANIFEST =
            "{\"format\":\"residual-trace\",\"version\":1,\"split\":\"train\",\"shape\":{"
                    + "\"layers\":1,\"heads\":2,\"headWidth\":2,\"sharedWidth\":4},\"classes\":[\"a\",\"b\"],"
                    + "\"shards\":[\"shard-00000.safetensors\"],\"precision\":\"FULL\",\"skipped\":[],\"provenance\":{\"tool\":\"t\","
                    + "\"created\":\"c\",\"model\":\"m\",\"data\":\"d\",\"seed\":0,\"decompositionError\":0.0,\"settings\":{},"
                    + "\"certificate\":null}}";

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(data, 1, data.length);
        boolean shard = (data[0] & 1) == 1;
        Scratch.write("trace/manifest.json", shard ? MANIFEST.getBytes(StandardCharsets.UTF_8) : rest);
        Scratch.write("trace/shard-00000.safetensors", shard ? Scratch.safetensors(rest) : new byte[0]);
        Path folder = Scratch.at("trace");
        Scratch.read(() -> TraceFolder.names(folder));
        Scratch.read(() -> TraceStatistics.of(folder, Progress.silent()));
    }
}
