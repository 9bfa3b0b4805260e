package io.residual.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.Split;
import io.residual.fixtures.MadeUpAdapter;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.UnreadableImageException;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.predict.Predictor;
import io.residual.predict.TextLogit;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.web.Gate;
import io.residual.world.EmbeddedModels;
import io.residual.world.WorldDatasets;
import io.residual.zeroshot.Classifier;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server over loopback, on the model that ships and adapters with weights from a formula. */
class PredictionServerTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int IMAGES = 40;

    /** As usual, but no image is given up because the machine is busy. */
    private static final Duration HOUR = Duration.ofHours(1);

    private static final Limits PATIENT =
            new Limits(Limits.DEFAULT.queue(), Limits.DEFAULT.bytes(), Limits.DEFAULT.pixels(), HOUR);

    @TempDir
    static Path folder;

    @TempDir
    Path temporary;

    private static ImageTextModel model;
    private static Path first;
    private static Path second;
    private static final List<byte[]> images = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private Path served = Path.of("");

    @BeforeAll
    static void prepare() throws IOException, UnreadableImageException {
        model = Models.open(EmbeddedModels.WORLD_CLIP);
        Dataset dataset = WorldDatasets.of(WorldDatasets.task("textures")).atMost(20, IMAGES, 20, 0);
        Trace<Split.Validation> trace = new Tracer(model).trace(dataset.validation(), "textures", Progress.silent());
        Classifier classifier = Classifier.fromPrompts(model, dataset.prompts());
        Adapter.Spectral adapter = MadeUpAdapter.residual(trace, k -> 1 + Math.sin(k));
        first = write("first.adapter", adapter, classifier, trace);
        second = write("second.adapter", adapter.interpolated(0), classifier, trace);
        for (int i = 0; i < IMAGES; i++) {
            images.add(png(dataset.validation().read(i)));
        }
    }

    private static Path write(String name, Adapter adapter, Classifier classifier, Trace<Split.Validation> trace) {
        Path file = folder.resolve(name);
        Calibration calibration = Calibration.fit(adapter, classifier, trace, .95);
        MadeUpAdapter.file(adapter, classifier, calibration, trace.provenance()).write(file);
        return file;
    }

    static byte[] png(Image image) throws IOException {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        for (int i = 0; i < image.width() * image.height(); i++) {
            int value = (rgb[i * 3] & 255) << 16 | (rgb[i * 3 + 1] & 255) << 8 | (rgb[i * 3 + 2] & 255);
            buffered.setRGB(i % image.width(), i / image.width(), value);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(buffered, "png", out);
        return out.toByteArray();
    }

    @AfterAll
    static void end() {
        model.close();
    }

    @BeforeEach
    void copy() throws IOException {
        served = temporary.resolve("served.adapter");
        Files.copy(first, served);
    }

    private PredictionServer start(Limits limits, @Nullable String token) {
        return PredictionServer.start(model, served, true, "127.0.0.1", 0, Gate.of("127.0.0.1", token), limits);
    }

    private static HttpRequest request(PredictionServer server, String path, byte[] body) {
        return HttpRequest.newBuilder(URI.create(server.address().replaceAll("\\?.*", "") + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private HttpResponse<String> post(PredictionServer server, String path, byte[] body)
            throws IOException, InterruptedException {
        return http.send(request(server, path, body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(PredictionServer server, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(server.address().replaceAll("\\?.*", "") + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static List<Prediction> expected(Path adapter) throws UnreadableImageException {
        try (Predictor predictor = Predictor.with(Models.open(EmbeddedModels.WORLD_CLIP), adapter)) {
            List<Image> decoded = new ArrayList<>();
            for (byte[] image : images) {
                decoded.add(ImageDecoder.decode(image, "one"));
            }
            return predictor.predict(decoded);
        }
    }

    /** One at a time and all at once, so that batches of many sizes form: always what the library says. */
    @Test
    void answers_areThoseOfTheLibrary() throws Exception {
        List<Prediction> wanted = expected(first);
        try (PredictionServer server = start(PATIENT, null)) {
            for (int i = 0; i < 3; i++) {
                check(wanted.get(i), post(server, "v1/predict?top=6", images.get(i)));
            }
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int round = 0; round < 5; round++) {
                for (byte[] image : images) {
                    all.add(http.sendAsync(
                            request(server, "v1/predict?top=6", image), HttpResponse.BodyHandlers.ofString()));
                }
            }
            for (int i = 0; i < all.size(); i++) {
                check(wanted.get(i % IMAGES), all.get(i).join());
            }
            JsonNode embedding = MAPPER.readTree(
                            post(server, "v1/embed", images.get(0)).body())
                    .path("embedding");
            double length = 0;
            for (JsonNode value : embedding) {
                length += value.asDouble() * value.asDouble();
            }
            assertEquals(1, length, 1e-5);
            JsonNode why = MAPPER.readTree(
                    post(server, "v1/explain?name=mine", images.get(0)).body());
            assertEquals("mine", why.path("image").asText());
            for (int c = 0; c < why.path("classes").size(); c++) {
                double sum = 0;
                for (JsonNode unit : why.path("units")) {
                    sum += unit.path("after").path(c).asDouble();
                }
                for (JsonNode constant : why.path("constants")) {
                    sum += constant.path("after").path(c).asDouble();
                }
                assertEquals(why.path("logits").path(c).asDouble(), sum, 1e-4);
            }
            JsonNode map = why.path("where").path("after");
            double where = map.path("constants").asDouble();
            for (JsonNode token : map.path("tokens_before_patches")) {
                where += token.asDouble();
            }
            for (JsonNode row : map.path("patches")) {
                for (JsonNode patch : row) {
                    where += patch.asDouble();
                }
            }
            double difference = 0;
            for (int c = 0; c < why.path("classes").size(); c++) {
                String name = why.path("classes").path(c).asText();
                double logit = why.path("logits").path(c).asDouble();
                difference += name.equals(why.path("class").asText()) ? logit : 0;
                difference -= name.equals(why.path("against").asText()) ? logit : 0;
            }
            assertEquals(difference, where, 1e-4, "the map adds up to the difference of logits");
        }
    }

    /** The map of a text adds up to the scaled cosine of embedding and text; what is wrong about a text is the client's. */
    @Test
    void theMapOfAText_isThere_whenItIsAskedFor() throws Exception {
        try (PredictionServer server = start(PATIENT, null)) {
            JsonNode why = MAPPER.readTree(post(server, "v1/explain?text=a%20red%20circle", images.get(0))
                    .body());
            JsonNode embedding = MAPPER.readTree(
                            post(server, "v1/embed", images.get(0)).body())
                    .path("embedding");
            double[] direction = TextLogit.of(model, "a red circle", null).direction();
            double cosine = 0;
            for (int j = 0; j < direction.length; j++) {
                cosine += direction[j] * embedding.path(j).asDouble();
            }
            JsonNode map = why.path("where_text");
            assertEquals(cosine, map.path("after").path("total").asDouble(), 1e-3);
            assertTrue(map.path("error").asDouble() < 1e-3, map.toString());
            assertTrue(MAPPER.readTree(post(server, "v1/explain", images.get(0)).body())
                    .path("where_text")
                    .isMissingNode());
            assertEquals(
                    400,
                    post(server, "v1/explain?text=" + "long%20".repeat(400), images.get(0))
                            .statusCode());
            assertEquals(
                    400,
                    post(server, "v1/explain?against_text=a%20dog", images.get(0))
                            .statusCode());
        }
    }

    private static void check(Prediction wanted, HttpResponse<String> response) throws IOException {
        assertEquals(200, response.statusCode(), response.body());
        JsonNode found = MAPPER.readTree(response.body());
        assertEquals(wanted.label(), found.path("class").asText());
        // Products of other batch sizes round differently, in the seventh digit of logits up to 20.
        assertEquals(wanted.probability(), found.path("probability").asDouble(), 1e-4);
        assertEquals(6, found.path("top").size());
    }

    /** What the document says exists does, with the statuses and the required members that it declares; and nothing else. */
    @Test
    void theOpenApiDocument_isTrue() throws Exception {
        try (PredictionServer server = start(PATIENT, null)) {
            JsonNode document = MAPPER.readTree(get(server, "openapi.json").body());
            Set<String> paths = new HashSet<>();
            for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
                paths.add(path.getKey());
                boolean posts = path.getValue().has("post");
                String at = path.getKey().substring(1);
                HttpResponse<String> good = posts ? post(server, at, images.get(0)) : get(server, at);
                JsonNode operation = path.getValue().path(posts ? "post" : "get");
                checkDeclared(document, operation, good);
                if (posts) {
                    checkDeclared(document, operation, post(server, at, "no image".getBytes(StandardCharsets.UTF_8)));
                    checkDeclared(document, operation, post(server, at, new byte[Limits.DEFAULT.bytes() + 1]));
                    if (operation.path("parameters").size() > 1) {
                        checkDeclared(document, operation, post(server, at + "?top=none", images.get(0)));
                    }
                }
                HttpResponse<String> other = posts ? get(server, at) : post(server, at, new byte[0]);
                assertEquals(405, other.statusCode());
                assertEquals(
                        posts ? "POST" : "GET",
                        other.headers().firstValue("Allow").orElse(""));
            }
            assertEquals(
                    Set.of(
                            "/v1/predict",
                            "/v1/embed",
                            "/v1/explain",
                            "/v1/model",
                            "/health",
                            "/ready",
                            "/metrics",
                            "/openapi.json"),
                    paths);
            assertEquals(404, get(server, "v1/other").statusCode());
        }
    }

    private static void checkDeclared(JsonNode document, JsonNode operation, HttpResponse<String> response)
            throws IOException {
        JsonNode declared = resolved(document, operation.path("responses").path("" + response.statusCode()));
        assertTrue(!declared.isMissingNode(), operation.path("operationId") + " gave " + response.statusCode());
        JsonNode content = declared.path("content");
        String type = response.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
        assertTrue(content.has(type), type + " of " + operation.path("operationId"));
        if (type.equals("application/json")) {
            conforms(document, content.path(type).path("schema"), MAPPER.readTree(response.body()), "the answer");
        }
    }

    private static JsonNode resolved(JsonNode document, JsonNode node) {
        String reference = node.path("$ref").asText();
        return reference.isEmpty() ? node : document.at(reference.substring(1));
    }

    /** The parts of JSON schema that the document uses. */
    private static void conforms(JsonNode document, JsonNode reference, JsonNode value, String where) {
        JsonNode schema = resolved(document, reference);
        boolean nothing = schema.path("nullable").asBoolean() && value.isNull();
        boolean fits = nothing
                || switch (schema.path("type").asText()) {
                    case "object" -> value.isObject();
                    case "array" -> value.isArray();
                    case "string" -> value.isTextual();
                    case "number" -> value.isNumber();
                    case "integer" -> value.isIntegralNumber();
                    case "boolean" -> value.isBoolean();
                    default -> false;
                };
        assertTrue(fits, where + " is " + value + ", not " + schema);
        for (JsonNode name : schema.path("required")) {
            assertTrue(value.has(name.asText()), where + " lacks " + name);
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            if (value.has(property.getKey())) {
                conforms(document, property.getValue(), value.path(property.getKey()), where + "." + property.getKey());
            }
        }
        for (JsonNode item : schema.has("items") ? value : MAPPER.createArrayNode()) {
            conforms(document, schema.path("items"), item, where + "[]");
        }
    }

    /** More than can wait: 503 with Retry-After for some, right answers for the others, and alive afterwards. */
    @Test
    void tooMuchAtOnce_isShed() throws Exception {
        List<Prediction> wanted = expected(first);
        Limits narrow = new Limits(4, 1 << 20, 1 << 20, HOUR);
        try (PredictionServer server = start(narrow, null)) {
            Map<Integer, Integer> statuses = new TreeMap<>();
            while (!statuses.keySet().equals(Set.of(200, 503))) { // a client that is slow enough fills no queue
                List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
                for (int i = 0; i < 400; i++) {
                    all.add(http.sendAsync(
                            request(server, "v1/predict?top=6", images.get(i % IMAGES)),
                            HttpResponse.BodyHandlers.ofString()));
                }
                for (int i = 0; i < all.size(); i++) {
                    HttpResponse<String> response = all.get(i).join();
                    statuses.merge(response.statusCode(), 1, Integer::sum);
                    if (response.statusCode() == 503) {
                        assertEquals(
                                "1",
                                response.headers().firstValue("Retry-After").orElse(""));
                    } else {
                        check(wanted.get(i % IMAGES), response);
                    }
                }
            }
            check(wanted.get(0), post(server, "v1/predict?top=6", images.get(0)));
            assertTrue(get(server, "metrics").body().contains("status=\"503\"} " + statuses.get(503) + ".0"));
        }
    }

    /** Stopped in the middle of much work: what was taken is answered. */
    @Test
    void stopping_losesNoRequestThatWasTaken() throws Exception {
        AtomicInteger good = new AtomicInteger();
        AtomicBoolean going = new AtomicBoolean(true);
        AtomicBoolean stopping = new AtomicBoolean();
        CountDownLatch busy = new CountDownLatch(100);
        PredictionServer server = start(PATIENT, null);
        List<Thread> clients = new ArrayList<>();
        List<String> wrong = new java.util.concurrent.CopyOnWriteArrayList<>();
        for (int t = 0; t < 16; t++) {
            int own = t;
            Thread client = new Thread(() -> {
                HttpClient mine = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
                while (going.get()) {
                    try {
                        HttpResponse<String> response = mine.send(
                                request(server, "v1/predict", images.get(own)), HttpResponse.BodyHandlers.ofString());
                        if (response.statusCode() == 200) {
                            good.incrementAndGet();
                            busy.countDown();
                        } else if (response.statusCode() != 503 || !stopping.get()) {
                            wrong.add(response.statusCode() + " " + response.body());
                        }
                    } catch (IOException e) {
                        going.set(false); // no connection any more: it has stopped
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            });
            client.start();
            clients.add(client);
        }
        busy.await();
        stopping.set(true);
        server.close();
        going.set(false);
        for (Thread client : clients) {
            client.join();
        }
        assertEquals(List.of(), wrong);
        assertEquals(server.accepted(), server.answered());
        // Every answer reached its client; what came while it was stopping is refused, or finds no connection.
        assertEquals(server.answered(), good.get());
        assertTrue(good.get() >= 100);
    }

    @Test
    void anotherAdapter_takesOver_aBrokenOneDoesNot() throws Exception {
        List<Prediction> before = expected(first);
        List<Prediction> after = expected(second);
        int telling = 0;
        while (Math.abs(before.get(telling).probability() - after.get(telling).probability()) < .05) {
            telling++;
        }
        try (PredictionServer server = start(PATIENT, null)) {
            check(before.get(telling), post(server, "v1/predict?top=6", images.get(telling)));
            Path written = temporary.resolve("new");
            Files.copy(second, written);
            Files.move(written, served, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            until(server, "residual_adapter_reloads_total{result=\"taken\"} 1.0");
            check(after.get(telling), post(server, "v1/predict?top=6", images.get(telling)));
            Files.write(served, new byte[] {1, 2, 3}, StandardOpenOption.TRUNCATE_EXISTING);
            until(server, "residual_adapter_reloads_total{result=\"refused\"} 1.0");
            check(after.get(telling), post(server, "v1/predict?top=6", images.get(telling)));
        }
    }

    private void until(PredictionServer server, String line) throws IOException, InterruptedException {
        while (!get(server, "metrics").body().contains(line)) {
            Thread.sleep(50);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "v1/predict, 0, 422, is empty",
        "v1/predict, 9, 422, not an image",
        "v1/predict, 2000000, 413, more than 1048576 bytes",
        "v1/predict?top=0, 1, 400, a number from 1",
        "v1/predict?top=x, 1, 400, a number from 1",
    })
    void wrongRequests_areRefused(String path, int length, int status, String reason) throws Exception {
        try (PredictionServer server = start(new Limits(8, 1 << 20, 1000, HOUR), null)) {
            HttpResponse<String> response = post(server, path, new byte[length]);
            assertEquals(status, response.statusCode());
            assertTrue(MAPPER.readTree(response.body()).path("error").asText().contains(reason), response.body());
            // A PNG that says it has 30,000 x 30,000 pixels, and little more than that.
            byte[] large = Base64.getDecoder().decode("iVBORw0KGgoAAAANSUhEUgAAdTAAAHUwCAIAAADpRW/tAAAAAA==");
            assertTrue(post(server, "v1/embed", large).body().contains("pixels, more than 1000"));
        }
    }

    /** One pixel wide and five thousand high: resized in proportion it would be as long as nothing can be. */
    @Test
    void aImageOfNoSensibleShape_isRefused_andTheNextIsAnswered() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(1, 5000, BufferedImage.TYPE_INT_RGB), "png", bytes);
        try (PredictionServer server = start(PATIENT, null)) {
            HttpResponse<String> response = post(server, "v1/predict", bytes.toByteArray());
            assertEquals(422, response.statusCode(), response.body());
            assertTrue(response.body().contains("1 x 5000 pixels"), response.body());
            assertEquals(200, post(server, "v1/predict", images.get(0)).statusCode());
        }
    }

    @Test
    void aImageThatWaitsTooLong_isGivenUp() throws Exception {
        try (PredictionServer server = start(new Limits(64, 1 << 20, 1 << 20, Duration.ofNanos(1)), null)) {
            HttpResponse<String> response = post(server, "v1/predict", images.get(0));
            assertEquals(503, response.statusCode());
            assertTrue(response.body().contains("waited too long"), response.body());
        }
    }

    @Test
    void withAToken_onlyHealthIsOpen() throws Exception {
        String token = "0123456789abcdef";
        try (PredictionServer server = start(PATIENT, token)) {
            assertEquals(200, get(server, "health").statusCode());
            assertEquals(200, get(server, "ready").statusCode());
            assertEquals(401, get(server, "metrics").statusCode());
            assertEquals(401, post(server, "v1/predict", images.get(0)).statusCode());
            HttpRequest with = HttpRequest.newBuilder(
                            URI.create(server.address().replaceAll("\\?.*", "") + "v1/model"))
                    .header("Authorization", "Bearer " + token)
                    .build();
            HttpResponse<String> response = http.send(with, HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode());
            assertEquals(
                    "residual", MAPPER.readTree(response.body()).path("method").asText());
        } catch (CompletionException e) {
            throw new AssertionError(e);
        }
    }
}
