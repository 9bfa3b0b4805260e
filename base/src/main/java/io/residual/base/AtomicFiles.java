package io.residual.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Files and folders that appear under their final name whole or not at all: written beside it under a temporary name,
 * then renamed. A reader, or a crash at any moment, never meets a half-written artefact.
 */
public final class AtomicFiles {
    /** What is being written right now, by any thread. */
    private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

    private AtomicFiles() {}

    /** A folder for files that only this process needs; {@link #abandon} deletes it. */
    public static Path scratchFolder() throws IOException {
        Path folder = Files.createTempDirectory("residual-");
        UNFINISHED.add(folder);
        return folder;
    }

    /** Deletes what is being written, and scratch folders: for a process that ends. */
    public static void abandon() {
        UNFINISHED.forEach(AtomicFiles::deleteQuietly);
    }

    /** Writes to the path that it is handed. */
    @FunctionalInterface
    public interface Writer {
        void writeTo(Path temporary) throws IOException;
    }

    /** Creates or replaces {@code target} with the file that {@code writer} writes. */
    public static void write(Path target, Writer writer) {
        Path absolute = target.toAbsolutePath();
        Path temporary = beside(absolute);
        try {
            createParent(absolute);
            writer.writeTo(temporary);
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target + ": " + e.getMessage(), e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    /** Creates or replaces a UTF-8 text file. */
    public static void writeString(Path target, String content) {
        write(target, t -> Files.writeString(t, content, StandardCharsets.UTF_8));
    }

    /**
     * Creates {@code target} as the folder that {@code writer} fills; an existing folder of that name is replaced only
     * once the new one is complete.
     */
    public static void writeFolder(Path target, Writer writer) {
        Path absolute = target.toAbsolutePath();
        Path temporary = beside(absolute);
        // The former folder keeps this name until the new one stands in its place; it is never among the unfinished.
        Path former = temporary.resolveSibling(temporary.getFileName() + ".former");
        try {
            createParent(absolute);
            Files.createDirectory(temporary);
            writer.writeTo(temporary);
            if (Files.exists(absolute)) {
                Files.move(absolute, former, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
            deleteQuietly(former);
        } catch (IOException e) {
            restore(former, absolute, e);
            throw new UncheckedIOException("cannot write " + target + ": " + e.getMessage(), e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    /** Deletes a file, or a folder with all that is in it; nothing happens if there is none. */
    public static void delete(Path path) {
        deleteQuietly(path);
    }

    private static void restore(Path former, Path absolute, IOException because) {
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
        String suffix = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + suffix + ".tmp");
        UNFINISHED.add(temporary);
        return temporary;
    }

    private static void deleteQuietly(Path path) {
        UNFINISHED.remove(path);
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
            System.getLogger(AtomicFiles.class.getName()).log(System.Logger.Level.DEBUG, "left behind " + path, e);
        }
    }
}
