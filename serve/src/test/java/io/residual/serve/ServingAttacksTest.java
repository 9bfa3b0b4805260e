package io.residual.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Calibration;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.Split;
import io.residual.fixtures.MadeUpAdapter;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.web.Gate;
import io.residual.web.Pace;
import io.residual.world.EmbeddedModels;
import io.residual.world.WorldDatasets;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images that hold decoders, adapters that overflow, files that are none. */
@Timeout(60)
class ServingAttacksTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final byte[] HELD = "held".getBytes(StandardCharsets.UTF_8);
    private static final byte[] PLAIN = "plain".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path folder;

    @TempDir
    Path temporary;

    private static ImageTextModel model;
    private static Path good;
    private static Path overflowing;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void prepare() {
        model = Models.open(EmbeddedModels.WORLD_CLIP);
        Dataset dataset = WorldDatasets.of(WorldDatasets.task("textures")).atMost(20, 10, 20, 0);
        Trace<Split.Validation> trace = new Tracer(model).trace(dataset.validation(), "textures", Progress.silent());
        Classifier classifier = Classifier.fromPrompts(model, dataset.prompts());
        good = write("good.adapter", 1, classifier, trace);
        overflowing = write("overflowing.adapter", 1e20, classifier, trace);
    }

    private static Path write(String name, double lambda, Classifier classifier, Trace<Split.Validation> trace) {
        Path file = folder.resolve(name);
        Calibration none = new Calibration(1, 0, .95, .95, 1);
        MadeUpAdapter.file(MadeUpAdapter.residual(trace, k -> lambda), classifier, none, trace.provenance())
                .write(file);
        return file;
    }

    @AfterAll
    static void end() {
        model.close();
    }

    private static PredictionServer start(Path adapter, Limits limits, PredictionServer.Decoder decoder) {
        return PredictionServer.start(
                model, adapter, false, "127.0.0.1", 0, Gate.of("127.0.0.1", null), limits, decoder, Pace.DEFAULT);
    }

    private static HttpRequest request(PredictionServer server, String path, byte... body) {
        return HttpRequest.newBuilder(URI.create(server.address() + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private HttpResponse<String> post(PredictionServer server, String path, byte... body)
            throws IOException, InterruptedException {
        return http.send(request(server, path, body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(PredictionServer server, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Every decoder is held for ever: others are refused in time, the server is alive, and it stops. */
    @Test
    void stuckDecoders_holdUpNobody() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        int processors = Runtime.getRuntime().availableProcessors();
        CountDownLatch stuck = new CountDownLatch(processors);
        Limits limits = new Limits(processors + 2, 1 << 20, 1 << 20, Duration.ofSeconds(2));
        PredictionServer server = start(good, limits, (bytes, name, most) -> {
            stuck.countDown();
            while (Arrays.equals(bytes, HELD)) {
                try {
                    never.await();
                    break;
                } catch (InterruptedException e) {
                    // as native code that knows no interrupt
                }
            }
            return new Image(8, 8, new byte[8 * 8 * 3]);
        });
        try {
            List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
            for (int i = 0; i < processors; i++) {
                held.add(http.sendAsync(request(server, "v1/predict", HELD), HttpResponse.BodyHandlers.ofString()));
            }
            stuck.await();
            assertEquals(200, get(server, "health").statusCode());
            assertEquals(200, get(server, "ready").statusCode());
            for (HttpResponse<String> response : List.of(
                    post(server, "v1/predict", PLAIN),
                    post(server, "v1/embed", PLAIN),
                    held.get(0).join())) {
                assertEquals(503, response.statusCode(), response.body());
                assertTrue(response.body().contains("waited too long"), response.body());
                assertEquals("1", response.headers().firstValue("Retry-After").orElse(""));
            }
            CompletableFuture<HttpResponse<String>> last =
                    http.sendAsync(request(server, "v1/predict", PLAIN), HttpResponse.BodyHandlers.ofString());
            server.close();
            int status = last.handle((response, failure) -> failure == null ? response.statusCode() : 0)
                    .join();
            assertTrue(status == 503 || status == 0, status + ", where 0 came when nobody listened any more");
        } finally {
            never.countDown();
            server.close();
        }
    }

    @Test
    void anAdapterThatOverflows_isRefusedAtTheStart() {
        InputException e =
                assertThrows(InputException.class, () -> start(overflowing, Limits.DEFAULT, ImageDecoder::decode));
        assertTrue(String.valueOf(e.getMessage()).contains("overflowing.adapter"), e.getMessage());
    }

    @Test
    void anAdapterThatOverflows_doesNotTakeOver() throws Exception {
        Path served = temporary.resolve("served.adapter");
        Files.copy(good, served);
        try (PredictionServer server =
                start(served, Limits.DEFAULT, (bytes, name, most) -> new Image(8, 8, new byte[8 * 8 * 3]))) {
            String before = post(server, "v1/predict", PLAIN).body();
            Path written = temporary.resolve("new");
            Files.copy(overflowing, written);
            Files.move(written, served, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            String line = "residual_adapter_reloads_total{result=\"refused\"} 1.0";
            while (!get(server, "metrics").body().contains(line)) {
                Thread.sleep(50);
            }
            assertEquals(before, post(server, "v1/predict", PLAIN).body());
        }
    }

    @Test
    void aPipe_isNoNewAdapter() throws Exception {
        Path pipe = temporary.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no named pipes here");
        assertNull(AdapterWatch.Version.of(pipe));
        assertNull(AdapterWatch.Version.of(temporary));
        assertNotNull(AdapterWatch.Version.of(good));
    }

    @Test
    void numbersThatAreNone_areNoAnswer() {
        assertNull(Sanity.of(new Prediction(0, "a", .75, true, List.of(.75, .25))));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Prediction(0, "a", Double.NaN, false, List.of(Double.NaN, Double.NaN)));
        assertNotNull(Sanity.of(new Prediction(0, "a", .5, false, List.of(.5, Double.POSITIVE_INFINITY))));
        assertNull(Sanity.of(.6f, .8f));
        assertNotNull(Sanity.of(0f, 0f));
        assertNotNull(Sanity.of(Float.NaN, 1f));
    }

    /** What the document does not name is refused, at every address. */
    @Test
    void unknownParameters_areRefusedEverywhere() throws Exception {
        try (PredictionServer server = start(good, Limits.DEFAULT, ImageDecoder::decode)) {
            JsonNode paths = MAPPER.readTree(get(server, "openapi.json").body()).path("paths");
            assertFalse(paths.isEmpty());
            for (var path : paths.properties()) {
                for (String query : List.of("?other=1", "?name=%zz", "?name=a&name=b")) {
                    String at = path.getKey().substring(1) + query.replace("%zz", "%C3%28");
                    HttpResponse<String> response = path.getValue().has("post") ? post(server, at) : get(server, at);
                    assertEquals(400, response.statusCode(), at);
                    assertTrue(MAPPER.readTree(response.body()).path("error").isTextual(), response.body());
                }
            }
        }
    }
}
