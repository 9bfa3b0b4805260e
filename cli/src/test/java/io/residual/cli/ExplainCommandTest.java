package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.cli.CommandRunner.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainCommandTest {
    @TempDir
    Path temporary;

    private String image = "";
    private String adapter = "";

    @BeforeEach
    void align() throws IOException {
        Path data = TinyFolder.create(temporary.resolve("mine"));
        try (var files = Files.list(data.resolve("red_circle"))) {
            image = files.findFirst().orElseThrow().toString();
        }
        adapter = temporary.resolve("mine.adapter").toString();
        Outcome align =
                CommandRunner.run("align", "--data", data.toString(), "--iterations", "5", "--out", adapter, "--quiet");
        assertEquals(0, align.code(), align.err());
    }

    /** The sum over everything that is listed is the difference that is printed, and that of predict's logits. */
    @Test
    void shares_addUpToTheLogits() throws IOException {
        Path svg = temporary.resolve("why.svg");
        Outcome outcome = CommandRunner.run(
                "explain", "--adapter", adapter, image, "--json", "--no-words", "--figure", svg.toString(), "--quiet");
        assertEquals(0, outcome.code(), outcome.err());
        JsonNode said = new ObjectMapper().readTree(outcome.out());
        assertEquals("red circle", said.path("class").asText());
        assertEquals("blue square", said.path("against").asText());
        for (String when : List.of("before", "after")) {
            double sum = 0;
            for (JsonNode unit : said.path("units")) {
                sum += unit.path(when).path(0).asDouble();
            }
            for (JsonNode constant :
                    when.equals("after") ? said.path("constants") : new ObjectMapper().createArrayNode()) {
                sum += constant.path("after").path(0).asDouble();
            }
            String logits = when.equals("after") ? "logits" : "logits_before";
            assertEquals(said.path(logits).path(0).asDouble(), sum, 1e-4, when);
        }
        assertTrue(Files.readString(svg).contains("all others"), "the chart is drawn");
        Outcome predicted = CommandRunner.run("predict", "--adapter", adapter, image, "--json", "--quiet");
        double t = said.path("calibration").path("temperature").asDouble();
        double difference = (said.path("logits").path(0).asDouble()
                        - said.path("logits").path(1).asDouble())
                / t;
        double probability =
                new ObjectMapper().readTree(predicted.out()).path("probability").asDouble();
        assertEquals(Math.max(1 / (1 + Math.exp(-difference)), 1 / (1 + Math.exp(difference))), probability, 1e-4);
    }

    @Test
    void text_namesUnitsAndComponents() {
        Outcome outcome = CommandRunner.run("explain", "--adapter", adapter, image, "--top", "4", "--quiet");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(
                outcome.out().matches("(?s).*: red circle \\d+\\.\\d %( \\(unsure\\))?; without the adapter: .*"),
                outcome.out());
        assertTrue(outcome.out().contains("contributions add up to it, with an error of"), outcome.out());
        assertTrue(outcome.out().contains("towards"), outcome.out());
        assertFalse(outcome.out().contains("a dog in the wild"), "words of photographs, for a model of drawings");
        Outcome plain = CommandRunner.run("explain", "--classes", "red circle,star", image, "--no-words", "--quiet");
        assertEquals(0, plain.code(), plain.err());
        assertFalse(plain.out().contains("adapter"), plain.out());
    }

    /** The map of a decision adds up to the difference of logits, in every file that it is written to. */
    @Test
    void whereInTheImage_addsUpToTheDifference() throws IOException {
        Path json = temporary.resolve("where.json");
        Path numbers = temporary.resolve("where.npy");
        Path svg = temporary.resolve("where.svg");
        Path png = temporary.resolve("where.png");
        Outcome outcome = CommandRunner.run(
                "explain",
                "--adapter",
                adapter,
                image,
                "--json",
                "--no-words",
                "--lens",
                "--quiet",
                "--where",
                json.toString(),
                "--where",
                numbers.toString(),
                "--where",
                svg.toString(),
                "--where",
                png.toString(),
                "--attention",
                temporary.resolve("attention.svg").toString());
        assertEquals(0, outcome.code(), outcome.err());
        JsonNode said = new ObjectMapper().readTree(outcome.out());
        JsonNode map = new ObjectMapper().readTree(json.toFile());
        for (String when : List.of("before", "after")) {
            JsonNode logits = said.path(when.equals("after") ? "logits" : "logits_before");
            double difference = logits.path(1).asDouble() - logits.path(0).asDouble(); // red less blue
            assertEquals(difference, map.path(when).path("total").asDouble(), 1e-4, when);
            assertEquals(difference, said.path("where").path(when).path("total").asDouble(), 1e-4, when);
            double sum = map.path(when).path("constants").asDouble();
            for (JsonNode token : map.path(when).path("tokens_before_patches")) {
                sum += token.asDouble();
            }
            for (JsonNode row : map.path(when).path("patches")) {
                for (JsonNode patch : row) {
                    sum += patch.asDouble();
                }
            }
            assertEquals(difference, sum, 1e-4, when);
            assertEquals(1 + 48 + 6, map.path(when).path("units").size());
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(numbers)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(128 + 4 * 2 * 55 * (1 + 36 + 1), bytes.capacity());
        double all = 0;
        for (int i = 0; i < 55 * 38; i++) {
            all += bytes.getFloat(128 + 4 * i);
        }
        assertEquals(map.path("before").path("total").asDouble(), all, 1e-3);
        JsonNode beside =
                new ObjectMapper().readTree(temporary.resolve("where.npy.json").toFile());
        for (JsonNode document : List.of(map, beside)) {
            assertEquals("residual/image-map", document.path("schema").asText());
            assertTrue(document.path("error").asDouble(1) < 1e-3, document.path("error") + " of logits");
            double error =
                    document.path("provenance").path("decomposition_error").asDouble(1);
            assertTrue(error > 0 && error < 1e-4, "units against the embedding: " + error);
        }
        assertTrue(Files.readString(svg).contains("with the adapter: "), "two panels");
        assertTrue(ImageIO.read(png.toFile()).getWidth() > 3 * 288);
        assertTrue(Files.readString(temporary.resolve("attention.svg")).contains("not attribution"));
        JsonNode lens = said.path("lens").path("steps");
        assertEquals(1 + 2 * 6, lens.size());
        JsonNode last = lens.path(12).path("logits");
        assertEquals(said.path("logits_before").path(0).asDouble(), last.path(0).asDouble(), 1e-4);
    }

    @Test
    void aTextOrAUnit_hasAMapOfItsOwn() throws IOException {
        Path text = temporary.resolve("text.json");
        Outcome outcome = CommandRunner.run(
                "explain",
                image,
                "--text",
                "a red circle",
                "--against-text",
                "a blue square",
                "--where",
                text.toString(),
                "--quiet");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(
                outcome.out().contains("logit of the text 'a red circle' less that of 'a blue square'"), outcome.out());
        JsonNode map = new ObjectMapper().readTree(text.toFile());
        assertTrue(map.path("after").path("total").asDouble() > 0, "it is a red circle");
        for (String unit : List.of("L4.H7", "L4.H7#0")) {
            Path file = temporary.resolve("unit.json");
            Outcome one = CommandRunner.run(
                    "explain",
                    "--adapter",
                    adapter,
                    image,
                    "--no-words",
                    "--unit",
                    unit,
                    "--where",
                    file.toString(),
                    "--quiet");
            assertEquals(0, one.code(), one.err());
            JsonNode units =
                    new ObjectMapper().readTree(file.toFile()).path("after").path("units");
            for (JsonNode each : units) {
                boolean mine = each.path("unit").asText().equals("L4.H7");
                double size = 0;
                for (JsonNode row : each.path("patches")) {
                    for (JsonNode patch : row) {
                        size += Math.abs(patch.asDouble());
                    }
                }
                assertEquals(mine, size > 0, unit + " " + each.path("unit"));
            }
        }
    }

    @Test
    void wrongInput_isExplained() {
        for (List<String> wrong : List.of(
                List.of("explain", image),
                List.of("explain", image, "--text", "a star"),
                List.of("explain", image, "--text", "a star", "--where", "map.gif"),
                List.of("explain", image, "--text", "a star", "--where", "map.png", "--class", "star"),
                List.of("explain", "--adapter", adapter, image, "--where", "map.png", "--unit", "L9.H0"),
                List.of("explain", "--adapter", adapter, image, "--where", "map.png", "--unit", "L0.H0#999"),
                List.of("explain", "--adapter", adapter, image, "--where", "map.png", "--against-text", "a star"),
                List.of("explain", "--adapter", adapter, image, "--unit", "L0.H0"),
                List.of("explain", "--adapter", adapter, image, "--class", "green"),
                List.of("explain", "--adapter", adapter, image, "--class", "red circle", "--against", "red circle"),
                List.of(
                        "explain",
                        "--adapter",
                        adapter,
                        temporary.resolve("no.png").toString()))) {
            Outcome outcome = CommandRunner.run(wrong.toArray(String[]::new));
            assertEquals(2, outcome.code(), wrong + ": " + outcome.out());
            assertTrue(outcome.err().contains("expected"), outcome.err());
        }
    }
}
