package io.residual.units;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Unwritable;
import io.residual.base.UserCache;
import io.residual.units.TraceFolder.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks of a trace that would take too much memory: written to a temporary folder while images are traced, and read from there.
 * The folder is deleted when no block is in use any more, or the process ends; what a killed process left, the next large trace
 * removes. For one thread at a time.
 */
final class LargeTrace implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final String NAME = "large";

    private final UnitShape shape;
    private final Path folder;
    private final Object owner = new Object(); // blocks refer to it
    private final List<TraceBlock> waiting = new ArrayList<>();
    private final List<TraceBlock> blocks = new ArrayList<>();
    private int shards;
    private boolean complete;

    /**
     * Makes the folder.
     *
     * @param beside folder in which it is made, such as {@link #usualPlace}
     * @param bytes that the trace will take
     * @throws InputException if nothing can be written there, or there is not room for so much
     */
    LargeTrace(UnitShape shape, Path beside, long bytes) {
        this.shape = shape;
        try {
            Path made = AtomicFiles.scratchFolder(beside.resolve(NAME));
            folder = made;
            Thread end = new Thread(() -> AtomicFiles.delete(made), "delete " + made.getFileName());
            Runtime.getRuntime().addShutdownHook(end);
            CLEANER.register(owner, () -> {
                AtomicFiles.delete(made);
                try {
                    Runtime.getRuntime().removeShutdownHook(end);
                } catch (IllegalStateException e) {
                    // The process is ending: the hook runs.
                }
            });
            long free = Files.getFileStore(made).getUsableSpace();
            if (free < bytes) {
                close();
                throw InputException.at(
                        beside,
                        (free >> 20) + " MB of free space",
                        (bytes >> 20) + " MB, for a trace that is too large for memory",
                        "Free some space there, name a folder on another disk in RESIDUAL_CACHE, or take some of the images,"
                                + " such as with --train 2000 --validation 500 --test 1000");
            }
        } catch (IOException e) {
            throw failed(beside, e);
        }
    }

    /** Beside the traces that are kept: on a disk, where the system's temporary folder may lie in memory. */
    static Path usualPlace() {
        return UserCache.folder().resolve("traces");
    }

    /** Adds traced images, which the caller may forget. */
    void add(TraceBlock block) {
        waiting.add(block);
        if (waiting.stream().mapToInt(TraceBlock::size).sum() >= TraceFolder.imagesOfBlock(shape)) {
            write();
        }
    }

    private void write() {
        try {
            String name = TraceShard.write(folder, shards++, waiting, Precision.FULL);
            int classes = Integer.MAX_VALUE; // labels were checked where they came from
            blocks.addAll(TraceShard.open(folder.resolve(name), shape, classes, Integer.MAX_VALUE, owner));
            waiting.clear();
        } catch (UncheckedIOException e) {
            throw failed(folder, e);
        }
    }

    /** All blocks, as handles. */
    List<TraceBlock> finish() {
        if (!waiting.isEmpty()) {
            write();
        }
        complete = true;
        return List.copyOf(blocks);
    }

    /** Deletes everything, unless the trace is complete. */
    @Override
    public void close() {
        if (!complete) {
            AtomicFiles.delete(folder);
        }
    }

    private static RuntimeException failed(Path where, Exception e) {
        InputException input = Unwritable.input(where, e);
        if (input != null) {
            return input;
        }
        return e instanceof UncheckedIOException unchecked
                ? unchecked
                : new UncheckedIOException("cannot write " + where + ": " + e.getMessage(), (IOException) e);
    }
}
