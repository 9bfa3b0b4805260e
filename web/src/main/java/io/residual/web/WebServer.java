package io.residual.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.util.JavalinBindException;
import io.residual.base.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.function.Consumer;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A small HTTP server with the {@link Gate} before every answer, errors as JSON, and headers that leave nothing to guess. */
public final class WebServer {
    private static final System.Logger LOG = System.getLogger(WebServer.class.getName());
    private static final long IDLE_MS = 30_000;
    private static final long LEAST_BYTES_A_SECOND = 1000; // slower clients would hold a thread for ever

    private WebServer() {}

    /**
     * Makes a server; it is not started yet.
     *
     * @param open paths that anybody may ask for without a token
     * @param threads at most, for requests
     * @param more adds settings
     */
    public static Javalin create(Gate gate, Set<String> open, int threads, Consumer<JavalinConfig> more) {
        Javalin app = Javalin.create(config -> {
            config.showJavalinBanner = false;
            config.startupWatcherEnabled = false;
            config.useVirtualThreads = false;
            config.http.prefer405over404 = true;
            config.jetty.threadPool = new QueuedThreadPool(Math.max(8, threads));
            config.jetty.modifyHttpConfiguration(http -> {
                http.setSendServerVersion(false);
                http.setRequestHeaderSize(16 << 10);
                http.setMinRequestDataRate(LEAST_BYTES_A_SECOND);
                http.setMinResponseDataRate(LEAST_BYTES_A_SECOND);
            });
            connectors(config, connector -> connector.setIdleTimeout(IDLE_MS));
            more.accept(config);
        });
        app.before(ctx -> {
            ctx.header("X-Content-Type-Options", "nosniff");
            ctx.header("Referrer-Policy", "no-referrer");
            ctx.header("Cache-Control", "no-store");
            ctx.header("X-Frame-Options", "DENY");
            ctx.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
            if (!open.contains(ctx.path())) {
                gate.check(ctx);
            }
        });
        app.exception(RefusedException.class, (e, ctx) -> error(ctx, e.status(), String.valueOf(e.getMessage())));
        app.exception(InputException.class, (e, ctx) -> error(ctx, 400, String.valueOf(e.getMessage())));
        app.exception(MethodNotAllowedResponse.class, (e, ctx) -> {
            ctx.header("Allow", e.getDetails().getOrDefault("availableMethods", "GET"));
            error(ctx, 405, "this address does not know " + ctx.req().getMethod());
        });
        app.exception(
                HttpResponseException.class, (e, ctx) -> error(ctx, e.getStatus(), String.valueOf(e.getMessage())));
        app.exception(Exception.class, (e, ctx) -> {
            LOG.log(System.Logger.Level.ERROR, "a request failed", e);
            error(ctx, 500, "this should not have happened; the server's log says more");
        });
        return app;
    }

    /** Sets what listens, just before it starts: Javalin makes its connector only then. */
    public static void connectors(JavalinConfig config, Consumer<AbstractConnector> settings) {
        config.jetty.modifyServer(server -> server.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStarting(LifeCycle starting) {
                for (Connector connector : server.getConnectors()) {
                    if (connector instanceof AbstractConnector known) {
                        settings.accept(known);
                    }
                }
            }
        }));
    }

    /** Starts it; port 0 takes one that is free. */
    public static void start(Javalin app, String host, int port) {
        try {
            app.start(host, port);
        } catch (JavalinBindException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (String.valueOf(cause.getMessage()).contains("Cannot assign requested address")) {
                    throw InputException.at("--host", host, "an address of this machine", "Correct it", e);
                }
            }
            throw InputException.at(
                    "--port", "port " + port + " in use", "a free one", "Give another, or 0 for any", e);
        }
    }

    /** Answers with an error as JSON. */
    public static void error(Context ctx, int status, String message) {
        ctx.status(status)
                .contentType("application/json")
                .result(new ObjectMapper()
                        .createObjectNode()
                        .put("error", message)
                        .toString());
    }

    /**
     * The body, if it is small enough; more than {@code limit} bytes are never held.
     *
     * @throws RefusedException 413 if it is larger
     */
    public static byte[] body(Context ctx, int limit) {
        if (ctx.req().getContentLengthLong() > limit) {
            throw new RefusedException(413, "more than " + limit + " bytes");
        }
        try (InputStream in = ctx.req().getInputStream()) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new RefusedException(413, "more than " + limit + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new RefusedException(400, "the body broke off");
        }
    }
}
