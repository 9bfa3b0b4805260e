package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.Schema;
import io.residual.cli.CommandRunner.Outcome;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * What every command prints with {@code --json}: documents that say what they are, with keys in snake case throughout and those at the top as
 * docs/formats.md lists them.
 */
class JsonOutputTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Objects whose keys are names: of data sets, units, classes, factors, or settings. */
    private static final Set<String> BY_NAME =
            Set.of("accuracy", "datasets", "provenance", "heads", "dimensions", "epsilon_squared", "thumbnails");

    private static final Map<String, Set<String>> DOCUMENTED = new HashMap<>();
    private static final List<String> FEW =
            List.of("--train", "40", "--validation", "30", "--test", "30", "--quiet", "--json");

    @TempDir
    static Path folder;

    private static Path adapter;
    private static Path trace;
    private static Path photos;
    private static final List<JsonNode> FIRST = new ArrayList<>();

    @BeforeAll
    static void make() throws IOException {
        Matcher row = Pattern.compile("(?m)^\\| `(residual/[^`]+)` \\| \\d+ \\| [^|]+ \\| ([^|]+) \\|$")
                .matcher(Files.readString(Path.of("..", "docs", "formats.md")));
        while (row.find()) {
            Set<String> keys = new TreeSet<>();
            Matcher key = Pattern.compile("`([a-z0-9_]+)`").matcher(row.group(2));
            while (key.find()) {
                keys.add(key.group(1));
            }
            DOCUMENTED.put(row.group(1), keys);
        }
        adapter = folder.resolve("a.adapter");
        trace = folder.resolve("t");
        photos = Files.createDirectories(folder.resolve("photos"));
        for (int i = 0; i < 2; i++) {
            BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
            image.setRGB(i, i, 0xff8040);
            ImageIO.write(image, "png", photos.resolve("p" + i + ".png").toFile());
        }
        FIRST.addAll(run(Schema.FIT, few("align", "--data", "world:signs", "--method", "base", "--out", adapter)));
        FIRST.addAll(run(Schema.TRACE, few("trace", "--data", "world:signs", "--out", trace)));
    }

    private static String[] few(Object... words) {
        List<String> all =
                new ArrayList<>(Arrays.stream(words).map(String::valueOf).toList());
        all.addAll(FEW);
        return all.toArray(String[]::new);
    }

    private static String[] plain(Object... words) {
        List<String> all =
                new ArrayList<>(Arrays.stream(words).map(String::valueOf).toList());
        all.add("--json");
        return all.toArray(String[]::new);
    }

    /** The documents that a command prints. */
    private static List<JsonNode> run(Schema schema, String... words) throws IOException {
        Outcome outcome = CommandRunner.run(words);
        assertEquals(0, outcome.code(), String.join(" ", words) + ": " + outcome.err());
        List<JsonNode> documents = new ArrayList<>();
        try (MappingIterator<JsonNode> each = MAPPER.readerFor(JsonNode.class).readValues(outcome.out())) {
            each.forEachRemaining(documents::add);
        }
        assertTrue(documents.size() > 0, String.join(" ", words) + " prints nothing");
        for (JsonNode document : documents) {
            check(schema, document);
        }
        return documents;
    }

    private static void check(Schema schema, JsonNode document) {
        assertEquals(schema.label(), document.path("schema").asText(), document.toString());
        assertEquals(schema.version(), document.path("version").asInt());
        assertEquals("schema", document.fieldNames().next(), "first of all");
        snakeCase(schema.label(), "", document);
        Set<String> undocumented = new TreeSet<>();
        document.fieldNames().forEachRemaining(undocumented::add);
        undocumented.removeAll(DOCUMENTED.getOrDefault(schema.label(), Set.of()));
        undocumented.removeAll(Set.of("schema", "version"));
        assertEquals(Set.of(), undocumented, schema.label() + " in docs/formats.md");
    }

    private static void snakeCase(String where, String name, JsonNode node) {
        node.properties().forEach(entry -> {
            String key = entry.getKey();
            boolean fixed = !BY_NAME.contains(name) || key.matches("[a-z0-9_]+");
            assertTrue(
                    key.matches("[a-z][a-z0-9]*(_[a-z0-9]+)*") || !fixed || name.equals("rankings"),
                    "'" + key + "' in " + where);
            snakeCase(where + "." + key, key, entry.getValue());
        });
        if (node.isArray()) {
            node.forEach(item -> snakeCase(where, "", item));
        }
    }

    @Test
    void everyCommandWithTheOption_isHere() {
        Set<String> offering = new TreeSet<>();
        new CommandLine(new Main()).getSubcommands().forEach((name, command) -> {
            if (command.getCommandSpec().findOption("--json") != null) {
                offering.add(name);
            }
        });
        assertEquals(
                new TreeSet<>(List.of(
                        "models",
                        "datasets",
                        "audit",
                        "label-next",
                        "verify",
                        "self-check",
                        "cache", // quick
                        "align",
                        "trace",
                        "evaluate",
                        "predict",
                        "explain",
                        "embed",
                        "export",
                        "spectrum",
                        "figures",
                        "arrays",
                        "compare",
                        "describe",
                        "forget",
                        "report", // here with few images
                        "heads",
                        "intervene",
                        "probing",
                        "locate",
                        "pretrain",
                        "finetune",
                        "reproduce",
                        "demo", // thorough
                        "survey",
                        "serve",
                        "explore")), // SurveyTest, PredictionServerTest, ExploreTest
                offering);
    }

    @Test
    void whatIsThere() throws IOException {
        run(Schema.CACHE, plain("cache"));
        run(Schema.MODELS, plain("models", "world-clip"));
        run(Schema.DATASETS, plain("datasets", "world:signs"));
        run(Schema.AUDIT, few("audit", "world:signs"));
        run(Schema.LABEL_ORDER, plain("label-next", photos, "--count", 3, "--quiet"));
        run(Schema.LABEL_TRIAL, few("label-next", "--labelled", "world:signs", "--trial", "--draws", 3));
        run(Schema.SELF_CHECK, plain("self-check", "world-clip", "--quiet"));
    }

    @Test
    void adapters() throws IOException {
        run(Schema.SCORE, plain("evaluate", "--adapter", adapter, "--quiet"));
        List<JsonNode> said =
                run(Schema.PREDICTION, plain("predict", "--adapter", adapter, photos, "--top", 2, "--quiet"));
        assertEquals(2, said.size(), "a line each");
        run(Schema.EXPLANATION, plain("explain", "--adapter", adapter, photos.resolve("p0.png"), "--quiet"));
        Path table = folder.resolve("p.jsonl");
        run(Schema.WRITTEN, plain("predict", "--adapter", adapter, photos, "--out", table, "--quiet"));
        for (String line : Files.readAllLines(table)) {
            check(Schema.PREDICTION, MAPPER.readTree(line));
        }
        run(Schema.WRITTEN, plain("embed", photos, "--out", folder.resolve("e.parquet"), "--quiet"));
        run(Schema.WRITTEN, plain("export", "--adapter", adapter, "--out", folder.resolve("a.onnx"), "--quiet"));
    }

    @Test
    void traces() throws IOException {
        Path spectra = folder.resolve("t.spectra");
        List<JsonNode> geometry =
                run(Schema.GEOMETRY, plain("spectrum", trace, "--out", spectra, "--no-two-nn", "--quiet"));
        Path document = Files.writeString(
                folder.resolve("geometry.json"), geometry.get(0).toString());
        run(Schema.WRITTEN, plain("figures", document, "--out", folder.resolve("f"), "--figure-format", "svg,pdf"));
        assertTrue(Files.exists(folder.resolve("f").resolve("dimensions-by-layer.pdf")));
        run(Schema.WRITTEN, plain("arrays", trace, "--out", folder.resolve("a.safetensors"), "--quiet"));
        Path other = folder.resolve("other.adapter");
        run(Schema.FIT, few("align", "--data", "world:sketches", "--method", "base", "--out", other));
        Outcome refused = CommandRunner.run(
                plain("arrays", trace, "--adapter", other, "--out", folder.resolve("b.safetensors"), "--quiet"));
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("other.adapter: found the classes"), refused.err());
        assertTrue(refused.err().contains(trace + " has"), refused.err());
        run(Schema.SIMILARITY, plain("compare", trace, spectra, "--quiet"));
        run(Schema.DESCRIPTION, plain("describe", trace, "--units", "L5.H0", "--quiet"));
    }

    @Test
    void results() throws IOException {
        run(Schema.EVALUATION, few("evaluate", "--data", "world:signs", "--methods", "base"));
        run(
                Schema.FEW_SHOTS,
                few("evaluate", "--data", "world:signs", "--methods", "base", "--shots", "1", "--draws", 1));
        run(
                Schema.FORGETTING,
                plain("forget", "--adapter", adapter, "--others", "world:sketches", "--interpolation", 1, "--quiet"));
    }

    @Test
    @Tag("thorough")
    void theRest() throws IOException, JsonProcessingException {
        run(Schema.HEADS, few("heads", "--data", "world:signs"));
        run(Schema.INTERVENTION, few("intervene", "--data", "world:signs"));
        run(Schema.LOCALISATION, plain("locate", "--images", 10, "--quiet"));
        run(Schema.PROBING, plain("probing", "--images", 100, "--task-images", 50, "--quiet"));
        run(
                Schema.EVALUATION,
                plain("demo", "--quick", "--tasks", "signs", "--out", folder.resolve("d.json"), "--quiet"));
        run(
                Schema.PRETRAINING,
                plain("pretrain", "--images", 32, "--batch", 16, "--out", folder.resolve("new"), "--quiet"));
        run(
                Schema.FINETUNING,
                few("finetune", "--data", "world:signs", "--epochs", 1, "--out", folder.resolve("tuned")));
        Path results = folder.resolve("evaluate.json");
        Files.writeString(
                results,
                CommandRunner.run(few("evaluate", "--data", "world:signs", "--methods", "base"))
                        .out());
        run(
                Schema.WRITTEN,
                few("report", "--data", "world:signs", "--results", results, "--out", folder.resolve("r.html")));
        Path sweep = Files.writeString(folder.resolve("s.yaml"), """
            name: s
            models: [world-clip]
            data: [world:signs]
            methods: [base]
            splits: {train: 40, validation: 30, test: 30}
            """);
        run(Schema.SWEEP, plain("reproduce", sweep, "--out", folder.resolve("sweep"), "--quiet"));
    }
}
