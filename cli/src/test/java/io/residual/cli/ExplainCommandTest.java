package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.cli.CommandRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        assertTrue(outcome.out().contains(": red circle; without the adapter: "), outcome.out());
        assertTrue(outcome.out().contains("contributions add up to it, with an error of"), outcome.out());
        assertTrue(outcome.out().contains("towards"), outcome.out());
        Outcome plain = CommandRunner.run("explain", "--classes", "red circle,star", image, "--no-words", "--quiet");
        assertEquals(0, plain.code(), plain.err());
        assertFalse(plain.out().contains("adapter"), plain.out());
    }

    @Test
    void wrongInput_isExplained() {
        for (List<String> wrong : List.of(
                List.of("explain", image),
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
