package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
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
