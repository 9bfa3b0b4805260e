package io.residual.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.Preprocessing;
import io.residual.images.UnreadableImageException;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.predict.PredictionJson;
import io.residual.predict.TextLogit;
import io.residual.provenance.Provenance;
import io.residual.serve.Batcher.Answer;
import io.residual.serve.Batcher.Kind;
import io.residual.web.Gate;
import io.residual.web.Pace;
import io.residual.web.RefusedException;
import io.residual.web.WebServer;
import io.residual.web.Workers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.NetworkConnector;

/**
 * An adapter behind HTTP: an image's bytes in, JSON out; {@code /openapi.json} says it all. Decoding and resizing happen on a thread
 * for each processor, the forward pass in batches on one, and neither on those that speak with clients.
 */
public final class PredictionServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PredictionServer.class.getName());
    private static final String STARTED = "residual-started";
    private static final int LONGEST_NAME = 200;

    /** In which everything has ended, or is left alone. */
    private static final Duration STOP = Duration.ofSeconds(30);

    /** The part of it for cleanup after the last answer: connections, threads, the batch being computed. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(5);

    private static final Set<String> OPEN = Set.of("/health", "/ready");

    private final WebServer web;
    private final Gate gate;
    private final Limits limits;
    private final Deployment.Base base;
    private final Batcher batcher;
    private final AdapterWatch watch;
    private final Metrics metrics;
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final Workers decoders;
    private final Workers words;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Decoder decoder;
    private final JsonNode document;
    private final Map<String, Set<String>> known; // a path's parameters
    private final InFlight inFlight = new InFlight();
    private volatile boolean stopping;
    private volatile int port;

    private PredictionServer(
            ImageTextModel model, Path adapter, boolean words, Gate gate, Limits limits, Decoder decoder, Pace pace) {
        this.gate = gate;
        this.limits = limits;
        this.decoder = decoder;
        this.document = openApi();
        this.known = known(document);
        // A small file may be a large image: no more of them at once than processors.
        this.decoders =
                new Workers("decoder", Runtime.getRuntime().availableProcessors(), limits.queue(), limits.patience());
        this.words = new Workers("words", 1, limits.queue(), limits.patience());
        this.base = new Deployment.Base(model, words);
        AdapterWatch.Version version = AdapterWatch.Version.of(adapter); // before it is read: what comes later is new
        Metrics[] counted = new Metrics[1];
        this.batcher = new Batcher(base, adapter, limits, size -> {
            Metrics into = counted[0];
            if (into != null) {
                into.batch(size);
            }
        });
        this.metrics = new Metrics(waiting::get);
        counted[0] = metrics;
        this.watch = new AdapterWatch(adapter, version, base, batcher, metrics);
        this.web = new WebServer(
                gate,
                WebServer.Rules.of(OPEN, known::get, limits.bytes()).pace(pace).listener(inFlight));
        routes();
    }

    /**
     * Starts a server. The caller owns the model, and closes it after the server.
     *
     * @param adapter adapter file, which is reloaded when it changes
     * @param words whether explanations contain text descriptions
     * @param port 0 for any free port
     */
    public static PredictionServer start(
            ImageTextModel model, Path adapter, boolean words, String host, int port, Gate gate, Limits limits) {
        return start(model, adapter, words, host, port, gate, limits, ImageDecoder::decode, Pace.DEFAULT);
    }

    /** With another decoder, and other slow clients. */
    static PredictionServer start(
            ImageTextModel model,
            Path adapter,
            boolean words,
            String host,
            int port,
            Gate gate,
            Limits limits,
            Decoder decoder,
            Pace pace) {
        PredictionServer server = new PredictionServer(model, adapter, words, gate, limits, decoder, pace);
        try {
            server.web.start(host, port);
            server.port = server.web.port();
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private void routes() {
        Javalin app = web.app();
        app.before(ctx -> {
            if (stopping) {
                ctx.header("Connection", "close"); // no further requests on a connection that is about to close
            } else {
                ctx.attribute(STARTED, System.nanoTime());
                accepted.incrementAndGet();
            }
        });
        app.after(ctx -> {
            Long started = ctx.attribute(STARTED);
            if (started != null) {
                String endpoint = ctx.endpointHandlerPath();
                metrics.answered(endpoint.isEmpty() ? "none" : endpoint, ctx.statusCode(), System.nanoTime() - started);
                answered.incrementAndGet();
            }
        });
        app.post("/v1/predict", ctx -> {
            Ask ask = Ask.prediction(ctx);
            boolean sigmoid = sigmoid(ctx);
            submit(ctx, ask, answer -> prediction(answer, ask.top(), sigmoid));
        });
        app.post("/v1/embed", ctx -> submit(ctx, Ask.EMBEDDING, this::embedding));
        app.post(
                "/v1/explain",
                ctx -> submit(ctx, Ask.explanation(ctx), answer -> Objects.requireNonNull(answer.explanation())));
        app.get("/v1/model", ctx -> WebServer.json(ctx, model()));
        app.get("/health", ctx -> WebServer.json(ctx, Schema.STATUS.document().put("status", "alive")));
        app.get("/ready", ctx -> {
            if (stopping) {
                throw RefusedException.busy("the server is stopping");
            }
            WebServer.json(ctx, Schema.STATUS.document().put("status", "ready"));
        });
        app.get("/metrics", ctx -> ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                .result(metrics.text()));
        app.get("/openapi.json", ctx -> WebServer.json(ctx, document));
    }

    /** Decodes an image; {@link ImageDecoder} except in tests. */
    interface Decoder {
        Image decode(byte[] bytes, String name, long most) throws UnreadableImageException;
    }

    private void submit(Context ctx, Ask ask, Function<Answer, JsonNode> wording) {
        boolean taken = ctx.attribute(STARTED) != null;
        String given = ctx.queryParam("name");
        String name = given == null ? "image" : given.substring(0, Math.min(LONGEST_NAME, given.length()));
        // Read even if it is refused: a connection closed over unread bytes is reset, and the refusal is lost with it.
        web.later(
                ctx,
                () -> web.body(ctx, limits.bytes())
                        .thenCompose(bytes -> taken
                                ? answer(ask, bytes, name)
                                : CompletableFuture.failedFuture(RefusedException.busy("the server is stopping"))),
                wording);
    }

    /** From an image's bytes to the answer; patience begins here, and covers decoding, the queue and the batch. */
    private CompletableFuture<Answer> answer(Ask ask, byte[] bytes, String name) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        int before = waiting.getAndIncrement();
        CompletableFuture<Answer> unused = answer.whenComplete((found, problem) -> waiting.decrementAndGet());
        if (before >= limits.queue()) {
            answer.completeExceptionally(RefusedException.busy("too many images are waiting"));
            return answer;
        }
        Workers.patient(answer, limits.patience());
        CompletableFuture<float[]> pixels = decoders.submit(() -> pixels(bytes, name));
        // Which takes seconds the first time: not on a thread that others wait for.
        CompletableFuture<Optional<TextLogit>> ready = ask.kind() == Kind.EXPLAIN
                ? words.submit(() -> {
                    base.prepare();
                    return ask.logit(base.model());
                })
                : CompletableFuture.completedFuture(Optional.empty());
        CompletableFuture<Answer> unusedToo = answer.whenComplete((found, problem) -> {
            pixels.cancel(false); // given up: what has not begun need not
            ready.cancel(false);
        });
        CompletableFuture<float[]> both = pixels.thenCombine(ready, (decoded, words) -> decoded);
        CompletableFuture<float[]> unusedLast = both.whenComplete((decoded, problem) -> {
            if (problem == null) {
                TextLogit text = ready.join().orElse(null); // it has come
                batcher.submit(ask.kind(), decoded, name, ask.top(), text, answer);
            } else {
                answer.completeExceptionally(problem);
            }
        });
        return answer;
    }

    private float[] pixels(byte[] bytes, String name) {
        try {
            Image image = decoder.decode(bytes, name, limits.pixels());
            Preprocessing preprocessing = base.model().preprocessing();
            float[] pixels = new float[preprocessing.inputLength()];
            preprocessing.apply(image, pixels, 0);
            return pixels;
        } catch (UnreadableImageException | IllegalArgumentException e) {
            throw new RefusedException(422, String.valueOf(e.getMessage()));
        }
    }

    /** Whether the model's own probabilities are asked for. */
    private boolean sigmoid(Context ctx) {
        String value = ctx.queryParam("scores");
        if (value == null || value.equals("softmax")) {
            return false;
        }
        if (!value.equals("sigmoid")) {
            throw InputException.at("'scores'", "'" + value + "'", "softmax or sigmoid", "Correct it");
        }
        batcher.current().predictor().requirePairsAlone();
        return true;
    }

    private JsonNode prediction(Answer answer, int top, boolean sigmoid) {
        Prediction found = Objects.requireNonNull(answer.prediction());
        ObjectNode node = Schema.PREDICTION.document();
        PredictionJson.write(sigmoid ? found.byMatch(answer.classes()) : found, node, answer.classes(), top);
        return node;
    }

    private JsonNode embedding(Answer answer) {
        ObjectNode node = Schema.EMBEDDING.document();
        ArrayNode values = node.putArray("embedding");
        for (float value : Objects.requireNonNull(answer.embedding())) {
            values.add(value);
        }
        return node;
    }

    private ObjectNode model() {
        AdapterFile file = batcher.current().file();
        AdapterFile.Info info = file.info();
        ObjectNode node = Schema.SERVED_MODEL
                .document()
                .put("tool", Provenance.version())
                .put("model", String.valueOf(base.model().folder().getFileName()))
                .put("model_hash", base.model().hash())
                .put("method", info.method())
                .put("parameters", file.adapter().parameters())
                .put("fitted", info.provenance().created())
                .put("validation_accuracy", info.validationAccuracy())
                .put("test_accuracy", info.testAccuracy());
        node.set("classes", Json.of(file.classifier().classes()));
        node.set("calibration", info.calibration().json());
        return node;
    }

    private JsonNode openApi() {
        try (InputStream in = Objects.requireNonNull(PredictionServer.class.getResourceAsStream("openapi.json"))) {
            return Json.parse(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .replace("{{version}}", Provenance.version().replace("residual ", ""))
                            .replace("\"{{bytes}}\"", String.valueOf(limits.bytes())),
                    Json.Limits.OWN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The query parameters that the API document allows; others are refused. */
    private static Map<String, Set<String>> known(JsonNode document) {
        Map<String, Set<String>> known = new HashMap<>();
        document.path("paths").properties().forEach(path -> {
            Set<String> names = new HashSet<>();
            for (JsonNode operation : path.getValue()) {
                for (JsonNode parameter : operation.path("parameters")) {
                    String reference = parameter.path("$ref").asText().replace("#", "");
                    names.add(document.at(reference).path("name").asText());
                }
            }
            for (JsonNode scheme : document.at("/components/securitySchemes")) {
                if (scheme.path("in").asText().equals("query")) {
                    names.add(scheme.path("name").asText());
                }
            }
            known.put(path.getKey(), names);
        });
        return known;
    }

    /** The URL of the server. */
    public String address() {
        return gate.address(port);
    }

    /** Requests taken so far; those that are refused because it is stopping are not. */
    public long accepted() {
        return accepted.get();
    }

    /** Requests answered so far, of those that were taken. */
    public long answered() {
        return answered.get();
    }

    /**
     * Takes no more, answers what was taken, and ends. What has not ended after thirty seconds, be it a client, a decoder or a batch, is
     * left alone; only then may a thread of this server still use the model.
     */
    @Override
    public void close() {
        Deadline end = Deadline.in(STOP);
        stopping = true;
        for (Connector connector : web.connectors()) {
            if (connector instanceof NetworkConnector network) {
                network.close(); // no new connections; those that are open stay
            }
        }
        if (!inFlight.awaitNone(Math.max(0, end.millis() - AFTERWARDS.toMillis()))) {
            LOG.log(System.Logger.Level.WARNING, "stopped before every request was answered");
        }
        decoders.close();
        Thread stop = new Thread(web::close, "stop");
        stop.setDaemon(true);
        stop.start();
        boolean ended = join(stop, end);
        ended &= watch.close(end);
        ended &= words.close(end.nanos());
        ended &= batcher.close(end);
        if (!ended) {
            LOG.log(System.Logger.Level.WARNING, "a thread is stuck, and left alone");
        }
    }

    private static boolean join(Thread thread, Deadline end) {
        try {
            thread.join(Math.max(1, end.millis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
