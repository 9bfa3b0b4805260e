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
        InputException e = assertThrows(InputException.class, () -> AtomicFiles.writeString(target, "new"));
        assertEquals(target + ": found a folder, expected the name of a file. Give another name.", e.getMessage());
        assertEquals("old", Files.readString(target.resolve("inside")));
        assertEquals(Set.of("taken"), names(folder));
    }

    @Test
    void write_whereTheParentIsAFile_fails() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        InputException e =
                assertThrows(InputException.class, () -> AtomicFiles.writeString(file.resolve("below"), "new"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(file.resolve("below") + ": found " + file + ", a file"), message);
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
        AtomicFiles.writeFolder(target, old -> true, "a model", t -> {
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
        AtomicFiles.writeFolder(target, old -> true, "a model", t -> {
            for (String name : List.of("config", "weights", "extra")) {
                Files.writeString(t.resolve(name), "old");
            }
        });
        AtomicFiles.writeFolder(target, old -> true, "a model", t -> {
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
        AtomicFiles.writeFolder(target, old -> true, "a model", t -> Files.writeString(t.resolve("config"), "old"));
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class,
                () -> AtomicFiles.writeFolder(target, old -> true, "a model", t -> {
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
                () -> AtomicFiles.writeFolder(target, old -> true, "a model", t -> {
                    Files.writeString(t.resolve("config"), "half");
                    throw new IllegalStateException("stopped");
                }));
        assertEquals(Set.of(), names(folder));
    }

    /** A folder with anything in it that is not the program's own is never replaced; an empty one is. */
    @Test
    void writeFolder_overSomebodyElses_isRefusedBeforeAnythingIsDone() throws IOException {
        Path target = Files.createDirectory(folder.resolve("thesis"));
        AtomicFiles.writeFolder(target, mine -> false, "a model", t -> Files.writeString(t.resolve("chapter"), "one"));
        InputException e = assertThrows(
                InputException.class,
                () -> AtomicFiles.writeFolder(target, mine -> false, "a model", t -> {
                    throw new IllegalStateException("should not be reached");
                }));
        assertEquals(
                target + ": found something that is not a model, expected a new name, or a model to replace. Choose"
                        + " another output folder.",
                e.getMessage());
        assertEquals("one", Files.readString(target.resolve("chapter")));
        Path file = Files.writeString(folder.resolve("file"), "old");
        assertThrows(
                InputException.class,
                () -> AtomicFiles.requireReplaceable(file, mine -> true, "a model"),
                "a file is no folder to replace");
    }

    /** Names as a process of this machine leaves them that is there no more. */
    private static String left(String target, String end) {
        String place = Owner.NAME.substring(0, Owner.NAME.lastIndexOf('-'));
        return "." + target + "." + place + "-4194303-x1y2.tmp" + end; // the largest number that Linux gives is 4194304
    }

    @Test
    void whatADeadProcessLeft_isClearedAway_andNothingElse() throws IOException {
        Path target = folder.resolve("model");
        Files.writeString(folder.resolve(left("model", "")), "half");
        Files.writeString(folder.resolve(left("model", ".duckdb.wal")), "half");
        Files.writeString(folder.resolve(left("other", "")), "another target's");
        String living = ".model." + Owner.NAME + "-abc.tmp";
        Files.writeString(folder.resolve(living), "this process's");
        String elsewhere = ".model.zzzz-1-abc.tmp";
        Files.writeString(folder.resolve(elsewhere), "of another machine");
        AtomicFiles.writeString(target, "new");
        assertEquals(Set.of("model", left("other", ""), living, elsewhere), names(folder));
    }

    /** Killed between two renames: the old folder stands aside and the new one is not in place. */
    @Test
    void folderThatStoodAside_comesBack() throws IOException {
        Path target = folder.resolve("model");
        Path aside = Files.createDirectory(folder.resolve(left("model", ".former")));
        Files.writeString(aside.resolve("config"), "old");
        assertThrows(
                IllegalStateException.class,
                () -> AtomicFiles.writeFolder(target, old -> true, "a model", t -> {
                    assertEquals("old", Files.readString(target.resolve("config")));
                    throw new IllegalStateException("stopped");
                }));
        assertEquals(Set.of("model"), names(folder));
        assertEquals("old", Files.readString(target.resolve("config")));
    }

    /** A process that is ending deletes what is half-written; nothing of it may be renamed afterwards. */
    @Test
    void afterAbandon_nothingHalfWrittenGetsItsName() throws IOException {
        Path target = folder.resolve("model");
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class,
                () -> AtomicFiles.writeFolder(target, old -> true, "a model", t -> {
                    Files.writeString(t.resolve("first"), "1");
                    AtomicFiles.abandon();
                    Files.writeString(Files.createDirectories(t).resolve("second"), "2");
                }));
        assertEquals("cannot write " + target + ": the process is ending", e.getMessage());
        assertEquals(Set.of(), names(folder));
    }

    /** As root, a renaming would put a file in the device's place. */
    @Test
    void device_isNoPlaceToWriteTo() {
        Path device = Path.of("/dev/null");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(device), "no /dev/null on this system");
        InputException e = assertThrows(InputException.class, () -> AtomicFiles.writeString(device, "text"));
        assertTrue(String.valueOf(e.getMessage()).contains("a device or a pipe"), e.getMessage());
    }

    @Test
    void diskFull_isTheUsersToMend() {
        Path target = folder.resolve("file");
        InputException e = assertThrows(
                InputException.class,
                () -> AtomicFiles.write(target, t -> {
                    throw new IllegalStateException("inner", new IOException("No space left on device"));
                }));
        assertEquals(
                target + ": found no space left on device, expected a place that can be written to. Free some space"
                        + " there, or give another place.",
                e.getMessage());
    }

    @Test
    void folderLock_isOneProcessesAtATime() {
        try (FolderLock lock = FolderLock.take(folder)) {
            InputException e = assertThrows(InputException.class, () -> FolderLock.take(folder));
            assertTrue(String.valueOf(e.getMessage()).contains("another process is working in"), e.getMessage());
        }
        FolderLock.take(folder).close();
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
