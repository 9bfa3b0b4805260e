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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An adapter at work from the command line: tables out, Parquet in, exports, and what they say of wrong input. */
class ProductionCommandsTest {
    @TempDir
    static Path folder;

    @TempDir
    Path temporary;

    private static Path data;
    private static Path adapter;
    private static Path embeddingsAlone;

    @BeforeAll
    static void fit() throws IOException {
        data = TinyFolder.create(folder.resolve("mine"));
        adapter = folder.resolve("mine.adapter");
        align("residual", adapter);
        embeddingsAlone = folder.resolve("base.adapter");
        align("base", embeddingsAlone);
        Files.writeString(data.resolve("red_circle").resolve("broken.png"), "not an image");
    }

    private static void align(String method, Path target) {
        List<String> words = new ArrayList<>(
                List.of("align", "--data", data.toString(), "--method", method, "--out", target.toString(), "--quiet"));
        if (!method.equals("base")) { // which has no path of strengths
            words.addAll(List.of("--iterations", "5"));
        }
        Outcome align = CommandRunner.run(words.toArray(String[]::new));
        assertEquals(0, align.code(), align.err());
    }

    private static List<List<String>> rows(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<List<String>> all = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int c = 1; c <= result.getMetaData().getColumnCount(); c++) {
                    row.add(String.valueOf(result.getString(c)));
                }
                all.add(row);
            }
            return all;
        }
    }

    /** The table holds what the lines hold; the image that is none has an error and nothing else. */
    @ParameterizedTest
    @ValueSource(strings = {"csv", "parquet", "jsonl"})
    void table_holdsWhatTheLinesSay(String ending) throws IOException, SQLException {
        Outcome printed =
                CommandRunner.run("predict", "--adapter", adapter.toString(), "--json", "--quiet", data.toString());
        TreeMap<String, JsonNode> lines = new TreeMap<>();
        for (String line : printed.out().lines().toList()) {
            JsonNode node = new ObjectMapper().readTree(line);
            lines.put(node.path("image").asText(), node);
        }
        Path table = temporary.resolve("said." + ending);
        Outcome outcome = CommandRunner.run(
                "predict", "--adapter", adapter.toString(), "--out", table.toString(), "--quiet", data.toString());
        assertEquals(0, outcome.code(), outcome.err());
        assertEquals("40 predictions written to " + table + System.lineSeparator(), outcome.out());
        List<List<String>> rows = rows("SELECT image, class, probability, accepted, error FROM '" + table + "'");
        assertEquals(41, rows.size());
        int failed = 0;
        for (List<String> row : rows) {
            if (!row.get(4).equals("null")) {
                failed++;
                assertTrue(row.get(0).endsWith("broken.png"), row.toString());
                assertEquals(List.of("null", "null", "null"), row.subList(1, 4));
                continue;
            }
            JsonNode line = Objects.requireNonNull(lines.get(row.get(0)), row.get(0));
            assertEquals(line.path("class").asText(), row.get(1));
            assertEquals(line.path("probability").asDouble(), Double.parseDouble(row.get(2)), 1e-12);
            assertEquals(line.path("accepted").asText(), row.get(3));
            assertEquals("null", row.get(4));
        }
        assertEquals(1, failed);
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(table), left.toList(), "nothing but the table is left");
        }
    }

    /** Images as the hub keeps them, and as plain bytes; a null among them is one reported line. */
    @ParameterizedTest
    @CsvSource({"'struct_pack(bytes := content, path := filename)'", "content"})
    void parquetIn_givesTheSameAsFiles(String column) throws IOException, SQLException {
        Path table = temporary.resolve("images.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT " + column + " AS image, 7 AS other FROM read_blob('" + data
                    + "/*/p*.png') UNION ALL SELECT NULL, 1) TO '" + table + "' (FORMAT parquet)");
        }
        Outcome outcome =
                CommandRunner.run("predict", "--adapter", adapter.toString(), "--json", "--quiet", table.toString());
        assertEquals(0, outcome.code(), outcome.err());
        int right = 0;
        int errors = 0;
        for (String line : outcome.out().lines().toList()) {
            JsonNode node = new ObjectMapper().readTree(line);
            errors += node.has("error") ? 1 : 0;
            right += node.has("class") ? 1 : 0;
        }
        assertEquals(40, right, outcome.out());
        assertEquals(1, errors, outcome.out());
    }

    /** The probabilities of files and of a table that holds them are the same, in the same order. */
    @Test
    void parquetIn_keepsTheOrder() throws IOException, SQLException {
        Path table = temporary.resolve("images.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT content AS image FROM read_blob('" + data
                    + "/blue_square/p*.png') ORDER BY filename) TO '" + table + "' (FORMAT parquet)");
        }
        List<Double> fromFiles = probabilities(data.resolve("blue_square").toString());
        List<Double> fromTable = probabilities(table.toString());
        assertEquals(20, fromFiles.size());
        for (int i = 0; i < 20; i++) {
            assertEquals(fromFiles.get(i), fromTable.get(i), 1e-6, "batches are the same, so are the numbers");
        }
    }

    private static List<Double> probabilities(String images) throws IOException {
        Outcome outcome = CommandRunner.run("predict", "--adapter", adapter.toString(), "--json", "--quiet", images);
        List<Double> all = new ArrayList<>();
        for (String line : outcome.out().lines().toList()) {
            all.add(new ObjectMapper().readTree(line).path("probability").asDouble());
        }
        return all;
    }

    @Test
    void export_writesBothKinds() throws IOException {
        Path onnx = temporary.resolve("mine.onnx");
        Outcome outcome =
                CommandRunner.run("export", "--adapter", adapter.toString(), "--out", onnx.toString(), "--quiet");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().startsWith("ResiDual with 2 classes written to " + onnx), outcome.out());
        Path folded = temporary.resolve("mine.safetensors");
        Outcome second = CommandRunner.run(
                "export", "--adapter", adapter.toString(), "--out", folded.toString(), "--quiet", "--json");
        assertEquals(0, second.code(), second.err());
        JsonNode said = new ObjectMapper().readTree(second.out());
        assertEquals(folded.toString(), said.path("written").asText());
        assertEquals(2, said.path("classes").asInt());
        assertEquals(Files.size(folded), said.path("bytes").asLong());
        assertTrue(Files.size(folded) > 10_000 && Files.size(onnx) > Files.size(folded));
    }

    @Test
    void wrongInput_isExplained_andWritesNothing() throws IOException {
        Path strange = temporary.resolve("mine.pt");
        refused(".onnx or .safetensors", "export", "--adapter", adapter.toString(), "--out", strange.toString());
        Path onnx = temporary.resolve("a.onnx");
        refused("missing.adapter", "export", "--adapter", "missing.adapter", "--out", onnx.toString());
        refused(
                "does not change embeddings",
                "export",
                "--adapter",
                embeddingsAlone.toString(),
                "--out",
                temporary.resolve("a.safetensors").toString());
        Path torn = temporary.resolve("torn.adapter");
        byte[] bytes = Files.readAllBytes(adapter);
        Files.write(torn, Arrays.copyOf(bytes, bytes.length / 2));
        for (String command : List.of("export", "predict", "serve")) {
            List<String> args = new ArrayList<>(List.of(command, "--adapter", torn.toString()));
            args.addAll(
                    command.equals("export")
                            ? List.of("--out", onnx.toString())
                            : command.equals("predict") ? List.of(data.toString()) : List.of("--port", "0"));
            refused("torn.adapter", args.toArray(new String[0]));
        }
        refused(
                "an adapter of the model",
                "export",
                "--model",
                "world-blip",
                "--adapter",
                adapter.toString(),
                "--out",
                onnx.toString());
        refused(
                ".csv, .parquet or .jsonl",
                "predict",
                "--adapter",
                adapter.toString(),
                "--out",
                temporary.resolve("a.xlsx").toString(),
                data.toString());
        Path table = temporary.resolve("none.csv");
        refused(
                "none that can be read",
                "predict",
                "--adapter",
                adapter.toString(),
                "--out",
                table.toString(),
                data.resolve("red_circle").resolve("broken.png").toString());
        Path text = temporary.resolve("no.parquet");
        Files.writeString(text, "not Parquet");
        refused("no.parquet", "predict", "--adapter", adapter.toString(), text.toString());
        refused("--port", "serve", "--adapter", adapter.toString(), "--port", "70000");
        refused("missing.adapter", "serve", "--adapter", "missing.adapter");
        refused("--host", "serve", "--adapter", adapter.toString(), "--host", "no such host");
        refused("queue", "serve", "--adapter", adapter.toString(), "--queue", "0");
        assertFalse(Files.exists(onnx) || Files.exists(strange) || Files.exists(table));
        try (var left = Files.list(temporary)) {
            assertEquals(2, left.count(), "the two bad files, and nothing half written");
        }
    }

    private static void refused(String saying, String... args) {
        Outcome outcome = CommandRunner.run(args);
        assertEquals(2, outcome.code(), String.join(" ", args) + ": " + outcome.out() + outcome.err());
        assertTrue(outcome.err().contains(saying), outcome.err());
    }
}
