package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileNamesTest {
    @TempDir
    Path folder;

    /** Runs in a Java of its own, in another locale: prints what is said of an argument, of a text and of a file's name. */
    public static final class Probe {
        private Probe() {}

        public static void main(String[] arguments) throws IOException {
            said(() -> FileNames.requireDecoded(List.of(arguments)));
            said(() -> FileNames.path("the model", "K\u00E4se"));
            try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
                files.forEach(file -> said(() -> FileNames.text(file)));
            }
        }

        private static void said(Runnable attempt) {
            try {
                attempt.run();
                System.out.println("nothing");
            } catch (InputException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    /** The shell makes the names, so that this test's own locale does not matter. */
    private List<String> probe(String locale) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String script = "name=$(printf 'K\\303\\244se'); mkdir \"$1/$name\";"
                + " exec \"$2\" -XX:TieredStopAtLevel=1 -cp \"$3\" \"$4\" \"$1\" \"$name\"";
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        "-c",
                        script,
                        "sh",
                        folder.toString(),
                        java,
                        System.getProperty("java.class.path"),
                        Probe.class.getName())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(key -> key.startsWith("LC_") || key.equals("LANG"));
        builder.environment().put("LC_ALL", locale);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(0, process.waitFor(), said);
        return said.lines().toList();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void localeThatLosesLetters_isNamedWithWhatToSet() throws Exception {
        List<String> said = probe("C");
        assertEquals(3, said.size(), said.toString());
        for (String line : said) {
            assertTrue(line.contains("LC_ALL=C.UTF-8") && line.contains("ANSI_X3.4-1968"), line);
        }
        assertTrue(said.get(0).startsWith("the command line: found"), said.get(0));
        assertTrue(said.get(1).startsWith("the model: found"), said.get(1));
    }

    @Test
    void namesThatCanBeNoPath_areRefused() {
        // Java takes the empty path for the current folder, which is not what an unset variable means.
        assertThrows(InputException.class, () -> FileNames.path("the model", ""));
        InputException e = assertThrows(InputException.class, () -> FileNames.path("the model", "a\0b"));
        assertTrue(String.valueOf(e.getMessage()).startsWith("the model: found 'a\\u0000b'"), e.getMessage());
    }

    @Test
    void foldersBeside_areSpeltAsThePathIs() throws Exception {
        Files.createDirectories(folder.resolve("trash"));
        Files.createFile(folder.resolve("file"));
        assertEquals(List.of(folder.resolve("trash").toString()), FileNames.foldersBeside(folder.resolve("tarsh")));
        assertEquals(List.of(), FileNames.foldersBeside(folder.resolve("none").resolve("x")));
    }
}
