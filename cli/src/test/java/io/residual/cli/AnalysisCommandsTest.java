package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.cli.CommandRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that analyse heads, on the embedded model. */
class AnalysisCommandsTest {
    @TempDir
    Path temporary;

    private static JsonNode json(Outcome outcome) {
        assertEquals(0, outcome.code(), outcome.err());
        try {
            return new ObjectMapper().readTree(outcome.out());
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + outcome.out(), e);
        }
    }

    private static void refused(String saying, String... args) {
        Outcome outcome = CommandRunner.run(args);
        assertEquals(2, outcome.code(), () -> String.join(" ", args) + ": " + outcome.out() + outcome.err());
        assertTrue(outcome.err().contains(saying), () -> "expected '" + saying + "' in: " + outcome.err());
    }

    private String trace(String task, int images) {
        String folder = temporary.resolve(task + ".trace").toString();
        Outcome outcome = CommandRunner.run(
                "trace", "--data", "world:" + task, "--train", String.valueOf(images), "--out", folder, "--quiet");
        assertEquals(0, outcome.code(), outcome.err());
        return folder;
    }

    @Test
    void compare_tracesAndSpectra_agreeAndKnowTheirHeads() throws IOException {
        String signs = trace("signs", 90);
        String digits = trace("digits", 90);
        Path svg = temporary.resolve("heads.svg");
        JsonNode ofTraces =
                json(CommandRunner.run("compare", signs, digits, "--figure", svg.toString(), "--json", "--quiet"));
        assertEquals("signs", ofTraces.path("pairs").path(0).path("a").asText());
        JsonNode heads = ofTraces.path("pairs").path(0).path("heads");
        assertEquals(48, heads.size());
        heads.forEach(v -> assertTrue(v.asDouble() > 0 && v.asDouble() <= 1 + 1e-9));
        assertEquals(1 + 48, Files.readString(svg).split("<title>", -1).length - 1);
        String spectrum = temporary.resolve("signs.spectrum").toString();
        Outcome written = CommandRunner.run("spectrum", signs, "--no-two-nn", "--out", spectrum, "--quiet");
        assertEquals(0, written.code(), written.err());
        assertTrue(written.out().contains("90 images; spectra in"), written.out());
        JsonNode ofFile = json(CommandRunner.run("compare", spectrum, digits, "--json", "--quiet"));
        assertEquals(heads, ofFile.path("pairs").path(0).path("heads"));
        JsonNode itself = json(CommandRunner.run("compare", signs, "--with", signs, "--json", "--quiet"));
        itself.path("pairs").path(0).path("heads").forEach(v -> assertEquals(1, v.asDouble(), 1e-9));
    }

    @Test
    void compare_twoModels_saysHowFarTheyAgree() {
        String signs = trace("signs", 60);
        String digits = trace("digits", 60);
        String shapes = trace("shapes", 60);
        String mine = String.join(",", signs, digits, shapes);
        Outcome outcome = CommandRunner.run("compare", signs, digits, shapes, "--with", mine, "--quiet");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().contains("1.000 over pairs of data sets, 1.000 over heads and pairs"), outcome.out());
        refused("as many as the others", "compare", signs, digits, shapes, "--with", signs + "," + digits);
        refused("two or more", "compare", signs);
        refused("above 0", "compare", signs, digits, "--variance", "0");
        refused("manifest", "compare", signs, temporary.toString());
    }

    @Test
    void heads_ranksChoosesAndMeasures() throws IOException {
        Path out = Files.createDirectories(temporary.resolve("heads"));
        Files.writeString(out.resolve("precious.txt"), "mine");
        JsonNode node = json(CommandRunner.run(
                "heads",
                "--data",
                "world:digits",
                "--data",
                "world:signs",
                "--validation",
                "120",
                "--test",
                "150",
                "--out",
                out.toString(),
                "--json",
                "--quiet"));
        JsonNode digits = node.path("datasets").path("digits");
        assertEquals(150, digits.path("full").path("of").asInt());
        assertEquals(8, digits.path("curves").size());
        for (JsonNode curve : digits.path("curves")) {
            assertEquals(6, curve.path("points").size());
            int chosen = curve.path("chosen_on_validation").asInt();
            double best = 0;
            double ofChosen = -1;
            for (JsonNode point : curve.path("points")) {
                best = Math.max(best, point.path("validation").asDouble());
                ofChosen = point.path("kept").asInt() == chosen
                        ? point.path("validation").asDouble()
                        : ofChosen;
            }
            assertEquals(best, ofChosen, 1e-12);
        }
        assertEquals(12, digits.path("layers").size());
        assertEquals(48, digits.path("rankings").path("S").size());
        assertEquals(3 * 6, node.path("overlap").size());
        assertTrue(node.path("provenance")
                        .path("digits")
                        .path(0)
                        .path("decomposition_error")
                        .asDouble()
                < 1e-5);
        assertTrue(Files.exists(out.resolve("heads.json")) && Files.exists(out.resolve("heads-mean-signs.svg")));
        assertEquals("mine", Files.readString(out.resolve("precious.txt")));
        // The same again as text says the same of the whole model.
        Outcome text =
                CommandRunner.run("heads", "--data", "world:digits", "--validation", "120", "--test", "150", "--quiet");
        String whole = String.format(
                java.util.Locale.ROOT,
                "whole model %.1f",
                100 * digits.path("full").path("accuracy").asDouble());
        assertTrue(text.out().contains(whole), text.out());
    }

    /** An untrained model is the control: its texts mean nothing, so words must be right about as often as by chance. */
    @Tag("thorough")
    @Test
    void study_wordsOfATrainedModelAreRightAndThoseOfAnUntrainedOneAreNot() {
        Path untrained = temporary.resolve("untrained");
        CommandRunner.run("pretrain", "--images", "16", "--batch", "16", "--out", untrained.toString(), "--quiet");
        String[] common = {"probing", "--images", "600", "--task-images", "50", "--json", "--quiet"};
        JsonNode trained = json(CommandRunner.run(common));
        JsonNode control = json(CommandRunner.run(
                concat(common, "--model", untrained.resolve("model").toString())));
        assertTrue(wordsProbability(trained) < .001, trained.path("attributes").path("words")::toString);
        assertTrue(wordsProbability(control) > .01, control.path("attributes").path("words")::toString);
        for (JsonNode study : List.of(trained, control)) {
            JsonNode attributes = study.path("attributes");
            double chance = attributes.path("chance").asDouble();
            // 600 images and at most 20 levels: ε² deviates by about √40/600 = 0.01; the largest of 2,000 by a few
            // times that.
            assertTrue(chance > .01 && chance < .1, "chance " + chance);
            assertTrue(attributes.path("components").size() > 100);
            assertFalse(attributes.toString().contains("NaN"));
        }
        refused("at least 100", "probing", "--images", "10");
    }

    private static String[] concat(String[] some, String... more) {
        String[] all = java.util.Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    private static double wordsProbability(JsonNode study) {
        return study.path("attributes")
                .path("words")
                .path(0)
                .path("probability")
                .asDouble();
    }

    @Test
    void describe_edges_areAnswersOrClearErrors() throws IOException {
        String few = trace("signs", 12); // fewer than any unit has dimensions
        Path dictionary = Files.writeString(
                temporary.resolve("words.txt"),
                "# two, and some that say the same\na red circle\n\na red circle\na blue square\n");
        JsonNode units = json(CommandRunner.run(
                        "describe",
                        few,
                        "--units",
                        "L5.H0,L5.MLP",
                        "--dictionary",
                        dictionary.toString(),
                        "--json",
                        "--quiet"))
                .path("units");
        assertEquals(2, units.size());
        for (JsonNode unit : units) {
            assertTrue(unit.path("rank").asInt() <= 11);
            assertTrue(unit.path("omp").size() <= 2 && unit.path("somp").size() <= 2);
            assertFalse(unit.toString().contains("NaN"));
        }
        JsonNode none =
                json(CommandRunner.run("describe", few, "--units", "L5.H0", "--component", "11", "--json", "--quiet"));
        assertTrue(none.path("units").path(0).path("note").asText().contains("only 11 components"), none.toString());
        Path empty = Files.writeString(temporary.resolve("empty.txt"), "\n\n");
        refused("no sentences", "describe", few, "--dictionary", empty.toString());
        refused(
                "missing.txt",
                "describe",
                few,
                "--dictionary",
                temporary.resolve("missing.txt").toString());
        JsonNode spectrum = json(CommandRunner.run("spectrum", few, "--json", "--quiet"));
        assertFalse(spectrum.toString().contains("NaN"));
    }

    @Test
    void selfCheck_ofTheEmbeddedModel_passesAndIsWritten() throws IOException {
        Path file = temporary.resolve("self-check.json");
        JsonNode node =
                json(CommandRunner.run("self-check", "world-clip", "--out", file.toString(), "--json", "--quiet"));
        assertTrue(node.path("passed").asBoolean());
        JsonNode written = new ObjectMapper().readTree(file.toFile());
        assertEquals(node.path("files"), written.path("files"));
        refused("no such folder", "self-check", temporary.resolve("nowhere").toString());
    }
}
