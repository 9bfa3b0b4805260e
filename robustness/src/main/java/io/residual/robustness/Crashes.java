package io.residual.robustness;

import io.residual.base.AtomicFiles;
import io.residual.robustness.Trial.Started;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Kills commands at random moments, or lets them fill a disk, and checks what they leave behind: nothing half-written
 * under a final name at any moment, and after they have been run to the end, the results of an undisturbed run and
 * nothing else.
 */
@Command(
        name = "crashes",
        mixinStandardHelpOptions = true,
        description = "Kills commands at random moments, or lets them fill a disk, and checks what they leave behind.")
final class Crashes implements Callable<Integer> {
    private static final int MOST_KILLS_IN_A_ROW = 3;
    private static final int LIMIT_S = 3600; // no measure of speed: what takes an hour hangs
    private static final double PROMPT_S = 2;
    private static final int EVERY_INTERRUPT = 4;

    private static final String SWEEP = """
            name: mini
            models: [world-clip]
            data: ["world:textures", "world:shapes"]
            splits: {train: 120, validation: 60, test: 60}
            bases: own
            shots: [all]
            methods: [base, coarse, residual-star]
            """;

    @Spec
    CommandSpec spec;

    @Option(names = "--kills", description = "Kills of each command. Default: ${DEFAULT-VALUE}.")
    int kills = 50;

    @Option(
            names = "--command",
            split = ",",
            description = "trace, align, pretrain, reproduce, report, embed. Default: all.")
    List<String> wanted = List.of();

    @Option(names = "--seed", description = "Seed of the moments. Default: ${DEFAULT-VALUE}.")
    long seed = 1;

    @Option(
            names = "--full",
            paramLabel = "FOLDER",
            description = "Instead of killing: a folder on a small file system of its own, which is filled.")
    @Nullable
    Path full;

    private final List<String> problems = new ArrayList<>();
    private double slowest;
    private int interrupts;
    private int late;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> residual =
                List.of(Path.of(System.getProperty("residual.home"), "residual").toString());
        Path work = Files.createTempDirectory("residual-crashes");
        Files.writeString(work.resolve("mini.yaml"), SWEEP, StandardCharsets.UTF_8);
        PrintWriter out = spec.commandLine().getOut();
        boolean sound = true;
        for (Trial trial : trials(work)) {
            if (wanted.isEmpty() || wanted.contains(trial.name())) {
                sound &= tried(trial, residual, work).isEmpty();
            }
        }
        if (full == null) {
            out.printf(
                    Locale.ROOT,
                    "%d ended by Ctrl-C, %d of them after more than %.0f s, the slowest after %.1f s%n",
                    interrupts,
                    late,
                    PROMPT_S,
                    slowest);
        }
        AtomicFiles.delete(work);
        return sound && late == 0 ? 0 : 1;
    }

    /** Tries one command; what went wrong. */
    List<String> tried(Trial trial, List<String> residual, Path work) throws IOException, InterruptedException {
        problems.clear();
        String line = full == null ? killed(trial, residual, work) : filled(trial, residual, work, full);
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%-10s %s%n", trial.name(), line);
        problems.forEach(p -> out.println("  " + p));
        return List.copyOf(problems);
    }

    /** The commands that write. */
    static List<Trial> trials(Path work) {
        List<String> small = List.of("--train", "200", "--validation", "60", "--test", "60", "--quiet");
        return List.of(
                new Trial(
                        "trace", with(small, "trace", "--data", "world:textures", "--out", "OUT/t"), true, l -> false),
                new Trial(
                        "align",
                        with(
                                small,
                                "align",
                                "--data",
                                "world:textures",
                                "--method",
                                "residual-star",
                                "--out",
                                "OUT/a.adapter"),
                        true,
                        l -> false),
                new Trial(
                        "pretrain",
                        List.of(
                                "pretrain",
                                "--images",
                                "512",
                                "--batch",
                                "64",
                                "--evaluate-every",
                                "2",
                                "--quiet",
                                "--out",
                                "OUT"),
                        false,
                        l -> false),
                new Trial(
                        "reproduce",
                        List.of("reproduce", work.resolve("mini.yaml").toString(), "--quiet", "--out", "OUT"),
                        false,
                        line -> line.contains("seconds\" :")),
                new Trial(
                        "report",
                        with(small, "report", "--data", "world:textures", "--out", "OUT/r.html"),
                        true,
                        l -> false),
                new Trial(
                        "embed",
                        List.of("embed", work.resolve("pictures").toString(), "--quiet", "--out", "OUT/e.parquet"),
                        true,
                        l -> false));
    }

    /** The one of a command. */
    static Trial trial(Path work, String name) {
        return trials(work).stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> with(List<String> common, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(common);
        return all;
    }

    /** Runs to the end; the exit code. */
    private int run(Trial trial, List<String> residual, Path out) throws IOException, InterruptedException {
        Started started = trial.start(residual, out);
        if (!started.process().waitFor(LIMIT_S, TimeUnit.SECONDS)) {
            started.process().destroyForcibly();
            problems.add("did not end within " + LIMIT_S + " s");
        }
        return started.process().waitFor();
    }

    private String killed(Trial trial, List<String> residual, Path work) throws IOException, InterruptedException {
        draw(work);
        Path calm = Trial.fresh(work.resolve(trial.name() + "-calm"));
        long started = System.nanoTime();
        int code = run(trial, residual, calm);
        double seconds = (System.nanoTime() - started) / 1e9;
        if (code != 0) {
            problems.add(
                    "undisturbed: exit code " + code + ", " + Trial.tail(work.resolve(calm.getFileName() + ".log")));
            return "did not run";
        }
        Map<String, String> expected = trial.results(calm);
        Random random = new Random(seed);
        int done = 0;
        int completed = 0;
        while (done < kills) {
            Path out = Trial.fresh(work.resolve(trial.name()));
            int inARow = 1 + random.nextInt(MOST_KILLS_IN_A_ROW);
            for (int i = 0; i < inARow && done < kills; i++) {
                kill(trial, residual, out, random.nextDouble() * seconds * 1.05, done % EVERY_INTERRUPT == 0);
                done++;
                problems.addAll(trial.wrong(out, expected));
            }
            int end = run(trial, residual, out);
            completed++;
            if (end != 0) {
                problems.add("run again: exit code " + end + ", " + Trial.tail(work.resolve(trial.name() + ".log")));
            } else if (!trial.results(out).equals(expected)) {
                problems.add("run again: other results, " + difference(expected, trial.results(out)));
            }
            List<String> left = Trial.leftovers(out);
            if (!left.isEmpty()) {
                problems.add("left behind: " + left);
            }
        }
        return String.format(
                Locale.ROOT,
                "%d kills within %.1f s, run to the end %d times: %s",
                done,
                seconds,
                completed,
                problems.isEmpty() ? "nothing lost" : problems.size() + " problems");
    }

    private void kill(Trial trial, List<String> residual, Path out, double after, boolean softly)
            throws IOException, InterruptedException {
        Process process = trial.start(residual, out).process();
        if (process.waitFor((long) (after * 1e9), TimeUnit.NANOSECONDS)) {
            return; // it was faster
        }
        if (softly) {
            long asked = System.nanoTime();
            new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                problems.add("did not end on Ctrl-C");
                process.destroyForcibly();
            }
            double took = (System.nanoTime() - asked) / 1e9;
            slowest = Math.max(slowest, took);
            interrupts++;
            if (took > PROMPT_S) {
                late++; // told apart from what is lost: it depends on what else the machine does
            }
        } else {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    private static String difference(Map<String, String> expected, Map<String, String> found) {
        List<String> names = new ArrayList<>();
        expected.forEach((name, hash) -> {
            if (!hash.equals(found.get(name))) {
                names.add(found.containsKey(name) ? name + " differs" : name + " is missing");
            }
        });
        found.keySet().stream().filter(n -> !expected.containsKey(n)).forEach(n -> names.add(n + " is new"));
        return names.toString();
    }

    /** Images for embed, from the embedded world. */
    private static void draw(Path work) throws IOException {
        Path images = work.resolve("pictures");
        if (!Files.exists(images)) {
            Files.createDirectories(images);
            WorldPng.write(images, 300);
        }
    }

    /** Leaves less and less room until the command succeeds no more, and looks at what that left. */
    private String filled(Trial trial, List<String> residual, Path work, Path small)
            throws IOException, InterruptedException {
        draw(work);
        Random random = new Random(seed);
        FileStore store = Files.getFileStore(small);
        Path filler = small.resolve("filler");
        int refused = 0;
        int went = 0;
        for (int i = 0; i < kills; i++) {
            Path out = Trial.fresh(small.resolve("out"));
            long room = (long) (random.nextDouble() * random.nextDouble() * 4_000_000);
            try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
                byte[] zeros = new byte[1 << 16];
                file.setLength(0);
                while (store.getUsableSpace() > room + zeros.length) {
                    file.write(zeros);
                }
            }
            int code = run(trial, residual, out);
            Files.deleteIfExists(filler);
            if (code == 0) {
                went++;
            } else if (code == 2) {
                refused++;
            } else {
                problems.add("full disk: exit code " + code + ", " + Trial.tail(small.resolve("out.log")));
            }
            if (code != 0 && trial.finalOnly() && !trial.results(out).isEmpty()) {
                problems.add("full disk: left " + trial.results(out).keySet());
            }
            List<String> left = Trial.leftovers(out);
            if (!left.isEmpty()) {
                problems.add("full disk: left behind " + left);
            }
            int again = run(trial, residual, out); // there is room now
            if (again != 0) {
                problems.add("with room again: exit code " + again + ", " + Trial.tail(small.resolve("out.log")));
            }
        }
        return String.format(
                Locale.ROOT, "%d times little room: refused %d times, went through %d times", kills, refused, went);
    }
}
