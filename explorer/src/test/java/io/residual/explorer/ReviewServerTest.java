package io.residual.explorer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.audit.Findings;
import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.ImageFolder;
import io.residual.data.Splitting;
import io.residual.web.Gate;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReviewServerTest {
    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    /** A set whose test split has a copy of a training image: one proposal for each of the two. */
    private Findings findings() throws IOException {
        Random random = new Random(3);
        for (String part : List.of("train", "validation", "test")) {
            for (String name : List.of("ant", "bee")) {
                for (int i = 0; i < 3; i++) {
                    BufferedImage image = new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB);
                    for (int p = 0; p < 576; p++) {
                        image.setRGB(p % 24, p / 24, random.nextInt(1 << 24));
                    }
                    Path target = folder.resolve("photos/" + part + "/" + name + "/" + i + ".png");
                    Files.createDirectories(target.getParent());
                    ImageIO.write(image, "png", target.toFile());
                }
            }
        }
        Files.copy(folder.resolve("photos/train/ant/0.png"), folder.resolve("photos/test/ant/copy.png"));
        Dataset dataset = ImageFolder.open(folder.resolve("photos"), new Splitting(.2, .2, 3));
        return Findings.of(dataset, null, Progress.silent());
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder post(URI address, String body) {
        return HttpRequest.newBuilder(address.resolve("api/decisions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    @Test
    void answeredDecision_isInTheTable_andAnotherServerKnowsIt() throws IOException, InterruptedException {
        Path table = folder.resolve("photos-fixes.csv");
        Findings findings = findings();
        try (ReviewServer server = ReviewServer.start("127.0.0.1", 0, Gate.of("127.0.0.1", null), findings, table)) {
            URI address = URI.create(server.address());
            HttpResponse<String> page = send(HttpRequest.newBuilder(address));
            assertTrue(page.body().contains("\"review\":"), "the page knows that it is kept");
            assertTrue(page.headers()
                    .firstValue("Content-Security-Policy")
                    .orElse("")
                    .contains("connect-src 'self'"));
            assertEquals(
                    200,
                    send(post(address, "{\"proposals\": [0, 1], \"accepted\": true}"))
                            .statusCode());
            assertEquals(3, Files.readAllLines(table).size(), "the two and the first line");
            assertEquals(
                    200,
                    send(post(address, "{\"proposals\": [1], \"accepted\": false}"))
                            .statusCode());
            assertTrue(Files.readString(table).contains(",keep,split,"), Files.readString(table));
        }
        try (ReviewServer server = ReviewServer.start("127.0.0.1", 0, Gate.of("127.0.0.1", null), findings, table)) {
            URI address = URI.create(server.address());
            String known = send(HttpRequest.newBuilder(address.resolve("api/decisions")))
                    .body();
            assertTrue(known.contains("\"accepted\":[0],\"rejected\":[1]"), known);
        }
    }

    @Test
    void wrongRequests_andOtherSitesPages_changeNothing() throws IOException, InterruptedException {
        Path table = folder.resolve("fixes.csv");
        try (ReviewServer server = ReviewServer.start("127.0.0.1", 0, Gate.of("127.0.0.1", null), findings(), table)) {
            URI address = URI.create(server.address());
            for (String body : List.of(
                    "no json",
                    "{\"proposals\": [7], \"accepted\": true}",
                    "{\"proposals\": [\"0\"], \"accepted\": true}",
                    "{\"proposals\": [0]}")) {
                assertEquals(400, send(post(address, body)).statusCode(), body);
            }
            HttpRequest.Builder foreign = post(address, "{\"proposals\": [0], \"accepted\": true}")
                    .header("Origin", "http://elsewhere.example");
            assertEquals(403, send(foreign).statusCode());
            assertFalse(Files.exists(table));
        }
    }
}
