package io.residual.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A hub of one repository on loopback, which answers as the real one does until it is told to lie or to break off. */
final class LoopbackHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** A file as the hub keeps it: large ones redirect to a store and have SHA-256 tags. */
    record Entry(byte[] content, boolean large) {
        String tag() {
            try {
                if (large) {
                    return HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
                }
                MessageDigest git = MessageDigest.getInstance("SHA-1");
                git.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
                return HexFormat.of().formatHex(git.digest(content));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    final Map<String, Entry> files = new TreeMap<>();
    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<String> tokens = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final HttpServer store;

    /** After so many bytes of a body the connection breaks; 0 for never. Each break uses one of {@link #breaks}. */
    volatile int breakAfter;

    final AtomicInteger breaks = new AtomicInteger();
    volatile boolean ignoresRanges;
    volatile boolean corrupts;
    volatile boolean sendsMore;
    volatile int status = 200;
    volatile @Nullable String listing;
    volatile @Nullable String redirect;
    volatile @Nullable String tag;
    volatile boolean weak;
    volatile @Nullable String discussions;
    /** A revision that holds no files. */
    volatile String emptyRevision = "nothing";

    volatile String repository = "owner/name";

    LoopbackHub() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.createContext("/", this::hub);
        store.createContext("/", this::store);
        for (HttpServer each : List.of(server, store)) {
            each.setExecutor(Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task);
                thread.setDaemon(true);
                return thread;
            }));
            each.start();
        }
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private URI storeAddress() {
        return URI.create("http://127.0.0.1:" + store.getAddress().getPort());
    }

    LoopbackHub with(String name, byte[] content, boolean large) {
        files.put(name, new Entry(content, large));
        return this;
    }

    String tagOf(String name) {
        return Objects.requireNonNull(files.get(name), name).tag();
    }

    private void hub(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(exchange.getRequestMethod() + " " + path);
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        tokens.add("hub " + authorization);
        if (status != 200) {
            exchange.sendResponseHeaders(status, -1);
        } else if (path.matches("/api/(models|datasets)/" + repository + "/revision/.*")) {
            send(exchange, path.endsWith(emptyRevision) ? "{\"sha\": \"" + COMMIT + "\"}" : listing());
        } else if (path.startsWith("/api/models/" + repository + "/discussions")) {
            send(exchange, discussions == null ? "{\"discussions\": []}" : discussions);
        } else {
            resolve(exchange, path.replaceFirst("^(/datasets)?/" + repository + "/resolve/" + COMMIT + "/", ""));
        }
        exchange.close();
    }

    private String listing() {
        if (listing != null) {
            return listing;
        }
        ObjectNode root = new ObjectMapper().createObjectNode().put("sha", COMMIT);
        ArrayNode siblings = root.putArray("siblings");
        files.keySet().forEach(f -> siblings.addObject().put("rfilename", f));
        return root.toString();
    }

    private void resolve(HttpExchange exchange, String name) throws IOException {
        Entry entry = files.get(name);
        if (entry == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        String shown = tag != null ? tag : entry.tag();
        if (redirect != null) {
            exchange.getResponseHeaders().set("Location", redirect);
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + shown + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(entry.content.length));
            exchange.sendResponseHeaders(302, -1);
        } else if (entry.large) {
            exchange.getResponseHeaders().set("Location", storeAddress() + "/blob/" + name);
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + shown + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(entry.content.length));
            exchange.sendResponseHeaders(302, -1);
        } else {
            exchange.getResponseHeaders().set("ETag", (weak ? "W/" : "") + "\"" + shown + "\"");
            body(exchange, entry);
        }
    }

    private void store(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(exchange.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
        tokens.add("store " + exchange.getRequestHeaders().getFirst("Authorization"));
        Entry entry = files.get(path.replaceFirst("^/blob/", ""));
        if (entry == null) {
            exchange.sendResponseHeaders(404, -1);
        } else {
            body(exchange, entry);
        }
        exchange.close();
    }

    private void body(HttpExchange exchange, Entry entry) throws IOException {
        byte[] content = entry.content.clone();
        if (corrupts) {
            content[content.length / 2] ^= 1;
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null || ignoresRanges ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        int length = content.length - from;
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, sendsMore ? 0 : length);
        OutputStream out = exchange.getResponseBody();
        if (breakAfter < length && breaks.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            out.write(content, from, breakAfter);
            out.flush();
            exchange.close(); // the announced length was not reached
            return;
        }
        out.write(content, from, length);
        if (sendsMore) {
            out.write(new byte[100_000]);
        }
        out.close();
    }

    private static void send(HttpExchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    List<String> downloads() {
        List<String> out = new ArrayList<>(requests);
        out.removeIf(r -> !r.startsWith("GET") || r.contains("/api/"));
        return out;
    }

    @Override
    public void close() {
        server.stop(0);
        store.stop(0);
    }
}
