package io.residual.explorer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.residual.audit.AuditPage;
import io.residual.audit.Decisions;
import io.residual.audit.Findings;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.report.OneFilePage;
import io.residual.web.Gate;
import io.residual.web.WebServer;
import io.residual.web.Workers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An audit's page, served: each decision that somebody makes there by keyboard is in the table of corrections before it is answered
 * ({@link Decisions}). Safe for several visitors, who share one table.
 */
public final class ReviewServer implements AutoCloseable {
    private static final int REQUEST_BYTES = 1 << 20;
    private static final int WAITING = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final WebServer web;
    private final Workers writer = new Workers("review", 1, WAITING, PATIENCE);
    private final Gate gate;
    private final Decisions decisions;

    private ReviewServer(Gate gate, Findings findings, Path table) {
        this.gate = gate;
        this.decisions = new Decisions(table, findings);
        OneFilePage page = AuditPage.served(findings, table.toString());
        web = new WebServer(gate, WebServer.Rules.of(Set.of(), path -> Set.of("token"), REQUEST_BYTES));
        Javalin app = web.app();
        app.get("/", ctx -> {
            if (ctx.queryParam("token") != null) {
                ctx.redirect("/"); // the token does not stay in the address
                return;
            }
            ctx.header("Content-Security-Policy", page.policy() + "; frame-ancestors 'none'");
            ctx.html(page.html());
        });
        app.get("/api/decisions", ctx -> web.later(ctx, () -> writer.submit(this::answer), node -> node));
        app.get("/api/thumbnail/{image}", ctx -> {
            String image = ctx.pathParam("image");
            web.later(ctx, () -> writer.submit(() -> thumbnail(findings, image)), node -> node);
        });
        app.post(
                "/api/decisions",
                ctx -> web.later(
                        ctx,
                        () -> web.body(ctx, REQUEST_BYTES)
                                .thenCompose(bytes -> writer.submit(() -> {
                                    decide(bytes);
                                    return answer();
                                })),
                        node -> node));
    }

    /**
     * Starts a server; port 0 takes one that is free.
     *
     * @param table where decisions are kept; those that are there already are shown
     * @throws InputException if the table cannot be read, or the port is taken
     */
    public static ReviewServer start(String host, int port, Gate gate, Findings findings, Path table) {
        ReviewServer server = new ReviewServer(gate, findings, table);
        try {
            server.web.start(host, port);
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static ObjectNode thumbnail(Findings findings, String image) {
        int size = findings.labels().length;
        if (!image.matches("[0-9]{1,9}") || Integer.parseInt(image) >= size) {
            throw InputException.at("the address", "'" + image + "'", "an image from 0 to " + (size - 1), "Correct it");
        }
        return Schema.EXPLORATION.document().put("thumbnail", AuditPage.thumbnail(findings, Integer.parseInt(image)));
    }

    private ObjectNode answer() {
        return Schema.EXPLORATION.document().setAll(decisions.json());
    }

    private void decide(byte[] bytes) {
        JsonNode body;
        try {
            body = Json.parse(bytes, Json.Limits.OWN);
        } catch (JsonProcessingException e) {
            throw InputException.at("the request", "no JSON", "a JSON object", "Correct it", e);
        }
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode number : body.path("proposals")) {
            if (!number.isInt()) {
                throw InputException.at("'proposals'", Json.shown(number), "whole numbers", "Correct it");
            }
            numbers.add(number.asInt());
        }
        JsonNode accepted = body.path("accepted");
        if (!accepted.isBoolean() && !accepted.isNull()) {
            throw InputException.at("'accepted'", Json.shown(accepted), "true, false or null", "Correct it");
        }
        @Nullable Boolean decision = accepted.isNull() ? null : accepted.asBoolean();
        decisions.decide(numbers, decision);
    }

    /** The URL for a browser. */
    public String address() {
        return gate.address(web.port());
    }

    @Override
    public void close() {
        web.close();
        writer.close(TimeUnit.SECONDS.toNanos(10));
    }
}
