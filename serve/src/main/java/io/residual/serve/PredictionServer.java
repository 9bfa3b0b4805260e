package io.residual.serve;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.residual.alignment.AdapterFile;
import io.residual.base.InputException;
import io.residual.images.Picture;
import io.residual.images.PictureDecoder;
import io.residual.images.Preprocessing;
import io.residual.images.UnreadablePictureException;
import io.residual.model.ImageTextModel;
import io.residual.prediction.Prediction;
import io.residual.provenance.Provenance;
import io.residual.serve.Batcher.Answer;
import io.residual.serve.Batcher.Kind;
import io.residual.web.Gate;
import io.residual.web.RefusedException;
import io.residual.web.WebServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.NetworkConnector;

/**
 * An adapter behind HTTP: a picture's bytes in, JSON out; {@code /openapi.json} says it all. Decoding and resizing happen on the
 * requests' own threads, the forward pass in batches on one.
 */
public final class PredictionServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PredictionServer.class.getName());
    private static final String STARTED = "residual-started";
    private static final long STOP_MS = 30_000;
    private static final int RETRY_S = 1;
    /** Most of them wait for clients: slow uploads must not keep others from being heard. */
    private static final int THREADS = 64;

    private static final Set<String> OPEN = Set.of("/health", "/ready");

    private final Javalin app;
    private final Gate gate;
    private final Limits limits;
    private final Deployment.Base base;
    private final Batcher batcher;
    private final AdapterWatch watch;
    private final Metrics metrics;
    private final ObjectMapper mapper = new ObjectMapper();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final Semaphore decoding = new Semaphore(Runtime.getRuntime().availableProcessors());
    private final InFlight inFlight = new InFlight();
    private volatile boolean stopping;
    private volatile int port;

    private PredictionServer(ImageTextModel model, Path adapter, boolean words, Gate gate, Limits limits) {
        this.gate = gate;
        this.limits = limits;
        this.base = new Deployment.Base(model, words);
        AdapterWatch.Version version = AdapterWatch.Version.of(adapter); // before it is read: what comes later is new
        Metrics[] counted = new Metrics[1];
        this.batcher = new Batcher(base, adapter, limits, size -> {
            Metrics into = counted[0];
            if (into != null) {
                into.batch(size);
            }
        });
        this.metrics = new Metrics(batcher::waiting);
        counted[0] = metrics;
        this.watch = new AdapterWatch(adapter, version, base, batcher, metrics);
        this.app = WebServer.create(gate, OPEN, THREADS, config -> {
            config.http.asyncTimeout = 2 * limits.patience().toMillis() + STOP_MS;
            WebServer.connectors(config, connector -> connector.addBean(inFlight));
        });
        routes();
    }

    /**
     * Starts a server; the model stays its owner's and must outlive it.
     *
     * @param adapter what residual align wrote; when the file becomes another, that one takes over
     * @param words whether explanations name components by words
     * @param port 0 for one that is free
     */
    public static PredictionServer start(
            ImageTextModel model, Path adapter, boolean words, String host, int port, Gate gate, Limits limits) {
        PredictionServer server = new PredictionServer(model, adapter, words, gate, limits);
        try {
            WebServer.start(server.app, host, port);
            server.port = server.app.port();
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private void routes() {
        app.before(ctx -> {
            if (stopping) {
                ctx.header("Connection", "close"); // nobody comes again on a connection that is about to go
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
        app.exception(CompletionException.class, (e, ctx) -> failed(ctx, e.getCause() == null ? e : e.getCause()));
        app.post("/v1/predict", ctx -> {
            int top = number(ctx, "top", 1);
            submit(ctx, Kind.PREDICT, top, answer -> prediction(answer, top));
        });
        app.post("/v1/embed", ctx -> submit(ctx, Kind.EMBED, 0, this::embedding));
        app.post(
                "/v1/explain",
                ctx -> submit(ctx, Kind.EXPLAIN, number(ctx, "top", 10), answer -> Objects.requireNonNull(
                                answer.explanation())
                        .toString()));
        app.get("/v1/model", ctx -> json(ctx, model()));
        app.get("/health", ctx -> json(ctx, mapper.createObjectNode().put("status", "alive")));
        app.get("/ready", ctx -> {
            if (stopping) {
                throw new RefusedException(503, "the server is stopping");
            }
            json(ctx, mapper.createObjectNode().put("status", "ready"));
        });
        app.get("/metrics", ctx -> ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                .result(metrics.text()));
        String document = openApi();
        app.get("/openapi.json", ctx -> ctx.contentType("application/json").result(document));
    }

    /** What becomes of an answer. */
    private interface Wording {
        String of(Answer answer);
    }

    private void submit(Context ctx, Kind kind, int top, Wording wording) {
        boolean taken = ctx.attribute(STARTED) != null;
        // Read even if it is refused: a connection closed over unread bytes is reset, and the refusal is lost with it.
        byte[] bytes = WebServer.body(ctx, limits.bytes());
        if (!taken || batcher.full()) {
            busy(ctx, taken ? "too many pictures are waiting" : "the server is stopping");
            return;
        }
        String given = ctx.queryParam("name");
        String name = given == null ? "picture" : given.substring(0, Math.min(200, given.length()));
        float[] pixels = pixels(bytes, name);
        if (kind == Kind.EXPLAIN) {
            base.prepare(); // which may take seconds the first time: not on the thread that computes
        }
        try {
            var answer = batcher.submit(kind, pixels, name, top);
            // On a thread of the server's own: a client that reads slowly must not hold up the one that computes.
            ctx.future(() -> answer.handleAsync(
                    (found, problem) -> {
                        if (problem != null) {
                            failed(ctx, problem);
                        } else {
                            ctx.contentType("application/json").result(wording.of(found));
                        }
                        return null;
                    },
                    app.jettyServer().server().getThreadPool()));
        } catch (RefusedException e) {
            busy(ctx, String.valueOf(e.getMessage()));
        }
    }

    private static void failed(Context ctx, Throwable problem) {
        if (problem instanceof RefusedException refused) {
            busy(ctx, String.valueOf(refused.getMessage()));
        } else {
            LOG.log(System.Logger.Level.ERROR, "a picture failed", problem);
            WebServer.error(ctx, 500, "this should not have happened; the server's log says more");
        }
    }

    private static void busy(Context ctx, String reason) {
        ctx.header("Retry-After", String.valueOf(RETRY_S));
        WebServer.error(ctx, 503, reason);
    }

    private float[] pixels(byte[] bytes, String name) {
        // A small file may be a large picture: no more of them at once than processors.
        decoding.acquireUninterruptibly();
        try {
            Picture picture = PictureDecoder.decode(bytes, name, limits.pixels());
            Preprocessing preprocessing = base.model().preprocessing();
            float[] pixels = new float[preprocessing.inputLength()];
            preprocessing.apply(picture, pixels, 0);
            return pixels;
        } catch (UnreadablePictureException | IllegalArgumentException e) {
            throw new RefusedException(422, String.valueOf(e.getMessage()));
        } finally {
            decoding.release();
        }
    }

    private static int number(Context ctx, String name, int usual) {
        String value = ctx.queryParam(name);
        if (value == null) {
            return usual;
        }
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw InputException.at("'" + name + "'", "'" + value + "'", "a number from 1", "Correct it");
        }
        return Integer.parseInt(value);
    }

    private String prediction(Answer answer, int top) {
        Prediction found = Objects.requireNonNull(answer.prediction());
        ObjectNode node = mapper.createObjectNode()
                .put("class", found.label())
                .put("probability", found.probability())
                .put("accepted", found.accepted());
        ArrayNode best = node.putArray("top");
        IntStream.range(0, answer.classes().size())
                .boxed()
                .sorted(Comparator.comparingDouble(
                        (Integer c) -> -found.probabilities().get(c)))
                .limit(top)
                .forEach(c -> best.addObject()
                        .put("class", answer.classes().get(c))
                        .put("probability", found.probabilities().get(c)));
        return node.toString();
    }

    private String embedding(Answer answer) {
        ObjectNode node = mapper.createObjectNode();
        ArrayNode values = node.putArray("embedding");
        for (float value : Objects.requireNonNull(answer.embedding())) {
            values.add(value);
        }
        return node.toString();
    }

    private ObjectNode model() {
        AdapterFile file = batcher.current().file();
        AdapterFile.Info info = file.info();
        ObjectNode node = mapper.createObjectNode()
                .put("tool", Provenance.version())
                .put("model", String.valueOf(base.model().folder().getFileName()))
                .put("model_hash", base.model().hash())
                .put("method", info.method())
                .put("parameters", file.adapter().parameters())
                .put("fitted", info.provenance().created())
                .put("validation_accuracy", info.validationAccuracy())
                .put("test_accuracy", info.testAccuracy());
        node.set("classes", mapper.valueToTree(file.classifier().classes()));
        node.set("calibration", mapper.valueToTree(info.calibration()));
        return node;
    }

    private String openApi() {
        try (InputStream in = Objects.requireNonNull(PredictionServer.class.getResourceAsStream("openapi.json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("{{version}}", Provenance.version().replace("residual ", ""))
                    .replace("\"{{bytes}}\"", String.valueOf(limits.bytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void json(Context ctx, ObjectNode node) {
        ctx.contentType("application/json").result(node.toString());
    }

    /** Where it can be reached. */
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

    /** Takes no more, answers what was taken, and ends. */
    @Override
    public void close() {
        stopping = true;
        watch.close();
        for (Connector connector : app.jettyServer().server().getConnectors()) {
            if (connector instanceof NetworkConnector network) {
                network.close(); // no new connections; those that are open stay
            }
        }
        if (!inFlight.awaitNone(STOP_MS)) {
            LOG.log(System.Logger.Level.WARNING, "stopped before every request was answered");
        }
        app.stop();
        batcher.close();
    }
}
