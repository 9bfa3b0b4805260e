package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.cli.CommandRunner.Outcome;
import io.residual.command.DataOptions;
import io.residual.data.DatasetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user's own folder, with what such folders have: commands say what they leave out, and refuse what cannot be fitted. */
class OwnDataTest {
    @TempDir
    Path temporary;

    private Path data = Path.of("");

    @BeforeEach
    void makeFolder() {
        data = TinyFolder.create(temporary.resolve("mine"));
    }

    private static Outcome refused(String... words) {
        Outcome outcome = CommandRunner.run(words);
        assertEquals(2, outcome.code(), outcome.out() + outcome.err());
        return outcome;
    }

    /** Two copies beside their originals fall into other splits with seed 42. */
    private void litter() throws IOException {
        Files.writeString(data.resolve("red_circle/phone.heic"), "none");
        Files.writeString(data.resolve("red_circle/broken.jpg"), "not an image");
        for (int i = 0; i < 10; i++) {
            Files.copy(data.resolve("blue_square/p" + i + ".png"), data.resolve("blue_square/copy" + i + ".png"));
        }
    }

    @Test
    void datasets_saysWhatIsLeftOutAndWhatIsCopied() throws IOException {
        litter();
        Outcome outcome = CommandRunner.run("datasets", data.toString());
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().contains("Note: left out below " + data + ": 1 .heic"), outcome.out());
        assertTrue(outcome.out().contains("byte for byte"), outcome.out());
        assertTrue(outcome.out().contains("1 file is no image that can be read"), outcome.out());
    }

    @Test
    void fewLabels_printTheNotes_too() throws IOException {
        litter();
        Outcome few = CommandRunner.run(
                "evaluate", "--data", data.toString(), "--shots", "1", "--draws", "1", "--methods", "base", "--quiet");
        assertEquals(0, few.code(), few.err());
        for (String part : new String[] {"1 .heic", "byte for byte", "pre-trained on drawings"}) {
            assertTrue(few.out().contains(part), part + " is not in " + few.out());
        }
    }

    @Test
    void align_printsTheNotesThatEvaluatePrints() throws IOException {
        litter();
        Outcome aligned = CommandRunner.run(
                "align",
                "--data",
                data.toString(),
                "--method",
                "base",
                "--quiet",
                "--out",
                temporary.resolve("mine.adapter").toString());
        assertEquals(0, aligned.code(), aligned.err());
        Outcome evaluated = CommandRunner.run("evaluate", "--data", data.toString(), "--methods", "base", "--quiet");
        assertEquals(0, evaluated.code(), evaluated.err());
        assertEquals(notes(evaluated), notes(aligned));
        for (String part : new String[] {"1 .heic", "byte for byte", "unreadable image", "pre-trained on drawings"}) {
            assertTrue(notes(aligned).contains(part), part + " is not in " + notes(aligned));
        }
    }

    @Test
    void adapterAtChance_saysSoToWhoeverUsesIt() throws IOException {
        litter();
        String adapter = temporary.resolve("mine.adapter").toString();
        String[] quick = {"--data", data.toString(), "--method", "base", "--quiet", "--out", adapter};
        Outcome aligned = CommandRunner.run(
                Stream.concat(Stream.of("align"), Stream.of(quick)).toArray(String[]::new));
        assertEquals(0, aligned.code(), aligned.err());
        assertTrue(notes(aligned).contains("are few"), notes(aligned));
        for (String command : new String[] {"predict", "explain"}) {
            Outcome used = CommandRunner.run(
                    command,
                    "--adapter",
                    adapter,
                    data.resolve("red_circle/p1.png").toString(),
                    "--quiet");
            assertEquals(0, used.code(), used.err());
            assertTrue(used.err().contains("knows no photograph"), used.err());
            assertEquals(
                    notes(aligned).contains("distinguishable from chance: Base"),
                    used.err().contains("distinguishable from chance: Base"),
                    used.err());
        }
    }

    private static String notes(Outcome outcome) {
        return String.join(
                "\n", outcome.out().lines().filter(l -> l.startsWith("Note: ")).toList());
    }

    @Test
    void aClassWithoutAReadableTrainingImage_isRefusedByName() throws IOException {
        String[] evaluate = {"evaluate", "--data", data.toString(), "--methods", "base", "--quiet"};
        Outcome few = refused(
                Stream.concat(Stream.of(evaluate), Stream.of("--train", "1")).toArray(String[]::new));
        assertTrue(few.err().contains("no training image of "), few.err());
        for (int i = 0; i < 20; i++) {
            Files.writeString(data.resolve("blue_square/p" + i + ".png"), "not an image");
        }
        Outcome broken = refused(evaluate);
        assertTrue(broken.err().contains("no readable training image of the class 'blue square'"), broken.err());
    }

    @Test
    void caps_areForTheEmbeddedWorldAlone() {
        DataOptions options = new DataOptions();
        assertEquals(new DatasetSpec("mine", 0, 0, 0, .2, .2, 42), options.recipe("mine"));
        assertEquals(new DatasetSpec("world:signs", 2000, 500, 1000, .2, .2, 42), options.recipe("world:signs"));
        DataOptions limited = DataOptions.atMost(7, null, 0);
        assertEquals(new DatasetSpec("world:signs", 7, 500, 0, .2, .2, 42), limited.recipe("world:signs"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cat,,dog | empty class name",
                "cat,cat | 'cat' twice",
                "cat, cat | 'cat' twice",
                "cat,Cat | capitals"
            })
    void predict_refusesNamesThatAreEmptyOrEqual(String classes, String saying) {
        String image = data.resolve("red_circle/p0.png").toString();
        for (String command : new String[] {"predict", "explain"}) {
            Outcome outcome = refused(command, "--quiet", "--classes", classes, image);
            assertTrue(outcome.err().contains(saying), outcome.err());
            assertFalse(outcome.out().contains("%"), outcome.out());
        }
    }

    /** The rule for hidden files is that of data sets, and every row of a table names its image. */
    @Test
    void predict_leavesHiddenFilesOutAndNamesUnreadableImages() throws IOException {
        Path images = Files.createDirectories(temporary.resolve("new"));
        Files.copy(data.resolve("red_circle/p0.png"), images.resolve("a.png"));
        Files.copy(data.resolve("red_circle/p0.png"), images.resolve("._a.png"));
        Files.writeString(images.resolve("b.png"), "not an image");
        Path table = temporary.resolve("said.csv");
        Outcome outcome = CommandRunner.run(
                "predict", "--quiet", "--classes", "red,blue", "--out", table.toString(), images.toString());
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.err().contains("1 hidden file"), outcome.err());
        List<String> lines = Files.readAllLines(table);
        assertEquals(3, lines.size(), lines.toString());
        assertTrue(lines.get(1).startsWith(images.resolve("a.png") + ",red,"), lines.get(1));
        assertTrue(lines.get(2).startsWith(images.resolve("b.png") + ",,,,"), lines.get(2));
    }
}
