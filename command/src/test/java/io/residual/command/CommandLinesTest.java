package io.residual.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.StandardStreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;

class CommandLinesTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @Command(
            name = "tool",
            mixinStandardHelpOptions = true,
            version = "3",
            subcommands = {Show.class, Fail.class})
    static final class Tool {}

    @Command(name = "show", mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        CommandSpec spec;

        @Option(names = "--classes", paramLabel = "NAMES", split = ",", required = true)
        List<String> classes = new ArrayList<>();

        @Option(names = "--quietly")
        boolean quietly;

        @Parameters(paramLabel = "IMAGE", arity = "0..*")
        List<String> images = new ArrayList<>();

        @Override
        public Integer call() {
            spec.commandLine().getOut().println(classes + " " + images);
            return 0;
        }
    }

    @Command(name = "fail")
    static final class Fail implements Callable<Integer> {
        @Parameters
        String how = "";

        @Override
        public Integer call() throws Exception {
            switch (how) {
                case "memory" -> throw new OutOfMemoryError("Java heap space");
                case "memory-of-a-thread" -> throw new ExecutionException(new OutOfMemoryError("Java heap space"));
                case "native-memory" ->
                    throw new IllegalStateException("DefaultCPUAllocator: not enough memory: you tried to allocate 9");
                case "deep" -> throw new StackOverflowError();
                case "input" -> throw new IllegalStateException(new InputException("x\ny"));
                case "path" -> throw new InvalidPathException("a\0b", "Nul character not allowed");
                case "gone" -> throw new UncheckedIOException("cannot list x: x", new NoSuchFileException("x"));
                case "disk" -> throw new IllegalStateException(new IOException("No space left on device"));
                default -> throw new IllegalStateException("unforeseen");
            }
        }
    }

    private int run(OutputStream to, String... arguments) {
        return CommandLines.run(new Tool(), new RunLast(), new StandardStreams(to, err), arguments);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private String printed(String... arguments) {
        out.reset();
        assertEquals(0, run(out, arguments), said());
        return out.toString(StandardCharsets.UTF_8).strip();
    }

    private static final OutputStream FULL = new OutputStream() {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("No space left on device");
        }
    };

    @Test
    void whateverPrints_noticesThatItCannot() {
        for (String[] arguments : new String[][] {
            {}, {"--help"}, {"--version"}, {"show", "--help"}, {"show", "--classes", "a"},
        }) {
            err.reset();
            assertEquals(1, run(FULL, arguments), String.join(" ", arguments));
            assertEquals("tool: standard output: No space left on device; the output is incomplete", said().strip());
        }
    }

    @Test
    void helpBeforeACommand_isItsHelp() {
        assertEquals(printed("show", "--help"), printed("help", "show"));
        assertEquals(printed("--help"), printed("help"));
        assertEquals(2, run(out, "help", "shwo"));
    }

    @Test
    void mistakeInTheArguments_costsTwoLines() {
        assertEquals(2, run(out, "show"));
        assertEquals(
                List.of(
                        "tool: Missing required option: '--classes=NAMES'",
                        "Usage: tool show --classes=NAMES [IMAGE] [options]; tool show --help explains them"),
                said().lines().toList());
        err.reset();
        assertEquals(2, run(out, "shwo"));
        assertEquals(
                List.of(
                        "tool: Unmatched argument at index 0: 'shwo'",
                        "Did you mean: tool show?",
                        "Usage: tool COMMAND; tool --help explains the commands"),
                said().lines().toList());
        err.reset();
        assertEquals(2, run(out, "show", "--classes=a", "--quitely\u001b[2J"));
        assertFalse(said().contains("\u001b"), said());
    }

    @Test
    void names_areTakenAsTheyAre() throws IOException {
        Files.writeString(folder.resolve("cat.jpg"), "--quietly");
        assertEquals("[a] [@" + folder + "/cat.jpg]", printed("show", "--classes", "a", "@" + folder + "/cat.jpg"));
        assertEquals("[5\" pipe, 6\" pipe] []", printed("show", "--classes", "5\" pipe,6\" pipe"));
    }

    @Test
    void failures_haveTheirCodes() {
        failure(1, "memory", "tool: not enough memory (Java heap space; Java may use");
        failure(1, "memory-of-a-thread", "RESIDUAL_JAVA_OPTIONS=-Xmx");
        failure(1, "native-memory", "tool: not enough memory");
        failure(2, "input", "tool: x\\ny");
        failure(2, "path", "tool: a path: found 'a\\u0000b'");
        failure(2, "disk", "tool: ");
        failure(1, "gone", "tool: cannot list x: x (no such file or folder)");
        failure(1, "deep", "this should not have happened");
        failure(1, "else", "this should not have happened");
    }

    private void failure(int code, String how, String message) {
        err.reset();
        assertEquals(code, run(out, "fail", how), said());
        assertTrue(said().contains(message), said());
        assertEquals(message.startsWith("this"), said().contains("\tat "), said());
    }
}
