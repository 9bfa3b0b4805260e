package io.residual.robustness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.FolderLock;
import io.residual.robustness.Trial.Started;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A few of the kills that {@code robustness/run crashes} does by the hundred. */
class CrashTest {
    @TempDir
    Path work;

    static List<String> residual() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator),
                "io.residual.cli.Main");
    }

    @Tag("thorough")
    @Test
    void killedAtAnyMoment_nothingIsLost() throws Exception {
        Crashes crashes = new Crashes();
        new CommandLine(crashes).parseArgs("--kills", "4");
        for (String name : List.of("trace", "pretrain")) {
            assertEquals(List.of(), crashes.tried(Crashes.trial(work, name), residual(), work));
        }
    }

    /** A folder that is worked in for long belongs to one process, here this one; the second ends at once and touches nothing. */
    @Test
    void twoInOneFolder_theSecondSaysSo() throws Exception {
        Trial pretrain = Crashes.trial(work, "pretrain");
        Path out = Trial.fresh(work.resolve("shared"));
        try (FolderLock ours = FolderLock.take(out)) {
            Started second = pretrain.start(residual(), out);
            assertEquals(2, second.process().waitFor());
            String said = Files.readString(second.log());
            assertTrue(said.contains("another process is working in"), said);
            assertEquals(Set.of(".lock"), names(out));
        }
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    /** What is short is not locked: both write, and one whole result stands there in the end. */
    @Tag("thorough")
    @Test
    void twoToOneName_leaveOneWholeResult() throws Exception {
        Trial trace = Crashes.trial(work, "trace");
        Path calm = Trial.fresh(work.resolve("alone"));
        assertEquals(0, trace.start(residual(), calm).process().waitFor());
        Path out = Trial.fresh(work.resolve("both"));
        Started first = trace.start(residual(), out);
        Started second = trace.start(residual(), out);
        assertEquals(0, first.process().waitFor(), Trial.tail(first.log()));
        assertEquals(0, second.process().waitFor(), Trial.tail(second.log()));
        assertEquals(trace.results(calm), trace.results(out));
        assertEquals(List.of(), Trial.leftovers(out));
    }

    /** What the harness calls whole is compared with the undisturbed run byte by byte; it must see a single one that differs. */
    @Test
    void oneChangedByte_isSeen() throws Exception {
        Trial trial = Crashes.trial(work, "trace");
        Path calm = Trial.fresh(work.resolve("calm"));
        Files.write(calm.resolve("a.safetensors"), new byte[] {1, 2, 3});
        var expected = trial.results(calm);
        assertEquals(List.of(), trial.wrong(calm, expected));
        Files.write(calm.resolve("a.safetensors"), new byte[] {1, 2, 4});
        assertEquals(List.of("a.safetensors is not what the undisturbed run has"), trial.wrong(calm, expected));
        Files.write(calm.resolve(".a.safetensors.x-1-y.tmp"), new byte[1]);
        assertEquals(List.of(".a.safetensors.x-1-y.tmp"), Trial.leftovers(calm));
        Files.writeString(calm.resolve("runs.csv"), "k,0.5,0.123,2023-11-14T22:13:20Z\n", StandardCharsets.UTF_8);
        String once = trial.results(calm).get("runs.csv");
        Files.writeString(calm.resolve("runs.csv"), "k,0.5,0.456,2023-11-14T22:13:20Z\n", StandardCharsets.UTF_8);
        assertEquals(once, trial.results(calm).get("runs.csv"), "how long it took does not count");
        Files.writeString(calm.resolve("runs.csv"), "k,0.6,0.456,2023-11-14T22:13:20Z\n", StandardCharsets.UTF_8);
        assertNotEquals(once, trial.results(calm).get("runs.csv"));
    }
}
