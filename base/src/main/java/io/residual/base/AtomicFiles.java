package io.residual.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Files and folders that appear under their final name whole or not at all: written beside it under a temporary name,
 * then renamed. A reader, or a crash at any moment, never meets a half-written artefact.
 *
 * <p>A temporary name ({@link TemporaryName}) says which target it is for and which process made it, so what a process that died left
 * behind is cleared away when the same target is written again, and nothing else is. A folder that is to be replaced steps aside first; if
 * the process dies just then, the next one puts it back.
 *
 * <p>What is replaced hands on its permissions, owner and group, as far as the system allows.
 */
public final class AtomicFiles {
    private static final int CONTESTS = 20;

    /** Bytes of a path that Linux allows; others allow fewer or more. */
    private static final int LONGEST_PATH = 4095;

    private static final System.Logger LOG = System.getLogger(AtomicFiles.class.getName());

    /** Targets being written by any thread of this process. Rename and delete only while holding its lock. */
    private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

    private AtomicFiles() {}

    /** A folder for files that only this process needs; {@link #abandon} deletes it. */
    public static Path scratchFolder() throws IOException {
        Path folder = Files.createTempDirectory("residual-");
        UNFINISHED.add(folder);
        return folder;
    }

    /**
     * A folder beside a target, which need not exist, for files that only this process needs; {@link #abandon} or {@link #delete}
     * removes it. What dead processes left beside the same target is removed first.
     */
    public static Path scratchFolder(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        createParent(absolute);
        clear(absolute, false);
        return Files.createDirectory(beside(absolute));
    }

    /** A file beside another, for this process alone; the caller deletes it, or else {@link #abandon}. */
    public static Path scratchBeside(Path file, String ending) {
        Path scratch = file.resolveSibling(file.getFileName() + ending);
        UNFINISHED.add(scratch);
        return scratch;
    }

    /** Deletes what is being written, and scratch folders: for a process that ends. What was not renamed by now never is. */
    public static void abandon() {
        synchronized (UNFINISHED) {
            List<Path> all = List.copyOf(UNFINISHED);
            UNFINISHED.clear();
            all.forEach(AtomicFiles::deleteQuietly);
        }
    }

    /** Writes to the path that it is handed. */
    @FunctionalInterface
    public interface Writer {
        void writeTo(Path temporary) throws IOException;
    }

    /**
     * Complains if a file cannot be written there: before work is done whose result would have no place.
     *
     * @throws InputException if it is a folder, or lies where nothing can be written
     */
    public static void requireWritable(Path target) {
        Path absolute = target.toAbsolutePath();
        if (Files.isDirectory(absolute)) {
            throw InputException.at(target, "a folder", "the name of a file", "Give another name");
        }
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) { // renaming would put a file in a device's place
            throw InputException.at(target, RegularFiles.special(), "the name of a file", "Give another name");
        }
        requireWritableParent(target, absolute);
    }

    private static void requireWritableParent(Path target, Path absolute) {
        requireShort(target, absolute.getFileName());
        Path parent = absolute.getParent();
        if (parent != null && bytes(parent) + 1 + TemporaryName.LONGEST > LONGEST_PATH) {
            throw InputException.at(
                    target,
                    "a path of " + bytes(absolute) + " bytes",
                    "at most " + (LONGEST_PATH - TemporaryName.LONGEST - 1) + " for its folder",
                    "Give a shorter path");
        }
        while (parent != null && !Files.exists(parent)) {
            requireShort(target, parent.getFileName());
            parent = parent.getParent();
        }
        if (parent != null && (!Files.isDirectory(parent) || !Files.isWritable(parent))) {
            throw InputException.at(
                    target,
                    Files.isDirectory(parent) ? "a folder without the right to write, " + parent : parent + ", a file",
                    "a folder that can be written to",
                    "Give another place");
        }
    }

    private static void requireShort(Path target, @Nullable Path name) {
        if (name != null && bytes(name) > TemporaryName.LONGEST) {
            throw InputException.at(
                    target,
                    "a name of " + bytes(name) + " bytes",
                    "at most " + TemporaryName.LONGEST + ", as file systems allow",
                    "Give a shorter name");
        }
    }

    /** File systems count bytes, not letters. */
    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Checks that a folder can be written at a path, before any work begins.
     *
     * @param mine whether an existing folder may be replaced
     * @param kind description of replaceable folders, for the message
     * @throws InputException if there is something else under that name, or nothing can be written there
     */
    public static void requireReplaceable(Path target, Predicate<Path> mine, String kind) {
        for (int left = CONTESTS; ; left--) {
            Object looked = identity(target);
            if (looked == null || (Files.isDirectory(target) && (isEmpty(target) || mine.test(target)))) {
                break;
            }
            if (looked.equals(identity(target)) || left == 0) { // else another process has just replaced it
                throw InputException.at(
                        target,
                        "something that is not " + kind + " and nothing else",
                        "a new name, or " + kind + " to replace",
                        "Choose another output folder");
            }
        }
        requireWritableParent(target, target.toAbsolutePath());
    }

    /** The identity of the file or folder under a name, or null if there is none. */
    private static @Nullable Object identity(Path target) {
        try {
            Object key = Files.readAttributes(target, BasicFileAttributes.class).fileKey();
            return key == null ? target : key;
        } catch (IOException e) {
            return null;
        }
    }

    private static boolean isEmpty(Path folder) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            return !entries.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }

    /** Creates or replaces {@code target} with the file that {@code writer} writes. */
    public static void write(Path target, Writer writer) {
        requireWritable(target);
        Path absolute = target.toAbsolutePath();
        clear(absolute, false);
        Path temporary = beside(absolute);
        try {
            createParent(absolute);
            Permissions.createLike(absolute, temporary);
            writer.writeTo(temporary);
            Permissions.keep(absolute, temporary);
            finish(temporary, absolute);
        } catch (IOException | RuntimeException e) {
            throw Unwritable.explained(target, e);
        } finally {
            delete(temporary);
        }
    }

    private static void finish(Path temporary, Path target) throws IOException {
        synchronized (UNFINISHED) {
            requireNotAbandoned(temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void requireNotAbandoned(Path temporary) throws IOException {
        if (!UNFINISHED.contains(temporary)) {
            throw new IOException("the process is ending");
        }
    }

    /** Creates or replaces a UTF-8 text file. */
    public static void writeString(Path target, String content) {
        write(target, t -> Files.writeString(t, content, StandardCharsets.UTF_8));
    }

    /**
     * Creates {@code target} as the folder that {@code writer} fills; an existing folder of that name is replaced only
     * once the new one is complete, and only if it is empty or {@code mine}.
     *
     * @param kind what may be replaced, for the message
     */
    public static void writeFolder(Path target, Predicate<Path> mine, String kind, Writer writer) {
        Path absolute = target.toAbsolutePath();
        clear(absolute, true);
        requireReplaceable(target, mine, kind);
        Path temporary = beside(absolute);
        // The former folder keeps this name until the new one stands in its place; it is never among the unfinished.
        Path former = TemporaryName.former(temporary);
        try {
            createParent(absolute);
            Permissions.createFolderLike(absolute, temporary);
            writer.writeTo(temporary);
            Permissions.keepAll(absolute, temporary);
            synchronized (UNFINISHED) {
                requireNotAbandoned(temporary);
                takePlace(temporary, absolute, former);
            }
            discard(former, absolute);
        } catch (IOException | RuntimeException e) {
            restore(former, absolute, e);
            throw Unwritable.explained(target, e);
        } finally {
            delete(temporary);
        }
    }

    /** Another process may do the same at this moment; each is whole, and the last one stays. */
    private static void takePlace(Path temporary, Path target, Path former) throws IOException {
        for (int left = CONTESTS; ; left--) {
            try {
                if (Files.exists(target)) {
                    Files.move(target, former, StandardCopyOption.ATOMIC_MOVE);
                }
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (FileSystemException e) {
                // The old one has stepped aside already, or a new one came between two looks; or nothing helps.
                if (left == 0 || !Files.exists(temporary)) {
                    throw e;
                }
                if (Files.exists(target)) {
                    discard(former, target);
                }
            }
        }
    }

    /** Deletes a folder that stepped aside; it loses its name first, so that half of it is never put back. */
    private static void discard(Path former, Path target) {
        try {
            if (Files.exists(former)) {
                Path unwanted = TemporaryName.temporary(target);
                Files.move(former, unwanted, StandardCopyOption.ATOMIC_MOVE);
                deleteQuietly(unwanted);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "left behind " + former, e);
        }
    }

    /** Deletes a file, or a folder with all that is in it; nothing happens if there is none. */
    public static void delete(Path path) {
        UNFINISHED.remove(path);
        deleteQuietly(path);
    }

    private static void restore(Path former, Path absolute, Exception because) {
        try {
            if (Files.exists(former) && !Files.exists(absolute)) {
                Files.move(former, absolute, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    private static void createParent(Path absolute) throws IOException {
        Path parent = absolute.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
    }

    private static Path beside(Path target) {
        Path temporary = TemporaryName.temporary(target);
        UNFINISHED.add(temporary);
        return temporary;
    }

    /**
     * Removes what dead processes left beside a target.
     *
     * @param folder whether the target is a folder: a folder that was moved aside is then restored, unless another has
     *     taken its place. Should its process be alive after all, it replaces what was put back ({@link #takePlace}),
     *     so that need not be known for certain, as it cannot be after the machine has started anew.
     */
    private static void clear(Path target, boolean folder) {
        Path parent = target.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return;
        }
        List<Path> formers = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            for (Path entry : entries) {
                TemporaryName name = TemporaryName.of(target, entry);
                if (name != null && name.former()) {
                    formers.add(entry);
                } else if (name != null && Owner.isGone(name, entry)) {
                    deleteQuietly(entry);
                }
            }
            if (folder) {
                putBack(target, formers);
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Leftovers are harmless; whether the target can be written shows soon enough.
            LOG.log(System.Logger.Level.DEBUG, "cannot list " + parent, e);
        }
    }

    private static void putBack(Path target, List<Path> formers) throws IOException {
        if (!formers.isEmpty() && !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            Path newest = formers.get(0);
            for (Path former : formers) {
                newest = lastWritten(former) > lastWritten(newest) ? former : newest;
            }
            Files.move(newest, target, StandardCopyOption.ATOMIC_MOVE);
            formers.remove(newest);
        }
        for (Path former : formers) {
            TemporaryName name = TemporaryName.of(target, former);
            if (name != null && Files.isDirectory(target) && Owner.isGone(name, former)) {
                discard(former, target);
            }
        }
    }

    private static long lastWritten(Path path) throws IOException {
        return Files.getLastModifiedTime(path).toMillis();
    }

    private static void deleteQuietly(Path path) {
        try {
            if (!Files.exists(path)) {
                return;
            }
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                    Files.delete(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            // A leftover temporary file is harmless; the error that led here, if any, matters more.
            LOG.log(System.Logger.Level.DEBUG, "left behind " + path, e);
        }
    }
}
