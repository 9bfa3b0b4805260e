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
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                target + ": found something that is not a model and nothing else, expected a new name, or a model to"
                        + " replace. Choose another output folder.",
                e.getMessage());
        assertEquals("one", Files.readString(target.resolve("chapter")));
        Path file = Files.writeString(folder.resolve("file"), "old");
        assertThrows(
                InputException.class,
                () -> AtomicFiles.requireReplaceable(file, mine -> true, "a model"),
                "a file is no folder to replace");
    }

    private static final String RANDOM = "-0123456789abcdef";

    /** This boot of this machine, in names. */
    private static String here() {
        return Owner.NAME.substring(0, Owner.NAME.lastIndexOf('-'));
    }

    /** Names as a process of this machine leaves them that is there no more. */
    private static String left(String target, String end) {
        return left(target, here() + "-4194303", end); // the largest number that Linux gives is 4194304
    }

    private static String left(String target, String owner, String end) {
        return "." + target + ".residual-" + owner + RANDOM + end;
    }

    @Test
    void whatADeadProcessLeft_isClearedAway_andNothingElse() throws IOException {
        Path target = folder.resolve("model");
        Files.writeString(folder.resolve(left("model", ".tmp")), "half");
        Files.writeString(folder.resolve(left("model", ".tmp.duckdb.wal")), "half");
        Files.writeString(folder.resolve(left("other", ".tmp")), "another target's");
        String living = left("model", Owner.NAME, ".tmp");
        Files.writeString(folder.resolve(living), "this process's");
        String elsewhere = left("model", "zzzzzzz-1", ".tmp");
        Files.writeString(folder.resolve(elsewhere), "of another machine");
        AtomicFiles.writeString(target, "new");
        assertEquals(Set.of("model", left("other", ".tmp"), living, elsewhere), names(folder));
    }

    /** Old, hidden, and named alike, but not by this program. */
    @Test
    void whatIsNotProvablyOurs_stays() throws IOException {
        Set<String> theirs = Set.of(
                ".results.my-notes.tmp.txt",
                ".results.old.tmp",
                ".results.tmp",
                ".results." + here() + "-4194303-x1y2.tmp", // as older versions named them: no longer certain
                left("results", here() + "-4194303", ".tmp.txt"),
                left("results.v2", ".tmp"),
                left("results.v2", ".former"),
                left("results" + left("x", ".tmp"), ".former"),
                left("results", here() + "-4194303x", ".tmp"),
                ".results.residual-" + here() + "-4194303-0123456789abcde.tmp");
        for (String name : theirs) {
            Path file = Files.writeString(folder.resolve(name), "theirs");
            Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        }
        Path old = Files.createDirectory(folder.resolve(".results.notes.tmp"));
        Files.writeString(old.resolve("thesis"), "theirs");
        Files.setLastModifiedTime(old, FileTime.fromMillis(0));
        AtomicFiles.writeString(folder.resolve("results"), "new");
        Set<String> all = new java.util.HashSet<>(theirs);
        all.addAll(Set.of("results", ".results.notes.tmp"));
        assertEquals(all, names(folder));
        Files.delete(folder.resolve("results"));
        AtomicFiles.writeFolder(folder.resolve("results"), mine -> true, "a model", t -> {});
        assertEquals(all, names(folder));
        assertEquals("theirs", Files.readString(folder.resolve(left("results.v2", ".former"))));
    }

    /** Killed between two renames: the old folder stands aside and the new one is not in place. */
    @Test
    void folderThatStoodAside_comesBack() throws IOException {
        comesBack(left("model", ".former"));
    }

    /** The machine was started anew since, or it is another one's: who it belongs to is not known. */
    @Test
    void folderThatStoodAsideAtAnotherBoot_comesBack() throws IOException {
        comesBack(left("model", "zzzzzzz-1", ".former"));
    }

    private void comesBack(String former) throws IOException {
        Path target = folder.resolve("model");
        Path aside = Files.createDirectory(folder.resolve(former));
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

    @Test
    void ofSeveralFoldersThatStoodAside_theNewestComesBack() throws IOException {
        Path target = folder.resolve("model");
        for (int i = 0; i < 3; i++) {
            Path aside = Files.createDirectory(folder.resolve(left("model", "zzzzzzz-" + i, ".former")));
            Files.writeString(aside.resolve("config"), "old " + i);
            Files.setLastModifiedTime(aside, FileTime.from(Instant.now().minusSeconds(i == 1 ? 10 : 100)));
        }
        assertThrows(
                IllegalStateException.class,
                () -> AtomicFiles.writeFolder(target, old -> true, "a model", t -> {
                    throw new IllegalStateException("stopped");
                }));
        assertEquals("old 1", Files.readString(target.resolve("config")));
        assertEquals(3, names(folder).size(), "the others may be the only copies of something");
    }

    /** A temporary name is longer than its target's, which must not show when the work is done. */
    @ParameterizedTest
    @ValueSource(ints = {150, 190, 194, 195, 230, 255})
    void longNames_areWritten(int bytes) throws IOException {
        Path target = folder.resolve("é" + "x".repeat(bytes - 2));
        AtomicFiles.write(target, t -> {
            Files.writeString(t.resolveSibling(t.getFileName() + ".duckdb.wal"), "beside");
            Files.delete(t.resolveSibling(t.getFileName() + ".duckdb.wal"));
            Files.writeString(t, "1");
        });
        assertEquals("1", Files.readString(target));
        Files.delete(target);
        AtomicFiles.writeFolder(target, mine -> true, "a model", t -> Files.writeString(t.resolve("one"), "1"));
        AtomicFiles.writeFolder(target, mine -> true, "a model", t -> Files.writeString(t.resolve("two"), "2"));
        assertEquals(Set.of("two"), names(target));
        assertEquals(1, names(folder).size());
    }

    @Test
    void longName_thatADeadProcessLeft_isClearedAway() throws IOException {
        Path target = folder.resolve("x".repeat(240));
        Path dead = folder.resolve(
                String.valueOf(TemporaryName.temporary(target).getFileName()).replace(Owner.NAME, here() + "-4194303"));
        Files.writeString(dead, "half");
        AtomicFiles.writeString(target, "new");
        assertEquals(Set.of("x".repeat(240)), names(folder));
    }

    @Test
    void scratchFolder_ofATarget_clearsAwayWhatADeadProcessLeft() throws IOException {
        Path target = folder.resolve("large");
        Path dead = Files.createDirectory(
                folder.resolve(String.valueOf(TemporaryName.temporary(target).getFileName())
                        .replace(Owner.NAME, here() + "-4194303")));
        Files.writeString(dead.resolve("shard"), "half");
        Path made = AtomicFiles.scratchFolder(target);
        assertEquals(Set.of(String.valueOf(made.getFileName())), names(folder));
        AtomicFiles.delete(made);
        assertEquals(Set.of(), names(folder));
    }

    /** 128 letters are within what file systems allow, their 256 bytes are not. */
    @Test
    void tooLongName_isRefusedBeforeTheWork() {
        for (Path target : List.of(
                folder.resolve("é".repeat(128)), folder.resolve("x".repeat(256)).resolve("below"))) {
            InputException e = assertThrows(InputException.class, () -> AtomicFiles.requireWritable(target));
            assertEquals(
                    target + ": found a name of 256 bytes, expected at most 255, as file systems allow. Give a shorter"
                            + " name.",
                    e.getMessage());
            assertThrows(InputException.class, () -> AtomicFiles.requireReplaceable(target, mine -> true, "a model"));
        }
        Path deep = folder;
        for (int i = 0; i < 20; i++) {
            deep = deep.resolve("x".repeat(200));
        }
        Path target = deep;
        InputException e = assertThrows(InputException.class, () -> AtomicFiles.requireWritable(target));
        assertTrue(String.valueOf(e.getMessage()).contains("a path of"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------", "rw-rw----", "rw-r--r--", "rwxrwxrwx"})
    void replacedFile_handsOnItsPermissions(String rights) throws IOException {
        assumePosix();
        Path target = Files.writeString(folder.resolve("file"), "old");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(rights));
        AtomicFiles.write(target, t -> {
            assertFalse(
                    !rights.contains("r--r")
                            && !rights.startsWith("rwxrwx")
                            && Files.getPosixFilePermissions(t).contains(PosixFilePermission.OTHERS_READ),
                    "nobody reads more while it is written");
            Files.writeString(t, "new");
        });
        assertEquals(rights, PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
        assertEquals("new", Files.readString(target));
    }

    @Test
    void replacedFolder_handsOnItsPermissions_andItsFiles() throws IOException {
        assumePosix();
        Path target = folder.resolve("model");
        AtomicFiles.writeFolder(target, mine -> true, "a model", t -> Files.writeString(t.resolve("weights"), "old"));
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(target.resolve("weights"), PosixFilePermissions.fromString("rw-------"));
        AtomicFiles.writeFolder(target, mine -> true, "a model", t -> {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(t)));
            Files.writeString(t.resolve("weights"), "new");
        });
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("weights"))));
    }

    private void assumePosix() {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.getFileAttributeView(folder, PosixFileAttributeView.class) != null, "no such rights here");
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
