package io.residual.robustness.fuzz;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.images.UnreadableImageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of this process, in memory where the system has one, and what a reader may throw. */
public final class Scratch {
    private static final Path FOLDER = folder();

    private Scratch() {}

    private static Path folder() {
        Path memory = Path.of("/dev/shm");
        try {
            Path folder = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "residual-fuzz")
                    : Files.createTempDirectory("residual-fuzz");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> AtomicFiles.delete(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A place for a file or folder. */
    public static Path at(String name) {
        return FOLDER.resolve(name);
    }

    /** Writes a file. */
    public static Path write(String name, byte[] content) {
        try {
            Path file = at(name);
            Files.createDirectories(file.getParent());
            return Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is read. */
    public interface Reading {
        /** Reads it. */
        void run() throws UnreadableImageException;
    }

    /** Reads; the errors that a user is meant to see are right, all others are passed on. */
    public static void read(Reading reading) {
        try {
            reading.run();
        } catch (InputException | UnreadableImageException e) {
            int length = String.valueOf(e.getMessage()).length();
            if (length > LONGEST) {
                throw new IllegalStateException("a message of " + length + " characters", e);
            }
        }
    }

    /** Nobody reads more. */
    private static final int LONGEST = 5_000;

    /**
     * A safetensors file with a header and data of its own, so that the fuzzer need not keep the header's length true: the data are
     * what follows the first zero byte.
     */
    public static byte[] safetensors(byte[] headerAndData) {
        int end = 0;
        while (end < headerAndData.length && headerAndData[end] != 0) {
            end++;
        }
        int data = Math.max(0, headerAndData.length - end - 1);
        ByteBuffer file = ByteBuffer.allocate(Long.BYTES + end + data).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(end).put(headerAndData, 0, end);
        if (data > 0) {
            file.put(headerAndData, end + 1, data);
        }
        return file.array();
    }
}
