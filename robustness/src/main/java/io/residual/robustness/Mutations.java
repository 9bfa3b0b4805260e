package io.residual.robustness;

import io.residual.base.AtomicFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Takes checks out of the readers, one at a time, in a copy of the sources, and runs the tests that should notice. A check whose
 * absence no test notices is as good as none.
 */
@Command(
        name = "mutate",
        mixinStandardHelpOptions = true,
        description = "Removes the readers' checks one by one; each time a test must fail.")
final class Mutations implements Callable<Integer> {
    /**
     * A check.
     *
     * @param file below the sources
     * @param from what stands there, once
     * @param to what it becomes
     * @param tests that should fail
     */
    private record Mutation(String module, String file, String from, String to, String testedIn, String tests) {
        Mutation(String module, String file, String from, String to, String tests) {
            this(module, file, from, to, module, tests);
        }
    }

    private static final List<Mutation> ALL = List.of(
            new Mutation(
                    "tensor",
                    "io/residual/weights/SafetensorsFile.java",
                    "headerLength > size - 8",
                    "headerLength > Long.MAX_VALUE - 8",
                    "Safetensors*"),
            new Mutation(
                    "tensor",
                    "io/residual/weights/SafetensorsFile.java",
                    "if (info.begin() != covered) {",
                    "if (info.begin() > covered) {",
                    "Safetensors*"),
            new Mutation(
                    "tensor",
                    "io/residual/weights/SafetensorsFile.java",
                    "if (end - begin != bytes) {",
                    "if (end - begin < bytes) {",
                    "Safetensors*"),
            new Mutation(
                    "tensor",
                    "io/residual/weights/SafetensorsFile.java",
                    "extent = Math.multiplyExact(extent, Math.max(1, dimension.longValue()));",
                    "extent = extent * Math.max(1, dimension.longValue());",
                    "Safetensors*"),
            new Mutation(
                    "base",
                    "io/residual/base/JsonObject.java",
                    "if (value < least || value > most) {",
                    "if (value < least) {",
                    "JsonObjectTest"),
            new Mutation(
                    "adapters",
                    "io/residual/adapt/AdapterFile.java",
                    "if (values[i] < 0 || values[i] >= below) {",
                    "if (values[i] < 0) {",
                    "HostileAdapterTest"),
            new Mutation(
                    "adapters",
                    "io/residual/adapt/AdapterFile.java",
                    "json.number(\"validationAccuracy\", 0, 1)",
                    "json.number(\"validationAccuracy\")",
                    "HostileAdapterTest"),
            new Mutation(
                    "analysis",
                    "io/residual/units/TraceFolder.java",
                    "if (!name.matches(SHARDS)) {",
                    "if (name.isEmpty()) {",
                    "HostileTraceTest"),
            new Mutation(
                    "analysis",
                    "io/residual/units/TraceShard.java",
                    "if (label < 0 || label >= classes) {",
                    "if (label < 0) {",
                    "HostileTraceTest"),
            new Mutation(
                    "analysis",
                    "io/residual/spectrum/SpectrumFile.java",
                    "r < 0 || r > d",
                    "r < 0",
                    "HostileSpectraTest"),
            new Mutation(
                    "vision",
                    "io/residual/data/IdxFiles.java",
                    "all > Files.size(images) * MAX_PACKING",
                    "all < 0",
                    "tables",
                    "BombsTest"),
            new Mutation(
                    "vision",
                    "io/residual/images/ImageDecoder.java",
                    "if (width * height > most) {",
                    "if (width < 0) {",
                    "ImageDecoderTest"),
            new Mutation(
                    "tables",
                    "io/residual/tables/ParquetBlobs.java",
                    "MOST_TOGETHER = 64L << 20;",
                    "MOST_TOGETHER = 64L << 40;",
                    "BombsTest"),
            new Mutation(
                    "vision",
                    "io/residual/model/TokenizerGuard.java",
                    "PATTERNS.contains(regex)",
                    "(PATTERNS.contains(regex) || !regex.isEmpty())",
                    "TokenizerGuardTest"),
            new Mutation(
                    "vision",
                    "io/residual/model/Checkpoint.java",
                    "if (!shard.matches(SHARD)) {",
                    "if (shard.isEmpty()) {",
                    "HostileConfigTest,WeightFormatsTest"));

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Path home = Path.of(System.getProperty("residual.home"));
        Path copy = Files.createTempDirectory("residual-mutations");
        copy(home, copy);
        boolean all = true;
        for (Mutation mutation : ALL) {
            Path file = copy.resolve(mutation.module).resolve("src/main/java").resolve(mutation.file);
            String before = Files.readString(file);
            if (before.split(java.util.regex.Pattern.quote(mutation.from), -1).length != 2) {
                out.println(mutation.file + ": '" + mutation.from + "' does not stand there once");
                all = false;
                continue;
            }
            Files.writeString(file, before.replace(mutation.from, mutation.to));
            String noticed = noticed(copy, mutation);
            Files.writeString(file, before);
            out.printf("%-44s %-60s %s%n", mutation.file.replace("io/residual/", ""), mutation.from.strip(), noticed);
            all &= noticed.startsWith("noticed");
        }
        AtomicFiles.delete(copy);
        return all ? 0 : 1;
    }

    private static void copy(Path home, Path copy) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.toList()) {
                String name = home.relativize(file).toString();
                if (name.matches("(\\.git|.*/target|target)(/.*)?") || Files.isDirectory(file)) {
                    continue;
                }
                Path to = copy.resolve(name);
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    /** Compiles, and runs the tests; a mutation that does not compile would prove nothing. */
    private static String noticed(Path copy, Mutation mutation) throws IOException, InterruptedException {
        Path log = copy.resolve("mutation.log");
        Process maven = new ProcessBuilder(
                        "mvn",
                        "-B",
                        "-ntp",
                        "test",
                        "-Dspotless.check.skip=true",
                        "-Dsurefire.failIfNoSpecifiedTests=false",
                        "-Dtest=" + mutation.tests,
                        "-pl",
                        mutation.testedIn,
                        "-am")
                .directory(copy.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int code = maven.waitFor();
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        boolean compiled = lines.stream().noneMatch(l -> l.contains("COMPILATION ERROR"));
        long failed = lines.stream()
                .filter(l -> l.contains("<<< FAILURE!") || l.contains("<<< ERROR!"))
                .count();
        return !compiled
                ? "DID NOT COMPILE"
                : code == 0
                        ? "NOT NOTICED"
                        : failed > 0 ? "noticed (" + failed + " lines of failure)" : "failed otherwise";
    }
}
