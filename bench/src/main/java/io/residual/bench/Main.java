package io.residual.bench;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.tensor.NativeRuntime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/run}: every work of this module, one after the other. */
@Command(
        name = "bench/run",
        mixinStandardHelpOptions = true,
        description = "Measures speed against Python on the same machine, in one run, and writes JSON and a table.")
public final class Main implements Callable<Integer> {
    @Option(names = "--work", split = ",", description = "Measurements to run: ${DEFAULT-VALUE}. Default: all.")
    List<String> wanted = List.of("all");

    @Option(
            names = "--checkpoint",
            paramLabel = "FOLDER",
            split = ",",
            description =
                    "Measure these checkpoints by turns, and nothing else; the first is compared with the others.")
    List<Path> checkpoints = List.of();

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "With --checkpoint: images of a batch, on both sides. Default: as many as the program takes.")
    int batch;

    @Option(
            names = "--heads",
            paramLabel = "N",
            description =
                    "With the work 'interventions': heads of each layer that are measured, 1 to 12; the others are"
                            + " taken to cost as much. Default: ${DEFAULT-VALUE}.")
    int heads = 1;

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "With the work 'interventions': images of a batch, on both sides. Default: ${DEFAULT-VALUE}.")
    int images = 8;

    @Option(names = "--threads", description = "Threads of both sides. Default: ${DEFAULT-VALUE}.")
    int threads = 2;

    @Option(names = "--repetitions", description = "Repetitions after a warm-up round. Default: ${DEFAULT-VALUE}.")
    int repetitions = 5;

    @Option(names = "--python", description = "A Python with torch and open_clip_torch. Default: ${DEFAULT-VALUE}.")
    String python = "python3";

    @Option(
            names = "--engines",
            split = ",",
            description = "Other engines to measure, of those that this Python has: ${DEFAULT-VALUE}.")
    List<String> engines = EnginesWork.ENGINES;

    @Option(names = "--home", hidden = true, description = "The sources' folder.")
    Path home = Path.of(".");

    @Option(names = "--folder", description = "Folder for synthetic checkpoints (2 GB). Default: ${DEFAULT-VALUE}.")
    Path folder = Path.of(System.getProperty("java.io.tmpdir")).resolve("residual-bench");

    @Option(names = "--out", description = "Folder for NAME.json and NAME.md. Default: ${DEFAULT-VALUE}.")
    Path out = Path.of("bench", "target", "bench");

    @Option(names = "--quick", description = "Small sizes, to test the benchmark; the numbers are meaningless.")
    boolean quick;

    @Option(
            names = "--processor-time",
            description =
                    "Count processor time of all threads instead of time by the wall, where forward passes, engines and spectra are"
                            + " measured: for a machine that does other work too, with --threads 1.")
    boolean processorTime;

    @Option(names = "--kernels", description = "Measure the kernels alone, by JMH, instead.")
    boolean kernels;

    /** Runs the command. */
    public static void main(String... arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            if (e instanceof InputException) {
                command.getErr().println("bench: " + e.getMessage());
                return 2;
            }
            throw e;
        });
        System.exit(line.execute(arguments));
    }

    private List<Work> works() {
        List<Work> works = new ArrayList<>();
        Shape.ALL.forEach(shape -> works.add(new TraceWork(shape, false)));
        works.add(new TraceWork(Shape.B16, true));
        works.add(new TraceWork(Shape.L14, true));
        works.add(new EnginesWork(Shape.S14, false));
        works.add(new EnginesWork(Shape.B16, false));
        works.add(new EnginesWork(Shape.L14, false));
        works.add(new EnginesWork(Shape.B16, true));
        works.add(new EnginesWork(Shape.L14, true));
        works.add(new SpectraWork(false));
        works.add(new SpectraWork(true));
        works.add(new ScaleWork());
        works.add(new ScaleFitWork());
        works.add(new FitWork());
        works.add(new FoldWork());
        works.add(new PipelineWork(false));
        works.add(new PipelineWork(true));
        works.add(WhereWork.maps());
        works.add(WhereWork.interventions(images, heads));
        works.add(new StartWork());
        return works;
    }

    @Override
    public Integer call() throws RunnerException {
        NativeRuntime.setThreads(threads);
        if (processorTime) {
            Clock.countProcessorTime();
        }
        if (kernels) {
            new org.openjdk.jmh.runner.Runner(new OptionsBuilder()
                            .include(Kernels.class.getSimpleName())
                            .jvmArgsAppend("-Xmx2g", "-Dresidual.bench.threads=" + threads)
                            .build())
                    .run();
            return 0;
        }
        if (heads < 1 || heads > Shape.B16.config().heads() || images < 1) {
            throw InputException.at(
                    "--heads or --images", heads + " and " + images, "1 to 12, and 1 or more", "Correct them");
        }
        List<String> known = works().stream().map(Work::name).toList();
        for (String name : wanted) {
            if (!name.equals("all") && !known.contains(name)) {
                throw InputException.at("--work", "'" + name + "'", "all, or among " + known, "Correct the name");
            }
        }
        try (PythonSide side =
                PythonSide.start(python, home.resolve("bench/src/main/python/worker.py"), threads, engines)) {
            String versions = side == null
                    ? "no Python side: '" + python + "' is missing, or lacks torch or open_clip_torch"
                    : side.versions();
            if (side == null) {
                System.err.println("Note: " + versions + "; ours alone is measured.");
            }
            Work.Setting setting = new Work.Setting(quick ? 1 : repetitions, quick, folder, home, side);
            List<Result> results = new ArrayList<>();
            List<Work> chosen = checkpoints.isEmpty()
                    ? works().stream()
                            .filter(work -> wanted.contains("all") || wanted.contains(work.name()))
                            .toList()
                    : List.of(new CheckpointWork(checkpoints, batch));
            for (Work work : chosen) {
                System.err.println(work.name() + " ...");
                results.add(work.run(setting));
                write(new Report(
                        Instant.now().toString().substring(0, 10),
                        Machine.describe(),
                        threads,
                        "BLAS: " + System.getProperty("org.bytedeco.openblas.load", "OpenBLAS")
                                + (processorTime ? "; processor time" : ""),
                        versions,
                        setting.repetitions(),
                        results));
            }
        }
        return 0;
    }

    private void write(Report report) {
        AtomicFiles.writeString(out.resolve("bench.json"), report.json());
        AtomicFiles.writeString(out.resolve("bench.md"), report.markdown());
        Result last = report.results().get(report.results().size() - 1);
        last.ratios()
                .forEach(r -> System.out.printf(
                        Locale.ROOT, "%s: %s: %s%n", last.work(), r.name(), Report.number(r.median())));
    }
}
