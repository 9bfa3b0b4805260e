package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A real Chromium, driven over its DevTools protocol: no driver program to match its version. */
final class Browser implements AutoCloseable {
    /** No measure of speed: what never comes true ends with what the page shows, before the build's guard against hanging does. */
    private static final long PATIENCE_S = 1800;

    private final ObjectMapper mapper = new ObjectMapper();
    private final Process process;
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private String session = "";

    /** Where Chromium is, if it is. */
    static Optional<Path> program() {
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    Browser(Path program, Path profile) throws IOException {
        process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String address = null;
        for (String line = lines.readLine(); line != null && address == null; line = lines.readLine()) {
            int at = line.indexOf("ws://");
            address = at >= 0 ? line.substring(at).strip() : null;
            if (address != null) {
                break;
            }
        }
        if (address == null) {
            throw new IOException("the browser did not say where to reach it");
        }
        Thread drain = new Thread(() -> {
            try {
                while (lines.readLine() != null) {
                    // what it says about itself does not matter; a full pipe would stop it
                }
            } catch (IOException e) {
                // it has ended
            }
        });
        drain.setDaemon(true);
        drain.start();
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address), new Listener())
                .join();
        String target = call("Target.createTarget", mapper.createObjectNode().put("url", "about:blank"))
                .path("targetId")
                .asText();
        session = call(
                        "Target.attachToTarget",
                        mapper.createObjectNode().put("targetId", target).put("flatten", true))
                .path("sessionId")
                .asText();
        for (String domain : List.of("Page", "Runtime", "Log")) {
            call(domain + ".enable", mapper.createObjectNode());
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                take(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        private void take(String message) {
            try {
                JsonNode node = mapper.readTree(message);
                CompletableFuture<JsonNode> asked =
                        waiting.remove(node.path("id").asInt(-1));
                if (asked != null) {
                    asked.complete(node);
                }
                String method = node.path("method").asText();
                String level = node.path("params").path("entry").path("level").asText();
                boolean printed = method.equals("Runtime.consoleAPICalled")
                        && node.path("params").path("type").asText().equals("error");
                if (method.equals("Runtime.exceptionThrown")
                        || printed
                        || (method.equals("Log.entryAdded") && (level.equals("error") || level.equals("warning")))) {
                    complaints.add(node.path("params").toString());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private JsonNode call(String method, ObjectNode params) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        ObjectNode message = mapper.createObjectNode().put("id", id).put("method", method);
        message.set("params", params);
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        socket.sendText(message.toString(), true).join();
        try {
            JsonNode node = answer.get(PATIENCE_S, TimeUnit.SECONDS);
            if (node.has("error")) {
                throw new IllegalStateException(method + ": " + node.path("error"));
            }
            return node.path("result");
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(method + " had no answer", e);
        }
    }

    /** The size of the window, in CSS pixels, and whether it prefers dark. */
    void window(int width, int height, boolean dark) {
        call(
                "Emulation.setDeviceMetricsOverride",
                mapper.createObjectNode()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", width < 600));
        ObjectNode media = mapper.createObjectNode();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", dark ? "dark" : "light");
        call("Emulation.setEmulatedMedia", media);
    }

    /** Opens an address and waits until the page has drawn itself; gives how long that took, in milliseconds. */
    double open(String address) {
        long start = System.nanoTime();
        call("Page.navigate", mapper.createObjectNode().put("url", address));
        until("document.readyState === 'complete' && document.querySelector('nav a') !== null");
        return (System.nanoTime() - start) / 1e6;
    }

    /** What an expression gives, promises awaited. */
    JsonNode run(String script) {
        JsonNode result = call(
                "Runtime.evaluate",
                mapper.createObjectNode()
                        .put("expression", script)
                        .put("returnByValue", true)
                        .put("awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(script + ": " + result.path("exceptionDetails"));
        }
        JsonNode value = result.path("result").path("value");
        return value.isTextual() ? mapper.valueToTree(value.asText().replace('\u00a0', ' ')) : value;
    }

    /** Waits until an expression is true. */
    void until(String condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!run("(() => { try { return !!(" + condition + "); } catch { return false; } })()")
                .asBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("never true: " + condition + "; the page says "
                        + run("document.body.innerText.slice(0, 2000)") + complaints);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The text that an element shows. */
    String text(String selector) {
        return run("document.querySelector(" + mapper.valueToTree(selector) + ").innerText")
                .asText();
    }

    /** An image of the whole page, PNG. */
    byte[] image() {
        ObjectNode params = mapper.createObjectNode().put("format", "png").put("captureBeyondViewport", true);
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", params).path("data").asText());
    }

    /** The page as it prints. */
    byte[] pdf() {
        return Base64.getDecoder()
                .decode(call("Page.printToPDF", mapper.createObjectNode().put("printBackground", true))
                        .path("data")
                        .asText());
    }

    /** Elements that reach beyond the window, or whose content is cut off; empty if all can be read. */
    String cutOff() {
        return run("[...document.querySelectorAll('header *, main *')].filter(e => !e.closest('thead')).filter(e => {"
                        + " const r = e.getBoundingClientRect(), s = getComputedStyle(e);"
                        + " return r.width > 0 && (r.right > innerWidth + 1 || r.left < -1"
                        + " || s.overflowX !== 'visible' && !(e instanceof SVGElement) && e.scrollWidth > e.clientWidth + 1); })"
                        + ".slice(0, 5).map(e => e.outerHTML.slice(0, 160)).join('; ')")
                .asText();
    }

    /** What the page has complained of: errors and warnings on its console. */
    List<String> complaints() {
        return new ArrayList<>(complaints);
    }

    @Override
    public void close() {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(); // so that its profile can be deleted
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
