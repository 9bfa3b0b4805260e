package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pipe without a writer would keep its reader for ever: every test here ends. */
@Timeout(60)
class RegularFilesTest {
    @TempDir
    Path folder;

    @Test
    void pipe_isNotOpened() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe");
        assumeTrue(madePipe(pipe), "no mkfifo here");
        InputException e = assertThrows(InputException.class, () -> RegularFiles.open(pipe, "a sweep"));
        assertEquals(
                pipe + ": found a device or a pipe, expected a sweep. Save its content in a file, and give that.",
                e.getMessage());
        Path link = Files.createSymbolicLink(folder.resolve("link"), pipe);
        assertThrows(InputException.class, () -> RegularFiles.bytes(link, "a sweep", 10));
        Path locked = Files.createDirectory(folder.resolve("locked"));
        madePipe(locked.resolve(".lock"));
        assertThrows(InputException.class, () -> FolderLock.take(locked));
    }

    private static boolean madePipe(Path path) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder("mkfifo", path.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void device_isNotOpened() {
        Path endless = Path.of("/dev/zero");
        assumeTrue(Files.exists(endless), "no devices here");
        assertThrows(InputException.class, () -> RegularFiles.bytes(endless, "an adapter", 1 << 20));
    }

    @Test
    void folder_isSaidToBeOne() {
        InputException e = assertThrows(InputException.class, () -> RegularFiles.open(folder, "an adapter"));
        assertTrue(String.valueOf(e.getMessage()).contains("found a folder, expected an adapter"), e.getMessage());
    }

    @Test
    void linkToAFile_isTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "\uFEFFtext");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        assertEquals("text", RegularFiles.text(link, "a text", 10));
        assertArrayEquals(Files.readAllBytes(file), RegularFiles.bytes(link, "a text", 7));
    }

    @Test
    void missing_tooLong_orNoText_isRefused() throws IOException {
        assertThrows(NoSuchFileException.class, () -> RegularFiles.open(folder.resolve("none"), "a text"));
        Path file = Files.write(folder.resolve("file"), new byte[] {(byte) 0xff, 1, 2});
        assertThrows(CharacterCodingException.class, () -> RegularFiles.text(file, "a text", 3));
        InputException e = assertThrows(InputException.class, () -> RegularFiles.bytes(file, "a text", 2));
        assertTrue(String.valueOf(e.getMessage()).contains("more than 2 bytes"), e.getMessage());
    }
}
