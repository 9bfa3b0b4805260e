package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.adapt.Design;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Unwritable;
import io.residual.base.UserCache;
import io.residual.data.Split;
import io.residual.tensor.NativeRuntime;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Images of a split in a temporary file, for designs whose coefficients would take too much memory: C and R of one image after
 * the other, in 32-bit floats. A fit reads them in blocks, so its memory does not grow with the number of images.
 */
final class StoredSamples implements SampleSet {
    /** Bytes of coefficients that are kept in memory; more go to a file. */
    static final long IN_MEMORY = 256L << 20;

    /** Bytes of a block. */
    private static final long BLOCK = 128L << 20;

    private final Path folder;
    private final FileChannel file;
    private final int columns; // K
    private final int width; // D
    private final int[] rows; // of the file
    private final int[] labels;
    private final boolean owner; // of the file

    private StoredSamples(
            Path folder, FileChannel file, int columns, int width, int[] rows, int[] labels, boolean owner) {
        this.folder = folder;
        this.file = file;
        this.columns = columns;
        this.width = width;
        this.rows = rows;
        this.labels = labels;
        this.owner = owner;
    }

    /**
     * A design's coefficients of a trace.
     *
     * @param inMemory bytes up to which they stay in memory
     * @throws InputException if they do not fit on the disk of temporary files
     */
    static SampleSet of(Trace<? extends Split> trace, Design design, long inMemory) {
        int columns = design.columns();
        int width = trace.shape().sharedWidth();
        int[] labels = trace.labels();
        long bytes = 4L * labels.length * (columns + width);
        if (bytes <= inMemory) {
            List<Cached> parts = new ArrayList<>();
            for (TraceBlock block : trace.blocks()) {
                try (NativeScope scope = NativeScope.inference()) {
                    Cached part = design.cache(block);
                    parts.add(new Cached(scope.keep(part.coefficients()), scope.keep(part.rest())));
                }
            }
            return new Samples(Cached.joined(parts), labels);
        }
        StoredSamples stored = create(bytes, columns, width, labels);
        boolean complete = false;
        try {
            for (TraceBlock block : trace.blocks()) {
                try (NativeScope scope = NativeScope.inference()) {
                    stored.append(design.cache(block));
                }
            }
            complete = true;
            NativeRuntime.trim(); // many small pieces of memory were taken until here, and a fit needs few
        } finally {
            if (!complete) {
                stored.close();
            }
        }
        return stored;
    }

    private static StoredSamples create(long bytes, int columns, int width, int... labels) {
        // Where traces are kept, on a disk: the system's temporary folder may lie in memory.
        Path beside = UserCache.folder().resolve("fits").resolve("coefficients");
        Path folder = null;
        try {
            folder = AtomicFiles.scratchFolder(beside);
            long room = Files.getFileStore(folder).getUsableSpace();
            if (room < bytes) {
                AtomicFiles.delete(folder);
                throw InputException.at(
                        beside,
                        (room >> 20) + " MB of free space",
                        (bytes >> 20) + " MB, for the coefficients of " + labels.length + " images",
                        "Free some space there, name a folder on another disk in RESIDUAL_CACHE, or take fewer images with --train");
            }
            FileChannel file = FileChannel.open(
                    folder.resolve("coefficients"),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            int[] rows = IntStream.range(0, labels.length).toArray();
            return new StoredSamples(folder, file, columns, width, rows, labels, true);
        } catch (IOException e) {
            if (folder != null) {
                AtomicFiles.delete(folder);
            }
            throw failed(beside, e);
        }
    }

    private static RuntimeException failed(Path where, IOException e) {
        InputException input = Unwritable.input(where, e);
        return input != null ? input : new UncheckedIOException("cannot use " + where + ": " + e.getMessage(), e);
    }

    /** The folder of the temporary file. */
    Path folder() {
        return folder;
    }

    private void append(Cached part) {
        try {
            ByteBuffer bytes = Tensors.bytes(
                    Ops.cat(List.of(part.coefficients(), part.rest()), 1).contiguous());
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    @Override
    public int[] labels() {
        return labels;
    }

    @Override
    public List<Tensor> map(Work work) {
        int most = (int) Math.max(1, BLOCK / (4L * (columns + width)));
        List<Tensor> results = new ArrayList<>();
        for (int from = 0; from < labels.length; from += most) {
            try (NativeScope scope = NativeScope.nested()) {
                int n = Math.min(most, labels.length - from);
                results.add(scope.keep(work.of(read(Arrays.copyOfRange(rows, from, from + n)), from)));
            }
        }
        return results;
    }

    @Override
    public Cached rows(int... chosen) {
        return read(Arrays.stream(chosen).map(i -> rows[i]).toArray());
    }

    /** In memory, if they are few; else they stay in the file, which must stay open. */
    @Override
    public SampleSet some(int... chosen) {
        return 4L * chosen.length * (columns + width) <= IN_MEMORY ? inMemory(chosen) : view(chosen);
    }

    /** Some of the images, which stay in the file. */
    SampleSet view(int... chosen) {
        int[] chosenRows = Arrays.stream(chosen).map(i -> rows[i]).toArray();
        int[] chosenLabels = Arrays.stream(chosen).map(i -> labels[i]).toArray();
        return new StoredSamples(folder, file, columns, width, chosenRows, chosenLabels, false);
    }

    /** Rows of the file; neighbours are one reading. */
    private Cached read(int... wanted) {
        Tensor block = Tensors.empty(ScalarType.Float, wanted.length, columns + width);
        int most = (int) Math.max(1, BLOCK / (4L * (columns + width))); // a buffer may not pass 2 GB
        for (int from = 0; from < wanted.length; ) {
            int to = from + 1;
            while (to < wanted.length && to - from < most && wanted[to] == wanted[to - 1] + 1) {
                to++;
            }
            try (NativeScope scope = NativeScope.nested()) {
                read(Tensors.bytes(block.narrow(0, from, (long) to - from)), wanted[from]);
            }
            from = to;
        }
        return new Cached(block.narrow(1, 0, columns), block.narrow(1, columns, width));
    }

    private void read(ByteBuffer into, int row) {
        try {
            long at = 4L * row * (columns + width);
            while (into.hasRemaining()) {
                int read = file.read(into, at);
                if (read < 0) {
                    throw new IOException("it ends at byte " + at);
                }
                at += read;
            }
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    @Override
    public void close() {
        if (!owner) {
            return;
        }
        try {
            file.close();
        } catch (IOException e) {
            throw failed(folder, e);
        } finally {
            AtomicFiles.delete(folder);
        }
    }
}
