package io.residual.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Slow, malformed and greedy clients over raw sockets: each has its documented answer, and none keeps others from theirs. */
@Timeout(60)
class WebServerTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int LIMIT = 1000;
    private static final int MANY = 40; // more than the server has threads
    private static final String LARGE = "x".repeat(8 << 20); // more than sockets hold

    /** Slow clients are cut off after this. */
    private static final Duration GRACE = Duration.ofMillis(800);

    private static final Set<String> OPEN = Set.of("/health");
    private static final Map<String, Set<String>> PARAMETERS =
            Map.of("/health", Set.of(), "/echo", Set.of("name"), "/large", Set.of(), "/nan", Set.of());

    private static final WebServer SHARED = server(GRACE);
    private WebServer server = SHARED;
    private final List<Socket> sockets = new ArrayList<>();

    private static WebServer server(Duration grace) {
        WebServer made = new WebServer(
                Gate.of("127.0.0.1", null),
                WebServer.Rules.of(OPEN, PARAMETERS::get, LIMIT).pace(new Pace(1000, grace)));
        made.app()
                .get(
                        "/health",
                        ctx -> WebServer.json(ctx, MAPPER.createObjectNode().put("status", "alive")));
        made.app()
                .post(
                        "/echo",
                        ctx -> made.later(ctx, () -> made.body(ctx, LIMIT), bytes -> MAPPER.createObjectNode()
                                .put("bytes", bytes.length)));
        made.app().get("/large", ctx -> ctx.result(LARGE));
        made.app().get("/nan", ctx -> WebServer.json(ctx, DoubleNode.valueOf(Double.NaN)));
        return made;
    }

    @BeforeAll
    static void start() {
        SHARED.start("127.0.0.1", 0);
    }

    @AfterAll
    static void end() {
        SHARED.close();
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        if (server != SHARED) {
            server.close();
        }
    }

    /** A server that never finds a client too slow. */
    private void patient() {
        server = server(Duration.ofMinutes(5));
        server.start("127.0.0.1", 0);
    }

    private Socket open() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        socket.setSoTimeout(30_000);
        sockets.add(socket);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String head(String line, String... headers) {
        StringBuilder text = new StringBuilder(line + " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    /** One answer: its status and its JSON. */
    private record Answer(int status, JsonNode json, String head) {}

    private static Answer answer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("closed after '" + head + "'");
            }
            head.append((char) c);
        }
        String text = head.toString();
        int length = Integer.parseInt(text.replaceAll("(?is).*\r\nContent-Length: *([0-9]+).*", "$1"));
        byte[] body = in.readNBytes(length);
        assertTrue(text.contains("application/json"), text);
        return new Answer(Integer.parseInt(text.substring(9, 12)), MAPPER.readTree(body), text);
    }

    private Answer ask(String request) throws IOException {
        Socket socket = open();
        send(socket, request);
        return answer(socket);
    }

    private void alive() throws IOException {
        assertEquals(200, ask(head("GET /health")).status());
        Answer echo = ask(head("POST /echo", "Content-Length: 3") + "abc");
        assertEquals(3, echo.json().path("bytes").asInt());
    }

    private static void refused(Answer answer, int status, String reason) {
        assertEquals(status, answer.status(), answer.toString());
        assertTrue(answer.json().path("error").asText().contains(reason), answer.toString());
        assertEquals("residual/error", answer.json().path("schema").asText());
        assertEquals(3, answer.json().size(), "schema, version and error");
    }

    @Test
    void aPauseInABody_isNoSlowness() throws Exception {
        patient();
        Socket socket = open();
        send(socket, head("POST /echo", "Content-Length: 95") + "x".repeat(47));
        Thread.sleep(300);
        send(socket, "x".repeat(48));
        assertEquals(95, answer(socket).json().path("bytes").asInt());
    }

    @Test
    void aBodyThatStops_is408() throws Exception {
        Socket socket = open();
        send(socket, head("POST /echo", "Content-Length: 95") + "x".repeat(47));
        Answer answer = answer(socket);
        refused(answer, 408, "too slow");
        assertTrue(answer.head().contains("Connection: close"), answer.head());
    }

    /** Neither needs a byte of the body: one is refused by its length, the other is too slow. */
    @Test
    void aBodyThatNeverBegins_isAnswered() throws Exception {
        refused(ask(head("POST /echo", "Content-Length: 95")), 408, "too slow");
        patient();
        refused(ask(head("POST /echo", "Content-Length: 99999999999")), 413, "more than 1000 bytes");
    }

    @Test
    void aHeadThatDrips_isCutOff_andABodyThatDripsToo() throws Exception {
        for (String start : List.of(
                "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", "", head("POST /echo", "Content-Length: 900"))) {
            Socket socket = open();
            send(socket, start);
            CompletableFuture<Void> drip = CompletableFuture.runAsync(() -> {
                try {
                    while (true) {
                        send(socket, start.isEmpty() ? "\r\n" : "x"); // empty lines before a head are no head
                        Thread.sleep(50);
                    }
                } catch (IOException | InterruptedException e) {
                    // cut off
                }
            });
            refused(answer(socket), 408, "too slow");
            drip.join();
        }
    }

    /** Bodies that never end, answers that are never read: more of them than there are threads. */
    @Test
    void slowClients_doNotSilenceTheServer() throws Exception {
        patient();
        for (int i = 0; i < MANY; i++) {
            send(open(), head("POST /echo", "Content-Length: 900") + "x".repeat(1 + i));
        }
        alive();
        for (int i = 0; i < MANY; i++) {
            send(open(), head("GET /large"));
        }
        alive();
        Socket pipeline = open(); // short answers that nobody reads
        CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < 2000; i++) {
                    send(pipeline, head("GET /health"));
                }
            } catch (IOException e) {
                // it is closed at the end
            }
        });
        alive();
        pipeline.close();
        flood.join();
    }

    /** Few requests at once are answered in order; of very many the first ones are, and the connection closes. */
    @Test
    void requestsAtOnce_areAnsweredUpToABound() throws Exception {
        Socket few = open();
        send(few, head("GET /health").repeat(5));
        for (int i = 0; i < 5; i++) {
            assertEquals(200, answer(few).status());
        }
        Socket many = open();
        send(many, head("GET /health").repeat(60));
        int answered = 0;
        try {
            while (answer(many).status() == 200) {
                answered++;
            }
        } catch (IOException e) {
            assertTrue(answered >= 5 && answered < 60, answered + " answered");
        }
    }

    @Test
    void anAnswerThatIsNotRead_isGivenUp() throws Exception {
        Socket socket = open();
        send(socket, head("GET /large"));
        InputStream in = socket.getInputStream();
        assertTrue(in.read() >= 0);
        Thread.sleep(3 * GRACE.toMillis());
        long length = 0;
        try {
            byte[] buffer = new byte[1 << 20];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                length += n;
            }
        } catch (IOException e) {
            // reset
        }
        assertTrue(length < LARGE.length(), "it was cut off");
        alive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /health HTTP/1.1\\nHost: 127.0.0.1\\nX-HTTP-Method-Override: POST | 400 | request line",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nX-HTTP-Method-Override: GET\\nContent-Length: 0 | 400 | request line",
                "GET /health?top=%zz HTTP/1.1\\nHost: 127.0.0.1 | 400 | percent encoding",
                "POST /echo?name=%ff HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: 0 | 400 | percent encoding",
                "POST /echo?name=a&name=b HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: 0 | 400 | twice",
                "POST /echo?other=a HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: 0 | 400 | 'other'",
                "GET /health?x HTTP/1.1\\nHost: 127.0.0.1 | 400 | no parameters",
                "GET /nothing HTTP/1.1\\nHost: 127.0.0.1 | 404 | ",
                "GET /health/ HTTP/1.1\\nHost: 127.0.0.1 | 404 | ",
                "GET /echo HTTP/1.1\\nHost: 127.0.0.1 | 405 | does not know GET",
                "PUT /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: 0 | 405 | does not know PUT",
                "BREW /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: 0 | 405 | does not know BREW",
                "TRACE /echo HTTP/1.1\\nHost: 127.0.0.1 | 405 | does not know TRACE",
                "GET /nan HTTP/1.1\\nHost: 127.0.0.1 | 500 | not finite",
                "GET /health HTTP/1.1 | 400 | ",
                "GET /health HTTP/3.7\\nHost: 127.0.0.1 | 505 | ",
                "GET /%zz HTTP/1.1\\nHost: 127.0.0.1 | 400 | ",
                "GET /../a HTTP/1.1\\nHost: 127.0.0.1 | 400 | ",
                "GET /%2e%2e/a HTTP/1.1\\nHost: 127.0.0.1 | 400 | ",
                "nonsense | 400 | ",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: x | 400 | ",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: -1 | 400 | ",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: 3\\nTransfer-Encoding: chunked | 400 | ",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: 3\\nContent-Length: 4 | 400 | ",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Length: 99999999999 | 413 | more than 1000 bytes",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nExpect: tea\\nContent-Length: 3 | 417 | ",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Type: multipart/form-data; boundary=a\\nContent-Length: 0 | 415 | parts",
                "POST /echo HTTP/1.1\\nHost: 127.0.0.1\\nContent-Encoding: gzip\\nContent-Length: 0 | 415 | encoded",
                "GET /health HTTP/1.1\\nHost: 127.0.0.1\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\nConnection: Upgrade\\nUpgrade: websocket | 404 | ",
            })
    void whatIsWrong_isSaidInJson(String request, int status, String reason) throws Exception {
        Answer answer = ask(request.replace("\\n", "\r\n") + "\r\n\r\n");
        refused(answer, status, reason == null ? "" : reason);
        alive();
    }

    @Test
    void aHeadThatIsTooLarge_is431() throws Exception {
        refused(ask(head("GET /health", "X: " + "x".repeat(20_000))), 431, "");
        refused(ask(head("GET /health?" + "x".repeat(20_000))), 414, "");
    }

    @ParameterizedTest
    @CsvSource({"0x0, 400", "3x, 400", "3 ;a, 400", "+3, 400", "ffffffffff, 400", "3, 200", "03;a=b, 200"})
    void sizesOfChunks_areHexadecimal(String size, int status) throws Exception {
        Answer answer = ask(head("POST /echo", "Transfer-Encoding: chunked") + size + "\r\nabc\r\n0\r\n\r\n");
        assertEquals(status, answer.status(), answer.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5000", "Transfer-Encoding: chunked"})
    void aBodyThatIsTooLong_is413(String length) throws Exception {
        String body = "x".repeat(5000);
        String sent = length.startsWith("C") ? body : "1388\r\n" + body + "\r\n0\r\n\r\n";
        refused(ask(head("POST /echo", length) + sent), 413, "more than 1000 bytes");
    }

    @Test
    void workThatIsStuck_isGivenUp_andSoIsWhatWaitsBehindIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        try (Workers workers = new Workers("stuck", 1, 1, Duration.ofMillis(300))) {
            CompletableFuture<Boolean> first = workers.submit(() -> {
                begun.countDown();
                while (true) { // as a decoder that nobody can interrupt
                    try {
                        never.await();
                        return true;
                    } catch (InterruptedException e) {
                        // it cannot be interrupted
                    }
                }
            });
            begun.await();
            CompletableFuture<Boolean> second = workers.submit(() -> true);
            CompletableFuture<Boolean> third = workers.submit(() -> true);
            for (CompletableFuture<Boolean> one : List.of(third, first, second)) {
                CompletionException e = assertThrows(CompletionException.class, one::join);
                assertEquals(
                        503,
                        assertInstanceOf(RefusedException.class, e.getCause()).status());
            }
            assertFalse(workers.close(1), "the thread is still stuck");
        } finally {
            never.countDown();
        }
    }
}
