package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.cli.CommandRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterveneCommandTest {
    @TempDir
    Path temporary;

    private String data = "";
    private String red = "";
    private String blue = "";

    @BeforeEach
    void draw() {
        Path root = TinyFolder.create(temporary.resolve("mine"));
        data = root.toString();
        red = root.resolve("red_circle").resolve("p3.png").toString();
        blue = root.resolve("blue_square").resolve("p3.png").toString();
    }

    private static JsonNode json(Outcome outcome) throws IOException {
        assertEquals(0, outcome.code(), outcome.err());
        return new ObjectMapper().readTree(outcome.out());
    }

    /** One unit changed by itself is the same as one change made together with none. */
    @Test
    void eachUnit_andOneChange_agree() throws IOException {
        Path svg = temporary.resolve("effects.svg");
        JsonNode all = json(CommandRunner.run(
                "intervene", "--data", data, "--with", "zero", "--figure", svg.toString(), "--json", "--quiet"));
        JsonNode one =
                json(CommandRunner.run("intervene", "--data", data, "--change", "L2.H6=zero", "--json", "--quiet"));
        assertEquals(48 + 6, all.path("units").size());
        for (JsonNode document : List.of(all, one)) {
            double error =
                    document.path("provenance").path("decomposition_error").asDouble(1);
            assertTrue(error > 0 && error < 1e-4, "units against the embedding: " + error);
        }
        JsonNode unit = all.path("units").path(2 * 8 + 6);
        assertEquals("L2.H6", unit.path("unit").asText());
        assertEquals(
                one.path("changed").path("label_logit").asDouble(),
                unit.path("total").path("label_logit").asDouble(),
                1e-4);
        assertEquals(
                one.path("plain").path("label_logit").asDouble(),
                all.path("plain").path("label_logit").asDouble(),
                1e-5);
        JsonNode last = all.path("units").path(48 + 5);
        assertEquals("L5.MLP", last.path("unit").asText());
        assertEquals(0, last.path("moved_later").asDouble(), 1e-5, "nothing comes after the last MLP");
        assertTrue(Files.readString(svg).contains("through later layers"));
    }

    /** What was found on validation is what the same changes made together give; the goal on images that did not choose has not fallen. */
    @Test
    void theSearch_keepsOnlyWhatHelpsTheOtherHalf() throws IOException {
        JsonNode found = json(
                CommandRunner.run("intervene", "--data", data, "--with", "zero", "--search", "3", "--json", "--quiet"));
        assertEquals("residual/head-search", found.path("schema").asText());
        double held = found.path("held_before").asDouble();
        for (int i = 0; i < found.path("heads").size(); i++) {
            assertEquals(
                    found.path("heads").path(i), found.path("steps").path(i).path("head"));
            held = found.path("steps").path(i).path("held").asDouble();
        }
        assertTrue(held >= found.path("held_before").asDouble(), found.toString());
        assertTrue(found.path("test").path("images").asInt() > 0
                && found.path("test_before").path("accuracy").asDouble() >= 0);
        assertTrue(found.path("provenance").path("decomposition_error").asDouble() < 1e-4);
        Outcome wrong = CommandRunner.run("intervene", "--data", data, "--search", "2", "--objective", "best");
        assertEquals(2, wrong.code());
        assertTrue(wrong.err().contains("worst-class"), wrong.err());
        assertEquals(
                2,
                CommandRunner.run("intervene", "--data", data, "--objective", "accuracy")
                        .code());
    }

    /** What is written gives, wherever it is used, the figures that the search printed; where traces are shared it is refused. */
    @ParameterizedTest
    @ValueSource(strings = {"zero", "mean"})
    void headsOff_areAnAdapter(String with) throws IOException {
        Path root = Path.of(data);
        StringBuilder groups = new StringBuilder("group,file\n");
        try (Stream<Path> files = Files.walk(root)) {
            files.filter(f -> f.toString().endsWith(".png")).sorted().forEach(f -> groups.append(
                            f.getFileName().toString().contains("1") ? "one," : "other,")
                    .append(root.relativize(f))
                    .append('\n'));
        }
        Path table = Files.writeString(temporary.resolve("groups.csv"), groups);
        String adapter = temporary.resolve("off.adapter").toString();
        JsonNode found = json(CommandRunner.run(
                "intervene",
                "--data",
                data,
                "--with",
                with,
                "--search",
                "3",
                "--groups",
                table.toString(),
                "--out",
                adapter,
                "--json",
                "--quiet"));
        assertEquals("worst-group", found.path("objective").asText());
        assertTrue(found.path("test").path("worst_group").isNumber(), found.toString());
        // Which head helps a handful of images is rounding's to say; on the machines where this was run some did.
        assumeTrue(!found.path("heads").isEmpty(), found.toString());
        JsonNode score = json(CommandRunner.run("evaluate", "--adapter", adapter, "--json", "--quiet", "--no-cache"));
        assertEquals("heads-off", score.path("method").asText());
        assertEquals(
                found.path("test").path("accuracy").asDouble(),
                score.path("test_accuracy").asDouble());
        assertTrue(score.path("same_test_images").asBoolean());
        List<String> changes = new ArrayList<>(List.of("intervene", "--data", data, "--json", "--quiet"));
        found.path("heads").forEach(head -> changes.addAll(List.of("--change", head.asText() + "=" + with)));
        JsonNode inPass =
                json(CommandRunner.run(changes.toArray(String[]::new))).path("changed");
        JsonNode saved = json(CommandRunner.run(
                        "intervene", "--data", data, "--adapter", adapter, "--change", "L0.H0=1", "--json", "--quiet"))
                .path("plain");
        assertEquals(
                inPass.path("label_logit").asDouble(), saved.path("label_logit").asDouble(), 1e-4);
        JsonNode explained = json(CommandRunner.run(
                "explain",
                "--adapter",
                adapter,
                red,
                "--where",
                temporary.resolve("w.json").toString(),
                "--no-words",
                "--json",
                "--quiet"));
        assertEquals(0, explained.path("where").path("error").asDouble(1), 1e-4);
        String onnx = temporary.resolve("off.onnx").toString();
        assertEquals(
                0,
                CommandRunner.run("export", "--adapter", adapter, "--out", onnx).code());
        for (List<String> refused : List.of(
                List.of(
                        "export",
                        "--adapter",
                        adapter,
                        "--out",
                        temporary.resolve("off.safetensors").toString()),
                List.of("forget", "--adapter", adapter, "--others", data),
                List.of(
                        "report",
                        "--data",
                        data,
                        "--adapter",
                        adapter,
                        "--out",
                        temporary.resolve("r.html").toString()),
                List.of("intervene", "--data", data, "--search", "2", "--adapter", adapter, "--out", adapter),
                List.of("intervene", "--data", data, "--search", "2", "--adapter", adapter),
                List.of("align", "--data", data, "--method", "heads-off", "--out", adapter),
                List.of("intervene", "--data", data, "--search", "2", "--objective", "worst-group"))) {
            Outcome outcome = CommandRunner.run(refused.toArray(String[]::new));
            assertEquals(2, outcome.code(), refused + ": " + outcome.out() + outcome.err());
            assertTrue(outcome.err().contains("expected"), outcome.err());
        }
    }

    @Test
    void wrongGroups_areNamed() throws IOException {
        for (List<String> wrong : List.of(
                List.of("", "nothing"),
                List.of("file,kind\na.png,x\n", "file,group"),
                List.of("file,group\na.png\n", "line 2"),
                List.of("file,group\na.png,x\n", "two or more"),
                List.of("file,group\na.png,x\nb.png,y\n", "no row for"))) {
            Path table = Files.writeString(temporary.resolve("groups.csv"), wrong.get(0));
            Outcome outcome = CommandRunner.run(
                    "intervene", "--data", data, "--with", "zero", "--search", "1", "--groups", table.toString());
            assertEquals(2, outcome.code(), outcome.out());
            assertTrue(outcome.err().contains(wrong.get(1)) && outcome.err().contains("groups.csv"), outcome.err());
        }
    }

    @Test
    void changesTogether_areOfEveryKind() throws IOException {
        JsonNode changed = json(CommandRunner.run(
                "intervene",
                "--data",
                data,
                "--change",
                "L1.H0=mean",
                "--change",
                "L3.MLP=0.5",
                "--change",
                "L2.H1=image:" + blue,
                "--change",
                "L4.H2=steer:-0.5:a red circle",
                "--reference",
                "8",
                "--json",
                "--quiet"));
        assertTrue(changed.path("changed").path("moved").asDouble() > 1e-3);
        JsonNode nothing =
                json(CommandRunner.run("intervene", "--data", data, "--change", "L3.MLP=1", "--json", "--quiet"));
        assertEquals(0, nothing.path("changed").path("moved").asDouble(), 1e-5);
    }

    /** A text's direction and a component are steered along by the same rule; a component has no name but its number. */
    @Test
    void component_isSteeredAlong_byItsNumber() throws IOException {
        String adapter = temporary.resolve("mine.adapter").toString();
        Outcome aligned = CommandRunner.run(
                "align", "--data", data, "--method", "residual", "--preset", "paper", "--out", adapter, "--quiet");
        assertEquals(0, aligned.code(), aligned.err());
        List<Double> moved = new ArrayList<>();
        for (String size : List.of("0", "0.5", "1")) {
            String change = "L5.H2=component:" + size + ":0";
            JsonNode json = json(CommandRunner.run(
                    "intervene", "--data", data, "--adapter", adapter, "--change", change, "--json", "--quiet"));
            moved.add(json.path("changed").path("moved").asDouble());
        }
        assertEquals(0, moved.get(0), 1e-5);
        assertTrue(moved.get(2) > moved.get(1) && moved.get(1) > 1e-4, moved.toString());
        for (List<String> wrong : List.of(
                List.of("--change", "L5.H2=component:1:0"),
                List.of("--adapter", adapter, "--change", "L5.H2=component:1:999"),
                List.of("--adapter", adapter, "--change", "L5.H2=component:x:0"),
                List.of("--adapter", adapter, "--change", "L5.H2=component:1"))) {
            List<String> all = new ArrayList<>(List.of("intervene", "--data", data, "--quiet"));
            all.addAll(wrong);
            Outcome outcome = CommandRunner.run(all.toArray(String[]::new));
            assertEquals(2, outcome.code(), wrong + ": " + outcome.out());
            assertTrue(outcome.err().contains("expected"), outcome.err());
        }
    }

    /** A unit of the image itself brings nothing back; what is brought back is a share of the difference. */
    @Test
    void betweenImages_unitsBringBackTheDifference() throws IOException {
        JsonNode trace = json(CommandRunner.run(
                "intervene", "--from", red, "--to", blue, "--classes", "red circle,blue square", "--json", "--quiet"));
        assertEquals("red circle", trace.path("class").asText());
        assertTrue(trace.path("source").asDouble() > trace.path("target").asDouble());
        for (JsonNode unit : trace.path("units")) {
            double share = (unit.path("total").asDouble() - trace.path("target").asDouble())
                    / (trace.path("source").asDouble() - trace.path("target").asDouble());
            assertEquals(share, unit.path("restored_total").asDouble(), 1e-9);
        }
        JsonNode same = json(CommandRunner.run(
                "intervene", "--from", red, "--to", red, "--classes", "red circle,blue square", "--json", "--quiet"));
        for (JsonNode unit : same.path("units")) {
            assertEquals(same.path("target").asDouble(), unit.path("total").asDouble(), 1e-4);
        }
        Outcome corrupted = CommandRunner.run(
                "intervene", "--from", red, "--corrupt", "1", "--classes", "red circle,blue square", "--quiet");
        assertEquals(0, corrupted.code(), corrupted.err());
        assertTrue(corrupted.out().contains("brought back"), corrupted.out());
    }

    @Test
    void wrongInput_isExplained() {
        for (List<String> wrong : List.of(
                List.of("intervene"),
                List.of("intervene", "--data", data, "--from", red),
                List.of("intervene", "--data", data, "--with", "half"),
                List.of("intervene", "--data", data, "--with", "NaN"),
                List.of("intervene", "--data", data, "--change", "L2.H6"),
                List.of("intervene", "--data", data, "--change", "L9.H6=zero"),
                List.of("intervene", "--data", data, "--change", "embedding=zero"),
                List.of("intervene", "--data", data, "--change", "L2.H6=steer:x:red"),
                List.of("intervene", "--data", data, "--change", "L2.H6=zero", "--with", "mean"),
                List.of("intervene", "--data", data, "--corrupt", "1"),
                List.of("intervene", "--from", red, "--classes", "a,b"),
                List.of("intervene", "--from", red, "--to", blue),
                List.of("intervene", "--from", red, "--to", blue, "--corrupt", "1", "--classes", "a,b"),
                List.of("intervene", "--from", red, "--to", blue, "--classes", "a,b", "--reference", "5"))) {
            Outcome outcome = CommandRunner.run(wrong.toArray(String[]::new));
            assertEquals(2, outcome.code(), wrong + ": " + outcome.out());
            assertTrue(outcome.err().contains("expected"), outcome.err());
        }
    }
}
