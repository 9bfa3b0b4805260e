package io.residual.explorer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.UnreadableImageException;
import io.residual.web.Gate;
import io.residual.web.RefusedException;
import io.residual.web.WebServer;
import io.residual.web.Workers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The report's pages, served with controls: λ to turn, images to drop in, attributes to suppress, adapters to save. */
public final class ExploreServer implements AutoCloseable {
    /** Maximum size of an uploaded image, in bytes. */
    static final int IMAGE_BYTES = 20 << 20;

    /** Pixels of such an image, at most. */
    static final int IMAGE_PIXELS = 40_000_000;

    private static final int REQUEST_BYTES = 16 << 10;
    private static final int LONGEST_NAME = 200;

    /** Requests that wait for the bench at most; the page asks one after another. */
    private static final int WAITING = 64;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final WebServer web;
    private final Workers decoders = new Workers("decoder", 2, WAITING, PATIENCE);
    private final Workers benches = new Workers("bench", 1, WAITING, PATIENCE);
    private final Gate gate;

    private final Preparation preparation = new Preparation();
    private volatile @Nullable Workbench bench;
    private volatile HtmlReport page = HtmlReport.waiting();
    private volatile @Nullable JsonNode data;

    private ExploreServer(Gate gate) {
        this.gate = gate;
        web = new WebServer(gate, WebServer.Rules.of(Set.of(), ExploreServer::parameters, IMAGE_BYTES));
        Javalin app = web.app();
        app.get("/", ctx -> {
            if (ctx.queryParam("token") != null) {
                ctx.redirect("/"); // the token does not stay in the address
                return;
            }
            HtmlReport now = page;
            ctx.header("Content-Security-Policy", now.policy() + "; frame-ancestors 'none'");
            ctx.html(now.html());
        });
        app.get("/api/progress", ctx -> web.later(ctx, () -> CompletableFuture.completedFuture(progressed()), n -> n));
        app.get("/api/data", ctx -> web.later(ctx, () -> CompletableFuture.completedFuture(data()), n -> n));
        app.get("/api/state", ctx -> answer(ctx, () -> bench().state()));
        app.get("/api/unit/{unit}", ctx -> answer(ctx, () -> bench().unit(ctx.pathParam("unit"))));
        app.get("/api/image/{index}", ctx -> answer(ctx, () -> bench().image(whole(ctx.pathParam("index")))));
        app.get("/api/image/{index}/map", ctx -> answer(ctx, () -> bench().map(whole(ctx.pathParam("index")))));
        app.get("/api/own/{number}", ctx -> answer(ctx, () -> bench().own(whole(ctx.pathParam("number")))));
        app.get("/api/own/{number}/map", ctx -> answer(ctx, () -> bench().ownMap(whole(ctx.pathParam("number")))));
        app.post(
                "/api/image/{index}/where",
                ctx -> answer(ctx, body -> bench().where(
                                whole(ctx.pathParam("index")), text(body, "text"), optional(body, "against"))));
        app.post(
                "/api/own/{number}/where",
                ctx -> answer(ctx, body -> bench().ownWhere(
                                whole(ctx.pathParam("number")), text(body, "text"), optional(body, "against"))));
        app.get("/api/thumbnail/{row}", ctx -> answer(ctx, () -> bench().thumbnail(whole(ctx.pathParam("row")))));
        app.post("/api/undo", ctx -> answer(ctx, body -> bench().undo()));
        app.post(
                "/api/switch", ctx -> answer(ctx, body -> bench().switchedOff(text(body, "unit"), text(body, "with"))));
        app.post(
                "/api/turn",
                ctx -> answer(ctx, body -> bench().turn(
                                text(body, "unit"), whole(body, "component"), number(body, "value"))));
        app.post("/api/scale", ctx -> answer(ctx, body -> bench().scale(text(body, "unit"), number(body, "factor"))));
        app.post("/api/interpolation", ctx -> answer(ctx, body -> bench().interpolation(number(body, "value"))));
        app.post(
                "/api/suppress",
                ctx -> answer(ctx, body -> bench().suppress(text(body, "text"), whole(body, "count"))));
        app.post(
                "/api/save",
                ctx -> answer(ctx, body -> {
                    String saved =
                            String.valueOf(bench().save(text(body, "name")).getFileName());
                    return Schema.EXPLORATION.document().put("saved", saved);
                }));
        app.post("/api/upload", ctx -> {
            String given = ctx.queryParam("name");
            String name = given == null || given.isBlank() ? "an image" : given;
            String kept = name.substring(0, Math.min(LONGEST_NAME, name.length()));
            web.later(
                    ctx,
                    () -> web.body(ctx, IMAGE_BYTES)
                            .thenCompose(bytes -> decoders.submit(() -> decoded(bytes, kept)))
                            .thenCompose(image -> benches.submit(() -> bench().upload(image, kept))),
                    node -> node);
        });
    }

    private static @Nullable Set<String> parameters(String path) {
        return path.equals("/api/upload") ? Set.of("name", "token") : Set.of("token");
    }

    /**
     * Starts serving what is there; port 0 takes one that is free.
     *
     * @param data of the pages
     * @param bench for the controls; it stays its owner's
     */
    public static ExploreServer start(String host, int port, Gate gate, JsonNode data, Workbench bench) {
        ExploreServer server = start(host, port, gate);
        server.serve(bench);
        server.show(data);
        return server;
    }

    /** Starts a server that says how far the preparation is, until there is something to {@link #show}. */
    public static ExploreServer start(String host, int port, Gate gate) {
        ExploreServer server = new ExploreServer(gate);
        try {
            server.web.start(host, port);
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Reports to this server's waiting page, and to another. */
    public Progress progress(Progress other) {
        return preparation.and(other);
    }

    /** Lets the controls work on a bench. */
    public void serve(Workbench on) {
        bench = on;
    }

    /** Shows these data from now on; more may follow. */
    public void show(JsonNode shown) {
        page = HtmlReport.served(shown);
        data = shown;
    }

    private Workbench bench() {
        Workbench now = bench;
        if (now == null) {
            throw RefusedException.busy("still being prepared: " + preparation.step());
        }
        return now;
    }

    private ObjectNode progressed() {
        JsonNode now = data;
        return preparation.json().put("ready", now != null).put("complete", now != null && !now.has("pending"));
    }

    private JsonNode data() {
        JsonNode now = data;
        if (now == null) {
            throw RefusedException.busy("still being prepared: " + preparation.step());
        }
        return now;
    }

    /** The URL for a browser. */
    public String address() {
        return gate.address(web.port());
    }

    private static Image decoded(byte[] bytes, String name) {
        try {
            return ImageDecoder.decode(bytes, name, IMAGE_PIXELS);
        } catch (UnreadableImageException e) {
            throw new RefusedException(422, String.valueOf(e.getMessage()));
        }
    }

    /** What the bench says, on its thread. */
    private void answer(Context ctx, Callable<ObjectNode> ask) {
        web.later(ctx, () -> benches.submit(ask), node -> node);
    }

    private void answer(Context ctx, Function<JsonNode, ObjectNode> ask) {
        web.later(
                ctx,
                () -> web.body(ctx, REQUEST_BYTES)
                        .thenApply(this::body)
                        .thenCompose(body -> benches.submit(() -> ask.apply(body))),
                node -> node);
    }

    private JsonNode body(byte[] bytes) {
        try {
            return Json.parse(bytes, Json.Limits.OWN);
        } catch (JsonProcessingException e) {
            throw InputException.at("the request", "no JSON", "a JSON object", "Correct it", e);
        }
    }

    private static String text(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isTextual()) {
            throw wrong(name, value, "a text");
        }
        return value.asText();
    }

    private static @Nullable String optional(JsonNode body, String name) {
        return body.path(name).isMissingNode() ? null : text(body, name);
    }

    private static double number(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isNumber()) {
            throw wrong(name, value, "a number");
        }
        return value.asDouble();
    }

    private static int whole(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isInt()) {
            throw wrong(name, value, "a whole number");
        }
        return value.asInt();
    }

    private static InputException wrong(String name, JsonNode value, String expected) {
        return InputException.at(
                "'" + name + "'", value.isMissingNode() ? "nothing" : Json.shown(value), expected, "Correct it");
    }

    private static int whole(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw InputException.at("the address", "'" + text + "'", "a number", "Correct it");
        }
        return Integer.parseInt(text);
    }

    @Override
    public void close() {
        web.close();
        decoders.close();
        benches.close(TimeUnit.SECONDS.toNanos(10)); // which may be at work on the model
    }
}
