package io.residual.explorer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.residual.base.InputException;
import io.residual.images.Picture;
import io.residual.images.PictureDecoder;
import io.residual.images.UnreadablePictureException;
import io.residual.web.Gate;
import io.residual.web.RefusedException;
import io.residual.web.WebServer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The report's pages, served with controls: λ to turn, pictures to drop in, attributes to suppress, adapters to save. */
public final class ExploreServer implements AutoCloseable {
    /** A picture of one's own, at most. */
    static final int PICTURE_BYTES = 20 << 20;

    /** Pixels of such a picture, at most. */
    static final int PICTURE_PIXELS = 40_000_000;

    private static final int REQUEST_BYTES = 16 << 10;
    private static final int THREADS = 16;

    private final Javalin app;
    private final Gate gate;
    private final ObjectMapper mapper = new ObjectMapper();

    private ExploreServer(Gate gate, JsonNode data, Workbench bench) {
        this.gate = gate;
        HtmlReport page = HtmlReport.served(data);
        app = WebServer.create(gate, Set.of(), THREADS, config -> {});
        app.get("/", ctx -> {
            if (ctx.queryParam("token") != null) {
                ctx.redirect("/"); // the token does not stay in the address
                return;
            }
            ctx.header("Content-Security-Policy", page.policy() + "; frame-ancestors 'none'");
            ctx.html(page.html());
        });
        app.get("/api/state", ctx -> json(ctx, bench.state()));
        app.get("/api/unit/{unit}", ctx -> json(ctx, bench.unit(ctx.pathParam("unit"))));
        app.get("/api/picture/{index}", ctx -> json(ctx, bench.picture(whole(ctx.pathParam("index")))));
        app.get("/api/own/{number}", ctx -> json(ctx, bench.own(whole(ctx.pathParam("number")))));
        app.post("/api/turn", ctx -> {
            JsonNode body = body(ctx);
            json(ctx, bench.turn(text(body, "unit"), whole(body, "component"), number(body, "value")));
        });
        app.post("/api/scale", ctx -> {
            JsonNode body = body(ctx);
            json(ctx, bench.scale(text(body, "unit"), number(body, "factor")));
        });
        app.post("/api/dial", ctx -> json(ctx, bench.dial(number(body(ctx), "value"))));
        app.post("/api/suppress", ctx -> {
            JsonNode body = body(ctx);
            json(ctx, bench.suppress(text(body, "text"), whole(body, "count")));
        });
        app.post("/api/save", ctx -> {
            String saved = String.valueOf(bench.save(text(body(ctx), "name")).getFileName());
            json(ctx, mapper.createObjectNode().put("saved", saved));
        });
        app.post("/api/upload", ctx -> {
            String given = ctx.queryParam("name");
            String name = given == null || given.isBlank() ? "a picture" : given;
            json(ctx, bench.upload(picture(ctx, name), name.substring(0, Math.min(200, name.length()))));
        });
    }

    /** Starts serving; port 0 takes one that is free. */
    public static ExploreServer start(String host, int port, Gate gate, JsonNode data, Workbench bench) {
        ExploreServer server = new ExploreServer(gate, data, bench);
        WebServer.start(server.app, host, port);
        return server;
    }

    /** Where to point a browser. */
    public String address() {
        return gate.address(app.port());
    }

    private static Picture picture(Context ctx, String name) {
        byte[] bytes = WebServer.body(ctx, PICTURE_BYTES);
        try {
            return PictureDecoder.decode(bytes, name, PICTURE_PIXELS);
        } catch (UnreadablePictureException e) {
            throw new RefusedException(422, String.valueOf(e.getMessage()));
        }
    }

    private static void json(Context ctx, ObjectNode node) {
        ctx.contentType("application/json").result(node.toString());
    }

    private JsonNode body(Context ctx) {
        byte[] bytes = WebServer.body(ctx, REQUEST_BYTES);
        try {
            return mapper.readTree(new String(bytes, StandardCharsets.UTF_8));
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
                "'" + name + "'", value.isMissingNode() ? "nothing" : "" + value, expected, "Correct it");
    }

    private static int whole(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw InputException.at("the address", "'" + text + "'", "a number", "Correct it");
        }
        return Integer.parseInt(text);
    }

    @Override
    public void close() {
        app.stop();
    }
}
