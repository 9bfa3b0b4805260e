package io.residual.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One process at a time in a folder that is worked in for long. The lock is the system's, on a file {@code .lock}, so it ends with the
 * process, however that ends.
 */
public final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes a folder, which is created if there is none.
     *
     * @throws InputException if another process has it
     */
    public static FolderLock take(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel channel = FileChannel.open(
                    RegularFiles.require(folder.resolve(".lock"), "a file to lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            if (lock(channel)) {
                return new FolderLock(channel);
            }
            channel.close();
        } catch (IOException e) {
            InputException input = Unwritable.input(folder, e);
            throw input != null
                    ? input
                    : new UncheckedIOException("cannot write to " + folder + ": " + e.getMessage(), e);
        }
        throw InputException.at(
                folder,
                "a folder that another process is working in",
                "one process at a time",
                "Wait for it, or give another folder");
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // another thread of this process
        }
    }

    @Override
    public void close() {
        try {
            channel.close(); // which releases the lock
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
