package io.residual.serve;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.web.Gate;
import io.residual.web.WebServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is in flight is known, whatever odd requests came before. */
class InFlightTest {
    private final InFlight inFlight = new InFlight();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final WebServer web = new WebServer(
            Gate.of("127.0.0.1", null), WebServer.Rules.of(Set.of(), path -> null, 1).listener(inFlight));

    @BeforeEach
    void start() {
        web.app().get("/slow", ctx -> {
            begun.countDown();
            released.await();
            ctx.result("done");
        });
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
                socket.setSoTimeout(10_000);
                assertTrue(socket.getInputStream().read() >= 0, "an answer to " + line);
            }
        }
        assertTrue(inFlight.awaitNone(10_000), "nothing is left of them");
        try (Socket socket = send("GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")) {
            begun.await();
            assertFalse(inFlight.awaitNone(100), "one is being answered");
            released.countDown();
            assertTrue(inFlight.awaitNone(10_000), "it has been answered");
            assertTrue(socket.getInputStream().read() >= 0);
        }
    }
}
