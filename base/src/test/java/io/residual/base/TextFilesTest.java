package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFilesTest {
    @TempDir
    Path folder;

    private void refused(Path file, String found) {
        InputException e = assertThrows(InputException.class, () -> TextFiles.read(file, "a sweep", 10));
        assertTrue(String.valueOf(e.getMessage()).contains(": found " + found + ", expected a sweep"), e.getMessage());
    }

    @Test
    void text_isReadWithoutItsMark() throws IOException {
        assertEquals("Käse", TextFiles.read(Files.writeString(folder.resolve("a"), "\uFEFFKäse"), "a text", 10));
    }

    @Test
    void whatIsNoTextFile_isRefused() throws IOException {
        refused(folder.resolve("none"), "no such file or folder");
        refused(folder, "a folder");
        refused(Files.write(folder.resolve("latin"), new byte[] {'K', (byte) 0xE4}), "bytes that are not UTF-8");
        refused(Files.writeString(folder.resolve("long"), "12345678901"), "more than 10 bytes");
    }

    /** A pipe that nobody writes to never ends. */
    @Test
    void pipe_isNotOpened() throws Exception {
        Path pipe = folder.resolve("pipe");
        Process made;
        try {
            made = new ProcessBuilder("mkfifo", pipe.toString()).start();
        } catch (IOException e) {
            abort("this system has no mkfifo");
            return;
        }
        assumeTrue(made.waitFor() == 0);
        refused(pipe, "a device or a pipe"); // the build's own limit ends a test that hangs
    }
}
