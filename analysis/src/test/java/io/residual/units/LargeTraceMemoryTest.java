package io.residual.units;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.data.Split;
import io.residual.fixtures.MadeUpTrace;
import io.residual.spectrum.TraceStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trace of the heads of a ViT-L/14 that is larger than the whole Java heap of the process that reads it. */
class LargeTraceMemoryTest {
    private static final UnitShape SHAPE =
            new UnitShape(24, 16, 64, 16); // a narrow space: few numbers beside the heads
    private static final int BLOCK = 256;
    private static final int BLOCKS = 6;
    private static final int HEAP = 96; // statistics of 384 heads are 14 MB, and there are several at a time

    @TempDir
    Path temporary;

    @Test
    void spectra_ofMoreThanTheHeapHolds() throws Exception {
        UnitFrame frame = MadeUpTrace.frame(SHAPE, 1);
        TraceBlock block = MadeUpTrace.block(frame, BLOCK, 4, 2);
        Trace<Split.Train> trace = MadeUpTrace.trace(
                frame, java.util.Collections.nCopies(BLOCKS, block).toArray(TraceBlock[]::new));
        Path folder = temporary.resolve("trace");
        TraceFolder.write(folder, trace);
        assertTrue(size(folder) > 1.5 * HEAP * (1 << 20), "the trace is smaller than meant: " + size(folder));
        Path log = temporary.resolve("log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP + "m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeTraceMemoryTest.class.getName(),
                        folder.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.waitFor();
        String said = Files.readString(log);
        assertEquals(0, process.exitValue(), said);
        double expected = new TraceStatistics(List.of(SHAPE.unit(1)))
                .add(trace.blocks())
                .of(SHAPE.unit(1))
                .scatter()[0];
        assertEquals(
                expected,
                Double.parseDouble(said.strip().lines().reduce((a, b) -> b).orElseThrow()),
                1e-9 * expected);
    }

    private static long size(Path folder) throws IOException {
        long sum = 0;
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    /** The small process: statistics of all units, and of those of some images. */
    public static void main(String[] args) {
        Trace<Split.Train> trace = TraceFolder.read(Path.of(args[0]), "cached", TraceFolder.inMemory());
        TraceStatistics all = new TraceStatistics().add(trace.blocks());
        List<Integer> odd = new ArrayList<>();
        for (int i = 1; i < trace.size(); i += 2) {
            odd.add(i);
        }
        new TraceStatistics()
                .add(trace.some(odd.stream().mapToInt(i -> i).toArray()).blocks());
        System.out.println(Map.of("images", all.images()));
        System.out.println(all.of(SHAPE.unit(1)).scatter()[0]);
    }
}
