package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

    @Test
    void write_createsTheFileAndItsParents() throws IOException {
        Path target = folder.resolve("a/b/file.bin");
        AtomicFiles.write(target, t -> Files.write(t, new byte[] {1, 2, 3}));
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(target));
        assertEquals(Set.of("file.bin"), names(folder.resolve("a/b")));
    }

    @Test
    void write_overAnExistingFile_replacesIt() throws IOException {
        Path target = folder.resolve("file.txt");
        Files.writeString(target, "an old text that is longer than the new one");
        AtomicFiles.writeString(target, "new");
        assertEquals("new", Files.readString(target));
        assertEquals(Set.of("file.txt"), names(folder));
    }

    @Test
    void write_whileItWrites_showsTheOldContent() throws IOException {
        Path target = folder.resolve("file.txt");
        Files.writeString(target, "old");
        AtomicFiles.write(target, t -> {
            Files.writeString(t, "half");
            assertEquals("old", Files.readString(target));
            // A rename is atomic only within one file system, so the temporary must lie beside the target.
            assertEquals(target.getParent(), t.getParent());
        });
        assertEquals("half", Files.readString(target));
    }

    @Test
    void write_failingHalfway_keepsTheOldContentAndLeavesNothing() throws IOException {
        Path target = folder.resolve("file.txt");
        Files.writeString(target, "old");
        IOException full = new IOException("disk full");
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class,
                () -> AtomicFiles.write(target, t -> {
                    Files.writeString(t, "half");
                    throw full;
                }));
        assertSame(full, e.getCause());
        assertEquals("cannot write " + target + ": disk full", e.getMessage());
        assertEquals("old", Files.readString(target));
        assertEquals(Set.of("file.txt"), names(folder));
    }

    @Test
    void write_withAnUncheckedFailure_passesItOnAndLeavesNothing() throws IOException {
        Path target = folder.resolve("file.txt");
        InputException wrong = new InputException("wrong");
        assertSame(
                wrong,
                assertThrows(
                        InputException.class,
                        () -> AtomicFiles.write(target, t -> {
                            Files.writeString(t, "half");
                            throw wrong;
                        })));
        assertEquals(Set.of(), names(folder));
    }

    @Test
    void write_overAFolder_failsAndKeepsTheFolder() throws IOException {
        Path target = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(target.resolve("inside"), "old");
        assertThrows(UncheckedIOException.class, () -> AtomicFiles.writeString(target, "new"));
        assertEquals("old", Files.readString(target.resolve("inside")));
        assertEquals(Set.of("taken"), names(folder));
    }

    @Test
    void write_whereTheParentIsAFile_fails() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        UncheckedIOException e =
                assertThrows(UncheckedIOException.class, () -> AtomicFiles.writeString(file.resolve("below"), "new"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("cannot write " + file.resolve("below") + ": "), message);
        assertEquals("old", Files.readString(file));
    }

    @Test
    void writeString_writesUtf8() throws IOException {
        Path target = folder.resolve("text");
        AtomicFiles.writeString(target, "naïve × 3");
        assertArrayEquals("naïve × 3".getBytes(StandardCharsets.UTF_8), Files.readAllBytes(target));
    }

    @Test
    void write_ofARelativeName_writesBesideIt() throws IOException {
        // The working directory of a test run is the module's; the build's own folder is the place for what tests make.
        Path target = Path.of("target", "atomic-files-test", "relative.txt");
        AtomicFiles.writeString(target, "x");
        assertEquals("x", Files.readString(target));
        assertEquals(Set.of("relative.txt"), names(Path.of("target", "atomic-files-test")));
    }

    @Test
    void writeFolder_createsTheFolderWithItsFiles() throws IOException {
        Path target = folder.resolve("a/model");
        AtomicFiles.writeFolder(target, t -> {
            assertFalse(Files.exists(target));
            Files.writeString(t.resolve("one"), "1");
            Files.writeString(Files.createDirectory(t.resolve("sub")).resolve("two"), "2");
        });
        assertEquals(Set.of("one", "sub"), names(target));
        assertEquals("2", Files.readString(target.resolve("sub/two")));
        assertEquals(Set.of("model"), names(folder.resolve("a")));
    }

    @Test
    void writeFolder_overAnExistingOne_leavesNothingOfTheOld() throws IOException {
        Path target = folder.resolve("model");
        AtomicFiles.writeFolder(target, t -> {
            for (String name : List.of("config", "weights", "extra")) {
                Files.writeString(t.resolve(name), "old");
            }
        });
        AtomicFiles.writeFolder(target, t -> {
            Files.writeString(t.resolve("config"), "new");
            assertEquals("old", Files.readString(target.resolve("config")));
        });
        assertEquals(Set.of("config"), names(target));
        assertEquals("new", Files.readString(target.resolve("config")));
        assertEquals(Set.of("model"), names(folder));
    }

    @Test
    void writeFolder_failingHalfway_keepsTheOldFolderAndLeavesNothing() throws IOException {
        Path target = folder.resolve("model");
        AtomicFiles.writeFolder(target, t -> Files.writeString(t.resolve("config"), "old"));
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class,
                () -> AtomicFiles.writeFolder(target, t -> {
                    Files.writeString(Files.createDirectory(t.resolve("sub")).resolve("config"), "half");
                    throw new IOException("disk full");
                }));
        assertEquals("cannot write " + target + ": disk full", e.getMessage());
        assertEquals(Set.of("config"), names(target));
        assertEquals("old", Files.readString(target.resolve("config")));
        assertEquals(Set.of("model"), names(folder));
    }

    @Test
    void writeFolder_failingTheFirstTime_leavesNoFolder() throws IOException {
        Path target = folder.resolve("model");
        assertThrows(
                IllegalStateException.class,
                () -> AtomicFiles.writeFolder(target, t -> {
                    Files.writeString(t.resolve("config"), "half");
                    throw new IllegalStateException("stopped");
                }));
        assertEquals(Set.of(), names(folder));
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
