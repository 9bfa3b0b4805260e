package io.residual.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.AdapterFile;
import io.residual.base.Json;
import io.residual.catalogue.Models;
import io.residual.images.ImageDecoder;
import io.residual.images.Preprocessing;
import io.residual.images.UnreadableImageException;
import io.residual.model.ImageTextModel;
import io.residual.predict.Predictor;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.web.Gate;
import io.residual.web.WebServer;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * What a server adds to the bare forward pass, for one client and for many. A program, no test: speed depends on the machine.
 * Arguments: {@code MODEL ADAPTER IMAGE [ROUNDS [SECONDS]]}. All parts take turns in one process that serves itself: for one client one
 * by one within each of the rounds, which last as many seconds (5 of 10 s unless said otherwise) and follow one of the same length that warms up, then for many clients.
 */
final class ServeSpeed {
    private static final String HOST = "127.0.0.1";
    private static final String BARE = "bare pass";
    private static final String ADAPTED = "pass, adapter, probabilities";
    private static final String SERVED = "served";

    /** Repetitions before the next part's turn. */
    private static final int TURN = 5;

    /** Threads of less are not printed, in ms an image. */
    private static final double LEAST = .005;

    private ServeSpeed() {}

    /** Prints the milliseconds and the images per second of each part. */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 5;
        double seconds = arguments.length > 4 ? Double.parseDouble(arguments[4]) : 10;
        byte[] file = Files.readAllBytes(Path.of(arguments[2]));
        Path adapter = Path.of(arguments[1]);
        try (ImageTextModel model = Models.open(arguments[0]);
                Predictor predictor = predictor(model, adapter);
                PredictionServer server =
                        PredictionServer.start(model, adapter, false, HOST, 0, Gate.of(HOST, null), Limits.DEFAULT);
                WebServer empty = empty(server, file)) {
            String without = "http://" + HOST + ":" + empty.port();
            load(without, file, 4, seconds); // what compiles HTTP's code
            load(server.address(), file, 4, seconds);
            Preprocessing preprocessing = model.preprocessing();
            float[] pixels = new float[preprocessing.inputLength()];
            decode(file, preprocessing, pixels);
            int batch = predictor.batch();
            float[] many = new float[batch * pixels.length];
            for (int i = 0; i < batch; i++) {
                System.arraycopy(pixels, 0, many, i * pixels.length, pixels.length);
            }
            ExecutorService waiting = Executors.newSingleThreadExecutor();
            Map<String, Work> parts = new LinkedHashMap<>();
            parts.put(BARE, () -> pass(model, pixels, 1));
            parts.put(ADAPTED, () -> predictor.predict(pixels, 1));
            parts.put("the same, handed to a thread", () -> waiting.submit(() -> predictor.predict(pixels, 1))
                    .get());
            parts.put("decoding and resizing", () -> decode(file, preprocessing, pixels));
            try (Client served = new Client(server.address(), file);
                    Client answered = new Client(without, file)) {
                parts.put("HTTP without work", answered::ask);
                parts.put(SERVED, served::ask);
                alone(parts, rounds, seconds);
            }
            waiting.shutdown();
            Map<String, Work> rates = new LinkedHashMap<>();
            rates.put(BARE, () -> pass(model, many, batch));
            rates.put(ADAPTED, () -> predictor.predict(many, batch));
            together(rates, batch, rounds, seconds, () -> load(server.address(), file, 4 * batch, seconds / 3));
        }
    }

    /** Every part in turn, so that a machine that becomes slower does so for all. */
    private static void alone(Map<String, Work> parts, int rounds, double seconds) throws Exception {
        Map<String, List<Double>> medians = new LinkedHashMap<>();
        Busy busy = new Busy();
        for (int round = 0; round <= rounds; round++) { // the first warms up
            Map<String, List<Double>> times = new LinkedHashMap<>();
            long end = System.nanoTime() + (long) (seconds * 1e9);
            while (System.nanoTime() < end) {
                for (Map.Entry<String, Work> part : parts.entrySet()) {
                    List<Double> own = times.computeIfAbsent(part.getKey(), k -> new ArrayList<>());
                    boolean counts = round > 0 && part.getKey().equals(SERVED);
                    Map<String, Long> before = counts ? threads() : Map.of();
                    for (int i = 0; i < TURN; i++) {
                        own.add(time(part.getValue()));
                    }
                    if (counts) {
                        busy.add(before, TURN);
                    }
                }
            }
            if (round > 0) {
                times.forEach((name, all) ->
                        medians.computeIfAbsent(name, k -> new ArrayList<>()).add(median(all)));
            }
        }
        System.out.println("one image at a time, p50 in ms");
        print(medians);
        busy.print();
    }

    private static void together(Map<String, Work> passes, int batch, int rounds, double seconds, Rate served)
            throws Exception {
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        Busy busy = new Busy();
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, Work> pass : passes.entrySet()) {
                int count = 0;
                double ms = 0;
                while (ms < seconds / 3 * 1e3) {
                    ms += time(pass.getValue());
                    count += batch;
                }
                if (round > 0) {
                    rates.computeIfAbsent(pass.getKey(), k -> new ArrayList<>()).add(count * 1e3 / ms);
                }
            }
            Map<String, Long> before = threads();
            double rate = served.measure();
            if (round > 0) {
                busy.add(before, (int) (rate * seconds / 3));
                rates.computeIfAbsent(SERVED, k -> new ArrayList<>()).add(rate);
            }
        }
        System.out.println("batches of " + batch + " and " + 4 * batch + " connections, images/s");
        print(rates);
        busy.print();
    }

    /** What the threads of this process work while it serves; those of clients that are gone do not count. */
    private static final class Busy {
        private final Map<String, Long> nanos = new TreeMap<>();
        private int images;

        void add(Map<String, Long> before, int count) throws IOException {
            images += count;
            threads().forEach((name, now) -> nanos.merge(name, now - before.getOrDefault(name, 0L), Long::sum));
        }

        void print() {
            System.out.println("while served, ms of processor an image, by thread");
            nanos.forEach((name, all) -> {
                double each = all / 1e6 / images;
                if (each >= LEAST) {
                    System.out.printf(Locale.ROOT, "  %-36s %9.3f%n", name, each);
                }
            });
        }
    }

    private static Predictor predictor(ImageTextModel model, Path adapter) {
        UnitFrame frame = UnitFrame.of(model.image());
        return Predictor.beside(model, AdapterFile.read(adapter, frame, model), frame);
    }

    /** The same server and the same answer without an image's work. */
    private static WebServer empty(PredictionServer full, byte[] file) throws IOException {
        JsonNode answer;
        try (Client client = new Client(full.address(), file)) {
            answer = Json.parse(client.ask(), Json.Limits.OWN);
        }
        WebServer web = new WebServer(Gate.of(HOST, null), WebServer.Rules.of(Set.of(), path -> Set.of(), 20 << 20));
        web.app().post("/v1/predict", ctx -> web.later(ctx, () -> web.body(ctx, 20 << 20), bytes -> answer));
        web.start(HOST, 0);
        return web;
    }

    private static void pass(ImageTextModel model, float[] pixels, int n) {
        Preprocessing preprocessing = model.preprocessing();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor x = Tensors.of(pixels, n, 3, preprocessing.inputHeight(), preprocessing.inputWidth());
            Tensors.floats(model.image().encode(x));
        }
    }

    private static void decode(byte[] file, Preprocessing preprocessing, float[] pixels)
            throws UnreadableImageException {
        preprocessing.apply(ImageDecoder.decode(file, "image"), pixels, 0);
    }

    /** Answers a second for many connections, each with one request at a time. */
    private static double load(String address, byte[] file, int connections, double seconds) throws Exception {
        AtomicInteger count = new AtomicInteger();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        List<Thread> threads = new ArrayList<>();
        List<Exception> problems = new ArrayList<>();
        long started = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            Thread thread = new Thread(
                    null,
                    () -> {
                        try (Client client = new Client(address, file)) {
                            while (System.nanoTime() < end) {
                                client.ask();
                                count.incrementAndGet();
                            }
                        } catch (IOException e) {
                            synchronized (problems) {
                                problems.add(e);
                            }
                        }
                    },
                    "client",
                    128 << 10);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!problems.isEmpty()) {
            throw problems.get(0);
        }
        return count.get() * 1e9 / (System.nanoTime() - started);
    }

    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    @FunctionalInterface
    private interface Rate {
        double measure() throws Exception;
    }

    /** Milliseconds. */
    private static double time(Work work) throws Exception {
        long started = System.nanoTime();
        work.run();
        return (System.nanoTime() - started) / 1e6;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(Double.NaN);
    }

    /** The median of all rounds, and each round's; the same over the bare pass of its round. */
    private static void print(Map<String, List<Double>> rounds) {
        List<Double> bare = rounds.getOrDefault(BARE, List.of());
        rounds.forEach((name, values) -> {
            List<Double> over = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                over.add(values.get(i) / bare.get(i));
            }
            System.out.printf(
                    Locale.ROOT,
                    "  %-36s %9.3f %s  x %.2f %s%n",
                    name,
                    median(values),
                    digits(values, "%.3f"),
                    median(over),
                    digits(over, "%.2f"));
        });
    }

    private static List<String> digits(List<Double> values, String format) {
        return values.stream()
                .map(value -> String.format(Locale.ROOT, format, value))
                .toList();
    }

    /** Nanoseconds of processor by the names of threads, numbers left out, where Linux tells. */
    private static Map<String, Long> threads() throws IOException {
        Map<String, Long> all = new TreeMap<>();
        Path tasks = Path.of("/proc/self/task");
        if (!Files.exists(tasks)) {
            return all;
        }
        try (Stream<Path> each = Files.list(tasks)) {
            for (Path task : each.toList()) {
                try {
                    String name = Files.readString(task.resolve("comm")).strip().replaceAll("[-#]?\\d+.*", "");
                    long nanos = Long.parseLong(
                            Files.readString(task.resolve("schedstat")).split(" ")[0]);
                    all.merge(name, nanos, Long::sum);
                } catch (IOException e) {
                    // it has ended
                }
            }
        }
        return all;
    }

    /** One connection, kept open: one write a request, and no thread of its own. */
    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;
        private final byte[] request;
        private final byte[] buffer = new byte[64 << 10];

        Client(String address, byte[] file) throws IOException {
            String authority = address.replaceAll("^http://|[/?].*$", "");
            int colon = authority.lastIndexOf(':');
            socket = new Socket(authority.substring(0, colon), Integer.parseInt(authority.substring(colon + 1)));
            socket.setTcpNoDelay(true);
            in = new DataInputStream(socket.getInputStream());
            byte[] head = ("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + file.length
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            request = Arrays.copyOf(head, head.length + file.length);
            System.arraycopy(file, 0, request, head.length, file.length);
        }

        /** The answer's JSON. */
        String ask() throws IOException {
            socket.getOutputStream().write(request);
            int count = 0;
            int body = -1;
            int length = 0;
            while (body < 0 || count < body + length) {
                int read = in.read(buffer, count, buffer.length - count);
                if (read < 0) {
                    throw new IOException("the connection ended");
                }
                count += read;
                String all = body >= 0 ? "" : new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
                int end = all.indexOf("\r\n\r\n");
                if (end >= 0) {
                    if (!all.startsWith("HTTP/1.1 200")) {
                        throw new IOException(all);
                    }
                    String key = "Content-Length: ";
                    int at = all.indexOf(key) + key.length();
                    length = Integer.parseInt(all.substring(at, all.indexOf('\r', at)));
                    body = end + 4;
                }
            }
            return new String(buffer, body, length, StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
