package io.residual.robustness;

import io.residual.base.AtomicFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs Jazzer on every target, each in a process of its own with little memory, from the corpus that is kept. */
@Command(
        name = "fuzz",
        mixinStandardHelpOptions = true,
        description = "Feeds damaged files to every reader, guided by coverage.")
final class Fuzzing implements Callable<Integer> {
    /** Targets by the names of their corpora. */
    static final List<String> TARGETS = List.of(
            "io.residual.robustness.fuzz.SafetensorsFuzz",
            "io.residual.robustness.fuzz.AdapterFuzz",
            "io.residual.robustness.fuzz.TraceFuzz",
            "io.residual.robustness.fuzz.SpectrumFuzz",
            "io.residual.robustness.fuzz.JsonFuzz",
            "io.residual.robustness.fuzz.SweepFuzz",
            "io.residual.robustness.fuzz.IdxFuzz",
            "io.residual.robustness.fuzz.ImageFuzz",
            "io.residual.robustness.fuzz.ModelFuzz",
            "io.residual.robustness.fuzz.ParquetFuzz",
            "io.residual.robustness.fuzz.TarFuzz");

    private static final Pattern DONE = Pattern.compile("#(\\d+)\\s+DONE\\s+cov: (\\d+).*?corp: (\\d+)");
    private static final int STARTING = 120;

    @Spec
    CommandSpec spec;

    @Option(names = "--seconds", description = "Seconds for each target. Default: ${DEFAULT-VALUE}.")
    int seconds = 600;

    @Option(names = "--target", split = ",", description = "Names such as AdapterFuzz. Default: all.")
    List<String> wanted = List.of();

    @Option(names = "--corpus", description = "Folder of corpora, one folder per target. Default: ${DEFAULT-VALUE}.")
    Path corpus = Path.of(System.getProperty("residual.home", ""), "robustness", "corpus");

    @Option(names = "--keep", description = "Write inputs that reach new code back into the corpus, minimised.")
    boolean keep;

    /** What a target did. */
    record Outcome(
            String target,
            long inputs,
            long coverage,
            long kept,
            @Nullable String finding) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        boolean sound = true;
        for (String target : TARGETS) {
            if (wanted.isEmpty() || wanted.contains(name(target))) {
                Outcome outcome = run(target, "-max_total_time=" + seconds, corpus, keep);
                out.printf(
                        Locale.ROOT,
                        "%-16s %,12d inputs, %,7d branches, %,5d kept: %s%n",
                        name(target),
                        outcome.inputs,
                        outcome.coverage,
                        outcome.kept,
                        outcome.finding == null ? "nothing found" : outcome.finding);
                sound &= outcome.finding == null;
            }
        }
        return sound ? 0 : 1;
    }

    static String name(String target) {
        return target.substring(target.lastIndexOf('.') + 1);
    }

    /**
     * Fuzzes one target; what it finds is left in the folder that the finding names.
     *
     * @param until when libFuzzer ends: {@code -max_total_time} in seconds, or {@code -runs} in inputs, the corpus among them
     */
    static Outcome run(String target, String until, Path corpora, boolean keep)
            throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("residual-fuzzing");
        Path found = Files.createDirectory(work.resolve("found"));
        Path seeds = corpora.toAbsolutePath().resolve(name(target));
        Path log = work.resolve("log.txt");
        int code = jazzer(target, work, log, until, found.toString(), seeds.toString());
        Matcher done = DONE.matcher(Files.readString(log, StandardCharsets.ISO_8859_1));
        boolean ended = done.find();
        String finding = code == 0 && ended ? null : finding(work, log, code);
        if (finding == null && keep) {
            Path merged = Files.createDirectory(work.resolve("merged"));
            jazzer(
                    target,
                    work,
                    work.resolve("merge.txt"),
                    "-merge=1",
                    merged.toString(),
                    seeds.toString(),
                    found.toString());
            replace(seeds, merged);
        }
        if (finding == null) {
            AtomicFiles.delete(work);
        }
        return new Outcome(
                target,
                ended ? Long.parseLong(done.group(1)) : 0,
                ended ? Long.parseLong(done.group(2)) : 0,
                ended ? Long.parseLong(done.group(3)) : 0,
                finding);
    }

    private static int jazzer(String target, Path work, Path log, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dfile.encoding=UTF-8",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                classPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target,
                "--instrumentation_includes=io.residual.**",
                // Stumbles over DuckDB's statements by itself; what files name is quoted (ParquetFiles.identifier).
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.SqlInjection",
                "--reproducer_path=" + work,
                "-artifact_prefix=" + work + "/",
                "-rss_limit_mb=3072",
                "-timeout=1200",
                "-close_fd_mask=0",
                "-print_final_stats=1",
                "-max_len=20000"));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("RESIDUAL_CACHE", work.resolve("cache").toString());
        Process process = builder.start();
        try {
            process.waitFor();
            return process.exitValue();
        } finally {
            process.destroyForcibly().waitFor(STARTING, TimeUnit.SECONDS);
        }
    }

    /** The trials' own class path; a jar that names others in its manifest brings them along. */
    private static String classPath() {
        return Stream.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(java.io.File.pathSeparator))
                .map(p -> Path.of(p).toAbsolutePath().toString())
                .reduce((a, b) -> a + java.io.File.pathSeparator + b)
                .orElseThrow();
    }

    private static String finding(Path work, Path log, int code) throws IOException {
        Optional<String> line;
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            line = lines.filter(
                            l -> l.contains("== Java Exception") || l.startsWith("ERROR: ") || l.contains("==ERROR"))
                    .findFirst();
        }
        return line.orElse("ended with code " + code) + " (see " + work + ")";
    }

    private static void replace(Path seeds, Path merged) throws IOException {
        try (Stream<Path> old = Files.list(seeds)) {
            for (Path file : old.toList()) {
                if (!file.getFileName().toString().startsWith("seed")) {
                    Files.delete(file);
                }
            }
        }
        try (Stream<Path> all = Files.list(merged)) {
            for (Path file : all.sorted().toList()) {
                Files.copy(file, seeds.resolve(file.getFileName()), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
