package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.Models;
import io.residual.cli.CommandRunner.Outcome;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelledImages;
import io.residual.data.Reading;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.Preprocessing;
import io.residual.images.UnreadableImageException;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.predict.Predictor;
import io.residual.serve.Limits;
import io.residual.serve.PredictionServer;
import io.residual.web.Gate;
import io.residual.world.EmbeddedModels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One adapter, 500 images, four ways to ask: the library an image at a time is the reference; the command (batches), the server
 * (whatever batches arise) and ONNX Runtime have to give the same probabilities. Images of the embedded world.
 *
 * <p>Tolerance 1e-4 of probability: batches of another size sum in another order (1e-6), other kernels in ONNX Runtime (1e-5).
 */
class AgreementTest {
    private static final String DATA = "world:textures";
    private static final int IMAGES = 500;
    private static final double TOLERANCE = 1e-4;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    static Path folder;

    private static Path adapter;
    private static Path images;
    private static ImageTextModel model;
    private static List<String> classes;
    private static final List<Path> files = new ArrayList<>();
    private static final List<List<Double>> reference = new ArrayList<>();

    @BeforeAll
    static void fit() throws IOException, UnreadableImageException {
        adapter = folder.resolve("some.adapter");
        Outcome align = CommandRunner.run(
                "align",
                "--data",
                DATA,
                "--train",
                "300",
                "--validation",
                "100",
                "--test",
                "100",
                "--iterations",
                "8",
                "--out",
                adapter.toString(),
                "--quiet");
        assertEquals(0, align.code(), align.err());
        DatasetSpec recipe = new DatasetSpec(
                DATA,
                100,
                100,
                IMAGES,
                Splitting.DEFAULT.validation(),
                Splitting.DEFAULT.test(),
                Splitting.DEFAULT.seed());
        Dataset dataset = Datasets.open(recipe, Reading.PLAIN, Progress.silent());
        LabelledImages<Split.Test> test = dataset.test();
        images = Files.createDirectories(folder.resolve("pictures"));
        for (int i = 0; i < IMAGES; i++) {
            Path file = images.resolve(String.format(Locale.ROOT, "p%03d.png", i));
            write(test.read(i), file);
            files.add(file);
        }
        model = Models.open(EmbeddedModels.WORLD_CLIP);
        try (Predictor predictor = Predictor.with(Models.open(EmbeddedModels.WORLD_CLIP), adapter)) {
            classes = predictor.classes();
            for (Path file : files) {
                Prediction prediction = predictor.predict(file);
                assertEquals(classes.get(prediction.chosen()), prediction.label());
                reference.add(prediction.probabilities());
            }
        }
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static void write(Image image, Path file) throws IOException {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                buffered.setRGB(x, y, image.at(x, y, 0) << 16 | image.at(x, y, 1) << 8 | image.at(x, y, 2));
            }
        }
        ImageIO.write(buffered, "png", file.toFile());
    }

    /** The reference itself is not a constant: images differ, and so do their classes. */
    @Test
    void reference_saysSomething() {
        assertTrue(reference.stream()
                        .map(p -> p.indexOf(p.stream().max(Double::compare).orElseThrow()))
                        .distinct()
                        .count()
                > 3);
        for (List<Double> p : reference) {
            assertEquals(1, p.stream().mapToDouble(x -> x).sum(), 1e-9);
        }
    }

    @Test
    void command_agrees() throws IOException {
        Outcome outcome = CommandRunner.run(
                "predict",
                "--adapter",
                adapter.toString(),
                "--json",
                "--quiet",
                "--top",
                String.valueOf(classes.size()),
                images.toString());
        assertEquals(0, outcome.code(), outcome.err());
        List<String> lines = outcome.out().lines().toList();
        assertEquals(IMAGES, lines.size());
        for (int i = 0; i < IMAGES; i++) {
            JsonNode said = MAPPER.readTree(lines.get(i));
            assertEquals(files.get(i).toString(), said.path("image").asText());
            agrees(i, said.path("top"));
        }
    }

    @Test
    void server_agrees() throws IOException {
        Gate gate = Gate.of("127.0.0.1", null);
        Limits patient = new Limits(IMAGES, 1 << 20, 1 << 20, Duration.ofHours(1));
        try (PredictionServer server = PredictionServer.start(model, adapter, false, "127.0.0.1", 0, gate, patient)) {
            HttpClient http = HttpClient.newHttpClient();
            URI uri = URI.create(server.address()).resolve("/v1/predict?top=" + classes.size());
            List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
            for (Path file : files) {
                asked.add(http.sendAsync(
                        HttpRequest.newBuilder(uri)
                                .POST(HttpRequest.BodyPublishers.ofFile(file))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
            }
            for (int i = 0; i < IMAGES; i++) {
                HttpResponse<String> answer = asked.get(i).join();
                assertEquals(200, answer.statusCode(), answer.body());
                agrees(i, MAPPER.readTree(answer.body()).path("top"));
            }
        }
    }

    @Test
    void onnxRuntime_agrees() throws IOException, OrtException, UnreadableImageException {
        Path file = folder.resolve("some.onnx");
        Outcome export =
                CommandRunner.run("export", "--adapter", adapter.toString(), "--out", file.toString(), "--quiet");
        assertEquals(0, export.code(), export.err());
        Preprocessing preprocessing = model.preprocessing();
        int length = preprocessing.inputLength();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file.toString())) {
            String input = session.getInputNames().iterator().next();
            assertEquals(
                    MAPPER.writeValueAsString(classes),
                    session.getMetadata().getCustomMetadata().get("classes"));
            int block = 50;
            for (int at = 0; at < IMAGES; at += block) {
                float[] pixels = new float[block * length];
                for (int i = 0; i < block; i++) {
                    preprocessing.apply(ImageDecoder.decode(files.get(at + i)), pixels, i * length);
                }
                long[] shape = {block, 3, preprocessing.inputHeight(), preprocessing.inputWidth()};
                try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(pixels), shape);
                        OrtSession.Result result = session.run(Map.of(input, tensor))) {
                    float[][] probabilities = (float[][])
                            result.get("probabilities").orElseThrow().getValue();
                    for (int i = 0; i < block; i++) {
                        for (int c = 0; c < classes.size(); c++) {
                            assertEquals(reference.get(at + i).get(c), probabilities[i][c], TOLERANCE);
                        }
                    }
                }
            }
        }
    }

    /**
     * The example that ships, on what export wrote, where Python has transformers: {@code RESIDUAL_PYTHON}, or python3. 40 images:
     * one pass each.
     */
    @Test
    void pythonExample_agrees() throws IOException, InterruptedException {
        String python = System.getenv().getOrDefault("RESIDUAL_PYTHON", "python3");
        assumeTrue(
                ended(new ProcessBuilder(python, "-c", "import torch, transformers, safetensors, PIL")) == 0,
                python + " has no torch, transformers, safetensors and Pillow");
        Path folded = folder.resolve("some.safetensors");
        Outcome export =
                CommandRunner.run("export", "--adapter", adapter.toString(), "--out", folded.toString(), "--quiet");
        assertEquals(0, export.code(), export.err());
        List<String> command = new ArrayList<>(List.of(
                python, "../examples/python/apply_adapter.py", model.folder().toString(), folded.toString()));
        files.subList(0, 40).forEach(file -> command.add(file.toString()));
        Path said = folder.resolve("python.jsonl");
        assertEquals(0, ended(new ProcessBuilder(command).redirectOutput(said.toFile())));
        List<String> lines = Files.readAllLines(said);
        assertEquals(40, lines.size());
        for (int i = 0; i < 40; i++) {
            JsonNode line = MAPPER.readTree(lines.get(i));
            int c = classes.indexOf(line.path("class").asText());
            assertEquals(reference.get(i).get(c), line.path("probability").asDouble(), TOLERANCE, lines.get(i));
            assertEquals(
                    reference.get(i).stream().max(Double::compare).orElseThrow(),
                    line.path("probability").asDouble(),
                    TOLERANCE);
        }
    }

    private static int ended(ProcessBuilder command) throws IOException, InterruptedException {
        try {
            return command.redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1; // no such program
        }
    }

    private static void agrees(int image, JsonNode top) {
        assertEquals(classes.size(), top.size());
        for (JsonNode one : top) {
            int c = classes.indexOf(one.path("class").asText());
            assertEquals(
                    reference.get(image).get(c),
                    one.path("probability").asDouble(),
                    TOLERANCE,
                    files.get(image).toString());
        }
    }
}
