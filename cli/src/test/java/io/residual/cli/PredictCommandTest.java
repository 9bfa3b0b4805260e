package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.cli.CommandRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
    @TempDir
    Path temporary;

    private Path aligned(Path data) {
        Path adapter = temporary.resolve("mine.adapter");
        Outcome align = CommandRunner.run(
                "align", "--data", data.toString(), "--iterations", "5", "--out", adapter.toString(), "--quiet");
        assertEquals(0, align.code(), align.err());
        return adapter;
    }

    /** Training and predicting must see images alike. */
    @Test
    void adapterFittedOnStoredImages_asksForThemAgain() throws IOException {
        Path data = TinyFolder.create(temporary.resolve("mine"));
        Path adapter = temporary.resolve("stored.adapter");
        Outcome align = CommandRunner.run(
                "align",
                "--data",
                data.toString(),
                "--iterations",
                "5",
                "--out",
                adapter.toString(),
                "--quiet",
                "--orientation",
                "stored");
        assertEquals(0, align.code(), align.err());
        Outcome upright = CommandRunner.run("predict", "--adapter", adapter.toString(), "--quiet", data.toString());
        assertEquals(2, upright.code());
        assertTrue(upright.err().contains("--orientation stored"), upright.err());
        Outcome stored = CommandRunner.run(
                "predict", "--adapter", adapter.toString(), "--quiet", "--orientation", "stored", data.toString());
        assertEquals(0, stored.code(), stored.err());
    }

    /** Red discs and blue squares, each in a folder of its name: the folder is the answer. */
    @Test
    void everyImageOfAFolder_getsItsClass_andABadOneALine() throws IOException {
        Path data = TinyFolder.create(temporary.resolve("mine"));
        Path adapter = aligned(data);
        Path broken = data.resolve("red_circle").resolve("broken.png");
        Files.writeString(broken, "not an image");
        Outcome outcome =
                CommandRunner.run("predict", "--adapter", adapter.toString(), "--json", "--quiet", data.toString());
        assertEquals(0, outcome.code(), outcome.err());
        List<String> lines = outcome.out().lines().toList();
        int images = 0;
        int errors = 0;
        for (String line : lines) {
            JsonNode said = new ObjectMapper().readTree(line);
            if (said.has("error")) {
                errors++;
                assertTrue(said.path("error").asText().contains("broken.png"), line);
                continue;
            }
            images++;
            Path file = Path.of(said.path("image").asText());
            String folder = String.valueOf(file.getName(file.getNameCount() - 2));
            assertEquals(folder.replace('_', ' '), said.path("class").asText(), line);
            double probability = said.path("probability").asDouble();
            assertTrue(probability > .5 && probability <= 1, line);
        }
        assertEquals(1, errors);
        try (var files = Files.walk(data)) {
            assertEquals(files.filter(f -> f.toString().endsWith(".png")).count() - 1, images);
        }
    }

    @Test
    void textSaysTheSame_andNamesAsManyClassesAsAsked() throws IOException {
        Path data = TinyFolder.create(temporary.resolve("mine"));
        String image;
        try (var files = Files.list(data.resolve("red_circle"))) {
            image = files.findFirst().orElseThrow().toString();
        }
        Outcome outcome = CommandRunner.run(
                "predict", "--classes", "red circle,blue square,star", "--top", "3", "--quiet", image);
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(
                outcome.err().contains("note: world-clip") && outcome.err().contains("--model timm/"), outcome.err());
        assertTrue(
                outcome.out().startsWith(image + ": red circle ")
                        && outcome.out().contains(", ")
                        && outcome.out().contains("star")
                        && outcome.out().contains("blue square"),
                outcome.out());
    }

    @Test
    void embed_writesARowAImage_andLeavesOutWhatCannotBeRead() throws IOException {
        Path data = TinyFolder.create(temporary.resolve("mine"));
        Path adapter = aligned(data);
        Files.writeString(data.resolve("red_circle").resolve("broken.png"), "not an image");
        Path target = temporary.resolve("all.npy");
        Outcome outcome = CommandRunner.run(
                "embed", "--adapter", adapter.toString(), "--out", target.toString(), "--quiet", data.toString());
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.err().contains("broken.png"), outcome.err());
        long rows = Files.readAllLines(temporary.resolve("all.npy.names.txt")).size();
        assertEquals(128 + rows * 96 * 4, Files.size(target), "world-clip's embeddings have 96 numbers");
        assertTrue(outcome.out().startsWith(rows + " embeddings"), outcome.out());
    }

    @Test
    void wrongInput_isExplained() {
        refused("neither --adapter nor --classes", "predict", "x.png");
        refused("none at", "predict", "--classes", "a,b", temporary + "/*.png");
        refused(
                "missing.adapter",
                "predict",
                "--adapter",
                temporary.resolve("missing.adapter").toString(),
                "x.png");
        // The only image is missing: reported like any bad image, and nothing was predicted.
        refused(
                "missing.png",
                "predict",
                "--classes",
                "a,b",
                temporary.resolve("missing.png").toString());
    }

    private static void refused(String saying, String... args) {
        Outcome outcome = CommandRunner.run(args);
        assertEquals(2, outcome.code(), outcome.out() + outcome.err());
        assertTrue(outcome.err().contains(saying), outcome.err());
    }
}
