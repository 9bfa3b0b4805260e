package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.Json;
import io.residual.cli.CommandRunner.Outcome;
import io.residual.fixtures.KitFixture;
import io.residual.fixtures.SeededOpenClip;
import io.residual.model.ImageTextModel;
import io.residual.serve.Limits;
import io.residual.serve.PredictionServer;
import io.residual.web.Gate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a folder of images to answers over HTTP, for the families that are read otherwise than CLIP, on their kits' small models. */
class FamilyChainTest {
    @TempDir
    Path temporary;

    private String at(String name) {
        return temporary.resolve(name).toString();
    }

    /** Runs a command, with {@code --quiet}. */
    private static String run(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--quiet");
        Outcome outcome = CommandRunner.run(all.toArray(new String[0]));
        assertEquals(0, outcome.code(), () -> String.join(" ", words) + ": " + outcome.err());
        return outcome.out();
    }

    /** Read at the mean of its patches. */
    private static JsonNode mean() throws IOException {
        return new ObjectMapper()
                .readTree("{'embed_dim': 8, 'vision_cfg': {'image_size': 32, 'layers': 3, 'width': 16, 'head_width': 8,"
                        .concat("'patch_size': 8, 'pool_type': 'avg'}, 'text_cfg': {'context_length': 32,"
                                + " 'vocab_size': 2000,'width': 16, 'heads': 2, 'layers': 2}}")
                        .replace('\'', '"'));
    }

    private static JsonNode json(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--json");
        return new ObjectMapper().readTree(run(all.toArray(new String[0])));
    }

    @ParameterizedTest
    @ValueSource(strings = {"siglip", "siglip2", "dinov2-registers", "dinov3", "open-clip-mean"})
    void everyStep_works(String family) throws Exception {
        boolean mean = family.equals("open-clip-mean");
        String model =
                (mean ? SeededOpenClip.write(mean(), temporary) : KitFixture.model(family, temporary)).toString();
        boolean matches = family.startsWith("siglip");
        boolean texts = matches || mean;
        String data = TinyFolder.create(temporary.resolve("mine")).toString();
        String image = data + "/red_circle/p3.png";
        Path dictionary = Files.writeString(temporary.resolve("texts.txt"), "a red thing\na blue thing\nthe sky\n");

        JsonNode traced = json("trace", "--model", model, "--data", data, "--out", at("a.trace"));
        assertTrue(traced.path("provenance").path("decomposition_error").asDouble(1) < 1e-5, traced.toString());
        run("spectrum", at("a.trace"), "--out", at("a.spectrum"));
        JsonNode same = json("compare", at("a.spectrum"), at("a.trace")).path("pairs");
        same.path(0).path("heads").forEach(v -> assertEquals(1, v.asDouble(), 1e-6));
        if (texts) {
            String units = "L1.H1,L1.MLP," + (matches ? "pooling.MLP" : "embedding");
            String words = dictionary.toString();
            assertEquals(
                    3,
                    json("describe", at("a.trace"), "--model", model, "--dictionary", words, "--units", units)
                            .path("units")
                            .size());
        }
        run("heads", "--model", model, "--data", data);
        String adapter = at("mine.adapter");
        String[] align = {"align", "--model", model, "--data", data, "--iterations", "5", "--method"};
        List<String> fit = new ArrayList<>(List.of(align));
        fit.addAll(List.of("residual-star", "--out", adapter));
        run(fit.toArray(new String[0]));
        assertEquals(
                40,
                run("predict", "--model", model, "--adapter", adapter, data)
                        .lines()
                        .count());
        JsonNode why =
                json("explain", "--model", model, "--adapter", adapter, "--no-words", "--where", at("map.json"), image);
        addsUp(why);
        run("report", "--model", model, "--data", data, "--adapter", adapter, "--no-words", "--out", at("report.html"));
        Path plain = Path.of(at("plain.html"));
        run("report", "--model", model, "--data", data, "--no-words", "--out", plain.toString());
        assertEquals(!texts, Files.readString(plain).contains("each class is the mean embedding"));
        run("forget", "--model", model, "--adapter", adapter, "--others", data);
        run("export", "--model", model, "--adapter", adapter, "--out", at("mine.onnx"));
        json("self-check", model);
        Path sweep = Files.writeString(
                temporary.resolve("sweep.yaml"),
                "models: ['" + model + "']\ndata: ['" + data + "']\nmethods: [base, coarse]\n");
        run("reproduce", sweep.toString(), "--out", at("results"));
        assertEquals(matches, serves(model, adapter, image).has("match_probability"));
    }

    /** Units add up to the logits, but for rounding of the largest. */
    private static void addsUp(JsonNode explained) {
        double largest = 1;
        for (JsonNode logit : explained.path("logits")) {
            largest = Math.max(largest, Math.abs(logit.asDouble()));
        }
        assertTrue(explained.path("error").asDouble(1) < 1e-5 * largest, explained.toString());
    }

    private static JsonNode serves(String folder, String adapter, String image) throws Exception {
        Limits patient = new Limits(
                Limits.DEFAULT.queue(), Limits.DEFAULT.bytes(), Limits.DEFAULT.pixels(), Duration.ofHours(1));
        try (ImageTextModel model = ImageTextModel.open(Path.of(folder));
                PredictionServer server = PredictionServer.start(
                        model, Path.of(adapter), false, "127.0.0.1", 0, Gate.of("127.0.0.1", null), patient)) {
            JsonNode explained = post(server, "v1/explain", image);
            addsUp(explained);
            return post(server, "v1/predict?top=2", image);
        }
    }

    private static JsonNode post(PredictionServer server, String path, String image) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.address().replaceAll("\\?.*", "") + path))
                                .POST(HttpRequest.BodyPublishers.ofFile(Path.of(image)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals(200, response.statusCode(), response.body());
        return Json.parse(response.body(), Json.Limits.FOREIGN);
    }

    /** The fixture's bias is −7.5 and its scale e³: σ(e³ · cosine − 7.5) decides alone, and none need match. */
    @Test
    void sigmoid_ranksByTheModelsOwnProbability() throws IOException {
        String data = TinyFolder.create(temporary.resolve("mine")).toString();
        String image = data + "/red_circle/p3.png";
        String model = KitFixture.model("siglip", temporary).toString();
        String[] zeroShot = {"predict", "--model", model, "--classes", "cat,dog,ship", "--top", "3", image};
        JsonNode softmax = json(zeroShot);
        List<String> words = new ArrayList<>(List.of(zeroShot));
        words.addAll(List.of("--scores", "sigmoid"));
        JsonNode sigmoid = json(words.toArray(new String[0]));
        double sum = 0;
        double[] logits = new double[3];
        for (int i = 0; i < 3; i++) {
            double p = softmax.path("top").path(i).path("match_probability").asDouble();
            assertEquals(p, sigmoid.path("top").path(i).path("probability").asDouble(), 1e-9);
            logits[i] = Math.log(p / (1 - p)) + 7.5;
            sum += Math.exp(logits[i]);
        }
        for (int i = 0; i < 3; i++) { // softmax and sigmoid are of the same logits
            assertEquals(
                    Math.exp(logits[i]) / sum,
                    softmax.path("top").path(i).path("probability").asDouble(),
                    1e-5);
        }
        assertEquals(
                sigmoid.path("accepted").asBoolean(), sigmoid.path("matching").size() > 0);
        String clip = KitFixture.model("clip-hf", temporary).toString();
        Outcome refused = CommandRunner.run(
                "predict", "--model", clip, "--classes", "cat,dog", "--scores", "sigmoid", "--quiet", image);
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("trained with a sigmoid"), refused.err());
    }
}
