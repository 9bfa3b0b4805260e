package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.residual.cli.CommandRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The reader in {@code python/}, its notebook and its own tests, where Python has NumPy ({@code RESIDUAL_PYTHON}, or python3): its
 * figures are Java's.
 */
class PythonReaderTest {
    private static final String PYTHON = System.getenv().getOrDefault("RESIDUAL_PYTHON", "python3");

    @TempDir
    Path folder;

    private static void done(String... command) {
        Outcome outcome = CommandRunner.run(command);
        assertEquals(0, outcome.code(), outcome.err());
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private String python(String... arguments) throws IOException, InterruptedException {
        Path said = folder.resolve("said.txt");
        ProcessBuilder command = new ProcessBuilder(PYTHON)
                .directory(Path.of("..", "python").toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        command.command().addAll(List.of(arguments));
        command.environment().put("RESIDUAL_FOLDER", folder.toString());
        command.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        int code = command.start().waitFor();
        String text = Files.readString(said);
        assertEquals(0, code, text);
        return text;
    }

    private static boolean hasNumPy() throws InterruptedException {
        try {
            return new ProcessBuilder(PYTHON, "-c", "import numpy")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // no such program
        }
    }

    @Test
    void readerAndNotebook_haveJavasFigures() throws Exception {
        assumeTrue(hasNumPy(), PYTHON + " has no NumPy: the reader and the notebook were not run");
        String[] images = {"--train", "80", "--validation", "60", "--test", "40"};
        String data = "world:signs";
        done(with(images, "trace", "--data", data, "--split", "validation", "--out", at("t.trace"), "--quiet"));
        done(with(images, "align", "--data", data, "--method", "residual-star", "--out", at("t.adapter"), "--quiet"));
        done("arrays", at("t.trace"), "--adapter", at("t.adapter"), "--out", at("t.safetensors"), "--quiet");
        Outcome geometry = CommandRunner.run(
                "spectrum", at("t.trace"), "--out", at("t.spectrum"), "--no-two-nn", "--json", "--quiet");
        assertEquals(0, geometry.code(), geometry.err());
        Files.writeString(folder.resolve("geometry.json"), geometry.out());
        assertTrue(python("-m", "tests.agrees_with_java", folder.toString()).startsWith("agrees: 60 images"));
        assertTrue(python("run_notebook.py", "first-look.ipynb").contains("5 cells"));
        assertTrue(
                python("-m", "unittest", "discover", "-s", "tests", "-t", ".").contains("OK"));
    }

    private static String[] with(String[] more, String... command) {
        String[] all = java.util.Arrays.copyOf(command, command.length + more.length);
        System.arraycopy(more, 0, all, command.length, more.length);
        return all;
    }
}
