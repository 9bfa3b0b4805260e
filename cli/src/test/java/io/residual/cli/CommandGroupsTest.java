package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandGroupsTest {
    @Test
    void groups_holdEveryCommandOnce() {
        List<String> listed =
                CommandGroups.GROUPS.values().stream().flatMap(List::stream).toList();
        assertEquals(
                new TreeSet<>(new CommandLine(new Main()).getSubcommands().keySet()),
                new TreeSet<>(listed),
                "a new command needs a group");
        assertEquals(listed.size(), new TreeSet<>(listed).size());
    }

    @Test
    void withoutACommand_threeToBeginWithAreShown() {
        CommandRunner.Outcome outcome = CommandRunner.run();
        assertEquals(0, outcome.code());
        assertEquals(
                3,
                outcome.out().lines().filter(l -> l.startsWith("  residual ")).count(),
                outcome.out());
        outcome.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }

    @Test
    void spectrum_saysWhatFewImagesDo() {
        String few = String.valueOf(SpectrumCommand.few(80, 64));
        assertTrue(few.contains("80 images are few for heads of width 64") && few.contains("exceed 79"), few);
        assertEquals("null", String.valueOf(SpectrumCommand.few(640, 64)));
    }

    @Test
    void completion_isAScriptThatKnowsCommandsAndOptions() {
        CommandRunner.Outcome outcome = CommandRunner.run("completion");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().startsWith("#!/usr/bin/env bash"), outcome.out());
        assertTrue(outcome.out().contains("evaluate") && outcome.out().contains("--shots"), "commands and options");
    }

    /** Every command with each of its options, and a script that the shell itself can read, where it is installed. */
    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completion_knowsEveryCommandAndOption(String shell, @TempDir Path folder) throws Exception {
        CommandRunner.Outcome outcome = CommandRunner.run("completion", "--shell", shell);
        assertEquals(0, outcome.code(), outcome.err());
        String script = outcome.out();
        new CommandLine(new Main()).getSubcommands().forEach((name, command) -> {
            assertTrue(script.contains(name), name);
            command.getCommandSpec().options().stream().filter(o -> !o.hidden()).forEach(option -> {
                String spelled =
                        switch (shell) {
                            case "fish" ->
                                "from " + name + "'.* -l "
                                        + option.longestName().substring(2) + " ";
                            case "zsh" -> "'" + option.longestName() + "[=\\[]";
                            default -> option.longestName();
                        };
                assertTrue(Pattern.compile(spelled).matcher(script).find(), shell + ": " + name + " " + spelled);
            });
        });
        Path file = Files.writeString(folder.resolve("script"), script);
        for (String bin : String.valueOf(System.getenv("PATH")).split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(bin, shell))) {
                Process read = new ProcessBuilder(Path.of(bin, shell).toString(), "-n", file.toString())
                        .redirectErrorStream(true)
                        .start();
                String said = new String(read.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertEquals(0, read.waitFor(), said);
                return;
            }
        }
    }

    @Test
    void help_namesTheGroupsInOrderAndEveryCommandWithItsSentence() {
        String help = CommandRunner.run("--help").out();
        int at = help.indexOf("Start here:");
        assertTrue(at > 0, help);
        for (String title : CommandGroups.GROUPS.keySet()) {
            assertTrue(help.indexOf(title + ":") >= at, title);
            at = help.indexOf(title + ":");
        }
        new CommandLine(new Main()).getSubcommands().forEach((name, command) -> {
            String sentence = command.getCommandSpec().usageMessage().description()[0];
            assertTrue(help.replaceAll("\\s+", " ").contains(name + " " + sentence.replaceAll("\\s+", " ")), name);
        });
    }
}
