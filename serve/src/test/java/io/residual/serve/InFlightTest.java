package io.residual.serve;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import io.residual.web.Gate;
import io.residual.web.Pace;
import io.residual.web.WebServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is in flight is known, whatever odd requests came before. */
class InFlightTest {
    private static final long PATIENCE_MS = 1_800_000; // no measure of speed

    private final InFlight inFlight = new InFlight();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final WebServer web = new WebServer(
            Gate.of("127.0.0.1", null),
            WebServer.Rules.of(Set.of(), path -> null, 1)
                    .pace(new Pace(1000, Duration.ofMillis(500)))
                    .listener(inFlight));

    @BeforeEach
    void start() {
        web.app().get("/slow", ctx -> {
            begun.countDown();
            released.await();
            ctx.result("done");
        });
        web.app().get("/large", ctx -> ctx.result("x".repeat(8 << 20)));
        web.app().post("/echo", ctx -> web.later(ctx, () -> web.body(ctx, 1000), bytes -> new TextNode("done")));
        web.start("127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        web.close();
    }

    private Socket send(String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.port());
        OutputStream out = socket.getOutputStream();
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return socket;
    }

    /** Jetty completes some of these without having begun them, and begins others twice. */
    @Test
    void malformedRequests_doNotShiftTheCount() throws Exception {
        for (String line : new String[] {
            "GET /../a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            "GET /%2e%2e/etc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: foo\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "nonsense\r\n\r\n"
        }) {
            try (Socket socket = send(line)) {
                assertTrue(socket.getInputStream().read() >= 0, "an answer to " + line);
            }
        }
        assertTrue(inFlight.awaitNone(PATIENCE_MS), "nothing is left of them");
        try (Socket socket = send("GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")) {
            begun.await();
            assertFalse(inFlight.awaitNone(100), "one is being answered");
            released.countDown();
            assertTrue(inFlight.awaitNone(PATIENCE_MS), "it has been answered");
            assertTrue(socket.getInputStream().read() >= 0);
        }
    }

    /** Clients that go away, or are cut off, at any place leave nothing behind that stopping would wait for. */
    @Test
    void clientsThatGoAway_leaveNothing() throws Exception {
        String post = "POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n";
        String large = "GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        for (String request : new String[] {post, post + "abc", large, large.repeat(50), "GET /la"}) {
            try (Socket socket = send(request)) {
                Thread.sleep(200); // it goes away
            }
            assertTrue(inFlight.awaitNone(10_000), "gone after " + request);
            try (Socket socket = send(request)) {
                assertTrue(inFlight.awaitNone(10_000), "cut off after " + request);
            }
        }
        Socket socket = send("GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        begun.await();
        socket.close(); // while it is worked on
        released.countDown();
        assertTrue(inFlight.awaitNone(10_000), "gone while it was worked on");
    }
}
