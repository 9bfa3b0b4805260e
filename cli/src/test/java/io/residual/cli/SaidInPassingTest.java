package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.cli.CommandRunner.Outcome;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Notes and advice that commands print beside their results. */
class SaidInPassingTest {
    @TempDir
    Path folder;

    /** The command that is advised makes the adapter that was evaluated; a search on another split of its images warns. */
    @Test
    void nextCommand_namesTheSameImages_andOtherSplitsAreSaid() throws Exception {
        Path data = TinyFolder.create(folder.resolve("data"));
        Path prompts = Files.writeString(folder.resolve("my prompts.json"), "{\"templates\": [\"a drawing of {}\"]}");
        Outcome evaluated = CommandRunner.run(
                "evaluate",
                "--data",
                data.toString(),
                "--methods",
                "base,linear",
                "--split-seed",
                "7",
                "--test-share",
                ".3",
                "--prompts",
                prompts.toString(),
                "--orientation",
                "upright",
                "--seed",
                "3",
                "--no-cache",
                "--quiet");
        assertEquals(0, evaluated.code(), evaluated.err());
        String next = evaluated
                .out()
                .lines()
                .filter(l -> l.startsWith("Next: "))
                .findFirst()
                .orElseThrow();
        for (String part : new String[] {
            " --split-seed 7", " --test-share .3", " --prompts \"" + prompts + "\"", " --orientation upright"
        }) {
            assertTrue(next.contains(part), next);
        }
        assertFalse(next.contains("--quiet"), next);
        Path adapter = folder.resolve("my.adapter");
        String[] words = next.substring("Next: residual ".length(), next.indexOf(" (the best"))
                .replace("\"" + prompts + "\"", "PROMPTS")
                .replace("my.adapter", adapter.toString())
                .split(" ");
        Outcome fitted = CommandRunner.run(Arrays.stream(words)
                .map(w -> w.equals("PROMPTS") ? prompts.toString() : w)
                .toArray(String[]::new));
        assertEquals(0, fitted.code(), next + fitted.err());
        String then = fitted.out()
                .lines()
                .filter(l -> l.startsWith("Next: "))
                .findFirst()
                .orElseThrow();
        assertEquals(3, then.split("--orientation upright|--prompts", -1).length - 1, then);

        Outcome searched = CommandRunner.run(
                "intervene",
                "--data",
                data.toString(),
                "--adapter",
                adapter.toString(),
                "--with",
                "0.5",
                "--search",
                "1",
                "--validation",
                "4",
                "--test",
                "4",
                "--quiet");
        assertEquals(0, searched.code(), searched.err());
        assertTrue(searched.err().contains("the adapter was fitted with other splits"), searched.err());
        assertTrue(searched.out().contains("changed (0.5)"), searched.out());
    }

    @Test
    void aFigureOfNothing_isSaidNotToBeWritten() {
        StringWriter err = new StringWriter();
        CommandSpec command = CommandSpec.create();
        new CommandLine(command).setErr(new PrintWriter(err, true));
        FigureOptions options = new FigureOptions();
        options.command = command;
        ObjectNode nothing = Schema.CACHE.document();
        Path target = folder.resolve("x.svg");
        options.write(target, nothing);
        assertTrue(err.toString().contains("x.svg is not written"), err.toString());
        assertFalse(Files.exists(target), Json.line(nothing));
    }
}
