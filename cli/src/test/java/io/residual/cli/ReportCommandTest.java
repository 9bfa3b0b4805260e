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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Report and explore from the command line, and what they say of wrong input. */
class ReportCommandTest {
    @TempDir
    static Path folder;

    private static Path adapter;
    private static Path forgetting;
    private static Path shots;

    @BeforeAll
    static void fit() throws IOException {
        adapter = folder.resolve("signs.adapter");
        List<String> small = List.of("--train", "100", "--validation", "60", "--test", "60", "--quiet");
        run(small, "align", "--data", "world:signs", "--iterations", "3", "--out", adapter.toString());
        forgetting = folder.resolve("forget.json");
        Files.writeString(
                forgetting,
                run(small, "forget", "--adapter", adapter.toString(), "--others", "world:colors", "--json"));
        shots = folder.resolve("shots.json");
        run(
                small,
                "evaluate",
                "--data",
                "world:signs",
                "--shots",
                "1,2",
                "--draws",
                "2",
                "--methods",
                "base,coarse",
                "--out",
                shots.toString());
        Files.writeString(folder.resolve("other.json"), "{\"a\": 1}");
        Files.writeString(folder.resolve("broken.json"), "{");
    }

    private static String run(List<String> more, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(more);
        Outcome outcome = CommandRunner.run(all.toArray(new String[0]));
        assertEquals(0, outcome.code(), outcome.err());
        return outcome.out();
    }

    /** Results of every kind find their place, and the file says nothing of where it was made. */
    @Test
    void report_holdsEveryKindOfResult() throws IOException {
        Path page = folder.resolve("page.html");
        run(
                List.of("--quiet", "--validation", "60", "--no-words"),
                "report",
                "--data",
                "world:signs",
                "--adapter",
                adapter.toString(),
                "--results",
                forgetting.toString(),
                "--results",
                shots.toString(),
                "--others",
                "world:colors",
                "--out",
                page.toString());
        String html = Files.readString(page);
        for (String part : List.of(
                "\"recommendations\":[{",
                "\"mean_of_others\":",
                "\"similarity\":{",
                "\"interpolation\":[[0.0",
                "\"confusion\":[[")) {
            assertTrue(html.contains(part), part);
        }
    }

    /** Without options of splits, the images are those that chose the adapter; with others, the page says so. */
    @Test
    void report_usesTheAdaptersOwnSplits() throws IOException {
        Path page = folder.resolve("own.html");
        String[] command = {
            "report",
            "--data",
            "world:signs",
            "--adapter",
            adapter.toString(),
            "--no-words",
            "--quiet",
            "--out",
            page.toString()
        };
        Outcome own = CommandRunner.run(command);
        assertEquals(0, own.code(), own.err());
        assertTrue(own.err().contains("signs.adapter was fitted with: 60 validation images"), own.err());
        JsonNode data = data(page);
        assertEquals(60, data.path("data").path("images").asInt());
        assertTrue(
                data.path("data").path("notes").toString().contains("60 validation images"), "the page says it, too");
        JsonNode fitted = data.path("adapters").path(0);
        // The accuracy that align found on validation is the one that the page finds.
        assertEquals(
                fitted.path("info").path("validation_accuracy").asDouble(),
                fitted.path("scores").path("accuracy").asDouble(),
                1e-5);
        List<String> other = new ArrayList<>(List.of(command));
        other.addAll(List.of("--validation", "20"));
        Outcome others = CommandRunner.run(other.toArray(new String[0]));
        assertEquals(0, others.code(), others.err());
        assertTrue(others.err().contains("signs.adapter was fitted with other splits"), others.err());
        assertEquals(20, data(page).path("data").path("images").asInt());
    }

    private static JsonNode data(Path page) throws IOException {
        String html = Files.readString(page);
        String mark = "id=\"data\">";
        int from = html.indexOf(mark) + mark.length();
        return new ObjectMapper().readTree(html.substring(from, html.indexOf("</script>", from)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "report  | --data world:signs --adapter DIR/none.adapter | none.adapter",
                "report  | --data world:signs --results DIR/other.json   | results of residual demo",
                "report  | --data world:signs --results DIR/broken.json  | invalid JSON",
                "report  | --data world:colors --adapter DIR/signs.adapter --validation 20 | classes",
                "report  | --data world:nothing                          | found 'world:nothing'",
                "report  | --data world:signs --dictionary DIR/none.txt  | none.txt",
                "explore | --data world:signs --port 70000               | 70000",
                "explore | --data world:signs --host nowhere.invalid     | nowhere.invalid",
                "explore | --data world:signs --token short              | 16",
                "explore | --data world:signs --save-in DIR/none         | a folder to save adapters in",
            })
    void wrongInput_isNamed_andNothingIsWritten(String command, String options, String named) {
        Path page = folder.resolve("never.html");
        List<String> args = new ArrayList<>(List.of(command, "--quiet"));
        args.addAll(List.of(options.strip().replace("DIR", folder.toString()).split(" +")));
        if (command.equals("report")) {
            args.addAll(List.of("--out", page.toString()));
        }
        Outcome outcome = CommandRunner.run(args.toArray(new String[0]));
        assertEquals(2, outcome.code(), outcome.err());
        assertTrue(outcome.err().contains(named), outcome.err());
        assertFalse(Files.exists(page));
    }
}
