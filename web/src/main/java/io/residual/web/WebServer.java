package io.residual.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.util.JavalinBindException;
import io.residual.base.InputException;
import io.residual.base.Json;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LowResourceMonitor;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP server with the {@link Gate} before every answer, errors as JSON, queries read strictly, and headers that leave
 * nothing to guess. Its threads never wait: bodies and answers go in and out as clients send and take them, and handlers leave what
 * may take long to {@link Workers} and answer {@link #later}. So a few threads are enough, and no client can silence it.
 */
public final class WebServer implements AutoCloseable {
    /** The message for a fault of the server. */
    static final String OURS = "this should not have happened; the server's log says more";

    /** On every answer. */
    static final Map<String, String> HEADERS = Map.of(
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cache-Control", "no-store",
            "X-Frame-Options", "DENY",
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");

    private static final System.Logger LOG = System.getLogger(WebServer.class.getName());
    private static final long IDLE_MS = 30_000;
    private static final long STOP_MS = 1000;
    private static final int THREADS = 32; // of which Jetty keeps some to accept and select
    private static final int BODIES = 512;
    private static final String RETRY_S = "1";
    private static final List<String> OVERRIDES =
            List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override");

    private final Javalin app;
    private final Connections connections;
    private final Uploads uploads;
    private final QueuedThreadPool pool = new QueuedThreadPool(THREADS);

    /**
     * The rules of a server.
     *
     * @param open paths that need no token
     * @param parameters allowed query parameters of a path; null for an unknown path
     * @param pace minimum speed of clients
     * @param bytes of bodies at most that are held for all requests together
     * @param listeners beans for what listens, such as Jetty's listeners
     */
    public record Rules(
            Set<String> open,
            Function<String, @Nullable Set<String>> parameters,
            Pace pace,
            long bytes,
            List<Object> listeners) {
        public Rules {
            open = Set.copyOf(open);
            listeners = List.copyOf(listeners);
        }

        /** The usual pace; bodies of an eighth of the heap, but at least two of the longest. */
        public static Rules of(Set<String> open, Function<String, @Nullable Set<String>> parameters, int longest) {
            long bytes = Math.max(2L * longest, Runtime.getRuntime().maxMemory() / 8);
            return new Rules(open, parameters, Pace.DEFAULT, bytes, List.of());
        }

        /** The same with another pace. */
        public Rules pace(Pace other) {
            return new Rules(open, parameters, other, bytes, listeners);
        }

        /** The same with a listener. */
        public Rules listener(Object listener) {
            return new Rules(open, parameters, pace, bytes, List.of(listener));
        }
    }

    /** Makes a server; it is not started yet. */
    public WebServer(Gate gate, Rules rules) {
        connections = new Connections(rules.pace());
        uploads = new Uploads(BODIES, rules.bytes());
        pool.setStopTimeout(STOP_MS);
        pool.setName("web");
        pool.setDaemon(true);
        app = Javalin.create(config -> configure(config, rules));
        app.before(ctx -> {
            HEADERS.forEach(ctx::header);
            for (String override : OVERRIDES) {
                if (ctx.header(override) != null) {
                    throw new RefusedException(400, "the request line alone says the method: leave out " + override);
                }
            }
            if (!rules.open().contains(ctx.path())) {
                gate.check(ctx);
            }
            Parameters.of(ctx.queryString(), rules.parameters().apply(ctx.path()));
        });
        app.exception(HttpResponseException.class, (e, ctx) -> failed(ctx, e));
        app.exception(Exception.class, (e, ctx) -> failed(ctx, e));
    }

    private void configure(JavalinConfig config, Rules rules) {
        config.showJavalinBanner = false;
        config.startupWatcherEnabled = false;
        config.useVirtualThreads = false;
        config.http.prefer405over404 = true;
        config.http.asyncTimeout = 0; // bodies, work and answers have bounds of their own
        config.router.ignoreTrailingSlashes = false;
        config.jetty.threadPool = pool;
        config.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setRequestHeaderSize(16 << 10);
            http.setDelayDispatchUntilContent(false); // a body that never begins is too slow, or refused, as any other
        });
        Errors errors = new Errors();
        config.jetty.modifyServletContextHandler(handler -> handler.setErrorHandler(errors));
        config.jetty.modifyServer(server -> {
            server.setErrorHandler(errors);
            server.insertHandler(new Replies());
            server.getBeans(LowResourceMonitor.class).forEach(server::removeBean); // shortens honest clients' pauses
            server.addEventListener(
                    new LifeCycle.Listener() { // Javalin makes its connector only just before the start
                        @Override
                        public void lifeCycleStarting(LifeCycle starting) {
                            for (Connector connector : server.getConnectors()) {
                                if (connector instanceof AbstractConnector known) {
                                    connector(known, rules);
                                }
                            }
                        }
                    });
        });
    }

    private void connector(AbstractConnector connector, Rules rules) {
        connector.setIdleTimeout(IDLE_MS);
        ConnectionFactory usual = connector.getDefaultConnectionFactory();
        if (usual instanceof HttpConnectionFactory http) {
            connector.setConnectionFactories(List.of(new StrictConnections(http.getHttpConfiguration())));
        }
        connector.addBean(connections);
        rules.listeners().forEach(connector::addBean);
    }

    /** To add handlers to. They must not wait. */
    public Javalin app() {
        return app;
    }

    /** The connectors, once the server is started. */
    public List<Connector> connectors() {
        return List.of(app.jettyServer().server().getConnectors());
    }

    /** The port it listens at. */
    public int port() {
        return app.port();
    }

    /** Starts it; port 0 takes one that is free. */
    public void start(String host, int port) {
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

    /**
     * Answers when a future is complete: with its JSON, or as {@link #failed} with what went wrong. Whatever completes it goes on at
     * once; the answer is worded and written on a thread of this server.
     *
     * @param made called when the request may be read, on a thread that must not wait
     */
    public <T> void later(Context ctx, Supplier<CompletableFuture<T>> made, Function<T, ? extends JsonNode> wording) {
        Executor own = pool;
        ctx.future(() -> {
            CompletableFuture<T> future;
            try {
                future = made.get();
            } catch (RuntimeException e) {
                future = CompletableFuture.failedFuture(e);
            }
            return future.handleAsync(
                    (found, problem) -> {
                        try {
                            if (problem != null) {
                                failed(ctx, problem);
                            } else {
                                json(ctx, wording.apply(found));
                            }
                        } catch (RuntimeException | OutOfMemoryError e) {
                            failed(ctx, e);
                        }
                        return true;
                    },
                    own);
        });
    }

    /**
     * The body of a request, in what {@link #later} calls; fails with {@link RefusedException} if it is too long, too slow, encoded,
     * or broken off. No more than {@code limit} bytes are held.
     */
    public CompletableFuture<byte[]> body(Context ctx, int limit) {
        return uploads.read(ctx, limit);
    }

    /**
     * Answers with JSON.
     *
     * @throws RefusedException 500 if a number in it is none: a wrong answer must not look like one
     */
    public static void json(Context ctx, JsonNode node) {
        finite(node);
        ctx.contentType("application/json").result(Json.line(node));
    }

    private static void finite(JsonNode node) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            throw new RefusedException(
                    500, "the answer has a number that is not finite: the adapter or model overflows");
        }
        for (JsonNode child : node) {
            finite(child);
        }
    }

    /** Answers with an error as JSON; 503 with the time after which to come again. */
    public static void error(Context ctx, int status, String message) {
        if (status == 503) {
            ctx.header("Retry-After", RETRY_S);
        }
        if (status == 408) {
            ctx.header("Connection", "close");
        }
        ctx.status(status).contentType("application/json").result(Errors.json(message));
    }

    /** Answers with what went wrong; only faults of ours are logged with where they happened. */
    public static void failed(Context ctx, Throwable problem) {
        Throwable cause = problem;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof RefusedException refused) {
            if (refused.status() == 500) {
                LOG.log(System.Logger.Level.ERROR, "a request failed: {0}", message);
            }
            error(ctx, refused.status(), message);
        } else if (cause instanceof InputException) {
            error(ctx, 400, message);
        } else if (cause instanceof MethodNotAllowedResponse other) {
            ctx.header("Allow", other.getDetails().getOrDefault("availableMethods", "GET"));
            error(ctx, 405, "this address does not know " + ctx.req().getMethod());
        } else if (cause instanceof HttpResponseException other) {
            error(ctx, other.getStatus(), Errors.reason(other.getStatus(), message));
        } else {
            LOG.log(System.Logger.Level.ERROR, "a request failed", cause);
            error(ctx, 500, OURS);
        }
    }

    /** Ends it, whatever is being answered. */
    @Override
    public void close() {
        app.stop();
        connections.close();
    }
}
