package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.adapt.Design;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Unwritable;
import io.residual.base.UserCache;
import io.residual.data.Split;
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
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Images of a split in a temporary file, for designs whose coefficients would take too much memory: C and R of one image after
 * the other, in 32-bit floats. A fit reads them in blocks, so its memory does not grow with the number of images.
 */
final class StoredSamples implements SampleSet {
    /** Bytes of coefficients that are kept in memory; more go to a file. */
    static final long IN_MEMORY = 512L << 20;

    /** Bytes of a block. */
    private static final long BLOCK = 64L << 20;

    private final Path folder;
    private final FileChannel file;
    private final int columns; // K
    private final int width; // D
    private final int[] labels;

    private StoredSamples(Path folder, FileChannel file, int columns, int width, int... labels) {
        this.folder = folder;
        this.file = file;
        this.columns = columns;
        this.width = width;
        this.labels = labels;
    }

    /**
     * A design's coefficients of a trace.
     *
     * @param inMemory bytes up to which they stay in memory
     * @throws InputException if they do not fit on the disk of temporary files
     */
    static SampleSet of(Trace<? extends Split> trace, Design design, long inMemory) {
        int[] labels = trace.labels();
        List<Cached> parts = new ArrayList<>();
        StoredSamples stored = null;
        for (TraceBlock block : trace.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                Cached part = design.cache(block);
                if (parts.isEmpty() && stored == null) {
                    int columns = Math.toIntExact(part.coefficients().size(1));
                    int width = Math.toIntExact(part.rest().size(1));
                    long bytes = 4L * labels.length * (columns + width);
                    stored = bytes > inMemory ? create(bytes, columns, width, labels) : null;
                }
                if (stored != null) {
                    stored.append(part);
                } else {
                    parts.add(new Cached(scope.keep(part.coefficients()), scope.keep(part.rest())));
                }
            }
        }
        return stored != null ? stored : new Samples(Cached.joined(parts), labels);
    }

    private static StoredSamples create(long bytes, int columns, int width, int... labels) {
        // Where traces are kept, on a disk: the system's temporary folder may lie in memory.
        Path beside = UserCache.folder().resolve("fits").resolve("coefficients");
        try {
            Path folder = AtomicFiles.scratchFolder(beside);
            long room = Files.getFileStore(folder).getUsableSpace();
            if (room < bytes) {
                AtomicFiles.delete(folder);
                throw InputException.at(
                        folder,
                        (room >> 20) + " MB of free space",
                        (bytes >> 20) + " MB, for the coefficients of " + labels.length + " images",
                        "Free some space there, name a folder on another disk in RESIDUAL_CACHE, or take fewer images with --train");
            }
            FileChannel file = FileChannel.open(
                    folder.resolve("coefficients"),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            return new StoredSamples(folder, file, columns, width, labels);
        } catch (IOException e) {
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
            close();
            throw failed(folder, e);
        }
    }

    @Override
    public int[] labels() {
        return labels;
    }

    @Override
    public List<Tensor> map(Work work) {
        int rows = (int) Math.max(1, BLOCK / (4L * (columns + width)));
        List<Tensor> results = new ArrayList<>();
        for (int from = 0; from < labels.length; from += rows) {
            try (NativeScope scope = NativeScope.nested()) {
                int n = Math.min(rows, labels.length - from);
                Tensor block = Tensors.empty(ScalarType.Float, n, columns + width);
                read(Tensors.bytes(block), from);
                results.add(scope.keep(work.of(parted(block), from)));
            }
        }
        return results;
    }

    @Override
    public Cached rows(int... chosen) {
        Tensor block = Tensors.empty(ScalarType.Float, chosen.length, columns + width);
        ByteBuffer bytes = Tensors.bytes(block);
        int row = 4 * (columns + width);
        for (int i = 0; i < chosen.length; i++) {
            read(bytes.slice(i * row, row), chosen[i]);
        }
        return parted(block);
    }

    private Cached parted(Tensor block) {
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
        try {
            file.close();
        } catch (IOException e) {
            throw failed(folder, e);
        } finally {
            AtomicFiles.delete(folder);
        }
    }
}
