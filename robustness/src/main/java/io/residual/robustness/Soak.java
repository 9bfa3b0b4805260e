package io.residual.robustness;

import io.residual.base.AtomicFiles;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.model.ImageTextModel;
import io.residual.units.TraceFolder;
import io.residual.units.TraceFolder.Precision;
import io.residual.units.Tracer;
import io.residual.world.EmbeddedModels;
import io.residual.world.WorldDatasets;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Traces in this process and serves in another for a long time, and writes down what both hold. Flat means: the median of the last
 * quarter is no more than a twentieth above that of the second quarter; the first is warming up.
 */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description = "Traces and serves for a long time and records memory, file handles and temporary files.")
final class Soak implements Callable<Integer> {
    private static final int IMAGES = 500;
    private static final int EVERY_BAD = 50;
    private static final double ALLOWED = 1.05;
    private static final double MEGA = 1e6;

    @Spec
    CommandSpec spec;

    @Option(names = "--minutes", description = "Duration in minutes. Default: ${DEFAULT-VALUE}.")
    int minutes = 60;

    @Option(names = "--rate", description = "Requests per second. Default: ${DEFAULT-VALUE}.")
    int rate = 100;

    @Option(names = "--every", description = "Seconds between measurements. Default: ${DEFAULT-VALUE}.")
    int every = 10;

    @Option(names = "--out", description = "CSV file to write. Default: ${DEFAULT-VALUE}.")
    Path target = Path.of("soak.csv");

    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong refusals = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong traced = new AtomicLong();
    private final AtomicBoolean ended = new AtomicBoolean();

    /** One look at both processes. */
    private record Look(
            double second,
            long traced,
            long answers,
            double tracerMemory,
            double tracerHeap,
            long tracerHandles,
            double serverMemory,
            long serverHandles,
            long tracerTemporary,
            long serverTemporary) {
        static final String HEADER = "second,traced,answers,tracer_mb,tracer_heap_mb,tracer_handles,server_mb,"
                + "server_handles,tracer_temporary,server_temporary";

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.0f,%d,%d,%.1f,%.1f,%d,%.1f,%d,%d,%d",
                    second,
                    traced,
                    answers,
                    tracerMemory,
                    tracerHeap,
                    tracerHandles,
                    serverMemory,
                    serverHandles,
                    tracerTemporary,
                    serverTemporary);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("residual-soak");
        Dataset dataset = WorldDatasets.of(WorldDatasets.task("textures")).atMost(IMAGES, 20, 20, 0);
        Path adapter = work.resolve("textures.adapter");
        String residual =
                Path.of(System.getProperty("residual.home"), "residual").toString();
        run(residual, "align", "--data", "world:textures", "--train", "200", "--out", adapter.toString());
        int port = freePort();
        ProcessBuilder serve = new ProcessBuilder(
                        residual, "serve", "--adapter", adapter.toString(), "--port", String.valueOf(port))
                .redirectOutput(work.resolve("server.log").toFile())
                .redirectErrorStream(true);
        Path serverTemporary = Files.createDirectory(work.resolve("temporary")); // so that it is known who left what
        serve.environment().put("RESIDUAL_JAVA_OPTIONS", "-Djava.io.tmpdir=" + serverTemporary);
        Process server = serve.start();
        Thread tracing = new Thread(() -> trace(dataset, work), "tracing");
        Thread asking = new Thread(() -> ask(port, dataset), "asking");
        List<Look> looks = new ArrayList<>();
        try (PrintWriter csv = new PrintWriter(Files.newBufferedWriter(target, StandardCharsets.UTF_8), true)) {
            csv.println(Look.HEADER);
            tracing.start();
            asking.start();
            long started = System.nanoTime();
            long until = started + TimeUnit.MINUTES.toNanos(minutes);
            while (System.nanoTime() < until && server.isAlive() && tracing.isAlive() && asking.isAlive()) {
                TimeUnit.SECONDS.sleep(every);
                Look look = look((System.nanoTime() - started) / 1e9, server.pid(), serverTemporary);
                looks.add(look);
                csv.println(look.toString());
            }
        } finally {
            ended.set(true);
            asking.join();
            tracing.join();
            server.destroy();
            server.waitFor();
            AtomicFiles.delete(work);
        }
        boolean flat = judge(looks);
        return flat && wrong.get() == 0 ? 0 : 1;
    }

    private static void run(String... words) throws IOException, InterruptedException {
        if (new ProcessBuilder(words).inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException("failed: " + String.join(" ", words));
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Look look(double second, long server, Path serverTemporary) {
        System.gc(); // what is left is what is held
        long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        long self = ProcessHandle.current().pid();
        return new Look(
                second,
                traced.get(),
                answers.get(),
                Processes.memory(self) / MEGA,
                heap / MEGA,
                Processes.handles(self),
                Processes.memory(server) / MEGA,
                Processes.handles(server),
                Processes.count(Path.of(System.getProperty("java.io.tmpdir"))),
                Processes.count(serverTemporary));
    }

    /** Traces the same images into the same folder again and again. */
    private void trace(Dataset dataset, Path work) {
        try (ImageTextModel model = Models.open(EmbeddedModels.WORLD_CLIP)) {
            Tracer tracer = new Tracer(model);
            while (!ended.get()) {
                TraceFolder.write(
                        work.resolve("trace"),
                        tracer,
                        dataset.train(),
                        "train",
                        dataset.prompts().classes(),
                        "world:textures",
                        Precision.FULL,
                        Progress.silent());
                traced.addAndGet(dataset.train().size());
            }
        }
    }

    /** Sends images, one in fifty of them damaged, at an even rate. */
    private void ask(int port, Dataset dataset) {
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < EVERY_BAD; i++) {
            byte[] png = WorldPng.png(dataset.train(), i);
            images.add(i == 0 ? java.util.Arrays.copyOf(png, png.length / 2) : png);
        }
        HttpClient client = HttpClient.newHttpClient();
        URI predict = URI.create("http://127.0.0.1:" + port + "/v1/predict");
        long next = System.nanoTime();
        long sent = 0;
        boolean up = false;
        while (!ended.get()) {
            int image = (int) (sent % EVERY_BAD);
            HttpRequest request = HttpRequest.newBuilder(predict)
                    .timeout(Duration.ofSeconds(30))
                    .POST(BodyPublishers.ofByteArray(images.get(image)))
                    .build();
            try {
                int status = client.send(request, BodyHandlers.ofString()).statusCode();
                up = true;
                if (status == 200 && image != 0) {
                    answers.incrementAndGet();
                } else if (status == 422 && image == 0) {
                    refusals.incrementAndGet();
                } else {
                    wrong.incrementAndGet();
                }
                sent++;
            } catch (IOException e) {
                if (up) {
                    wrong.incrementAndGet();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            next += TimeUnit.SECONDS.toNanos(1) / rate;
            java.util.concurrent.locks.LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private boolean judge(List<Look> looks) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%,d images traced, %,d requests answered, %,d damaged images refused, %,d wrong answers%n",
                traced.get(),
                answers.get(),
                refusals.get(),
                wrong.get());
        boolean flat = true;
        flat &= flat(out, "tracer, memory (MB)", looks, Look::tracerMemory);
        flat &= flat(out, "tracer, heap (MB)", looks, Look::tracerHeap);
        flat &= flat(out, "tracer, file handles", looks, Look::tracerHandles);
        flat &= flat(out, "server, memory (MB)", looks, Look::serverMemory);
        flat &= flat(out, "server, file handles", looks, Look::serverHandles);
        flat &= flat(out, "tracer, entries for temporary files", looks, Look::tracerTemporary);
        flat &= flat(out, "server, entries for temporary files", looks, Look::serverTemporary);
        return flat;
    }

    private static boolean flat(PrintWriter out, String what, List<Look> looks, ToDoubleFunction<Look> value) {
        int quarter = looks.size() / 4;
        if (quarter == 0) {
            return false;
        }
        double second = median(looks.subList(quarter, 2 * quarter), value);
        double last = median(looks.subList(looks.size() - quarter, looks.size()), value);
        boolean flat = last <= second * ALLOWED;
        out.printf(
                Locale.ROOT,
                "%-22s second quarter %8.1f, last quarter %8.1f: %s%n",
                what,
                second,
                last,
                flat ? "flat" : "GROWS");
        return flat;
    }

    private static double median(List<Look> looks, ToDoubleFunction<Look> value) {
        double[] sorted = looks.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
