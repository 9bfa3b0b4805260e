package io.residual.units;

import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rows of a tensor in an open shard. Nothing is kept: what was read stays as long as somebody uses it, and is read again otherwise. Safe
 * for several threads.
 */
final class StoredRows extends Rows {
    /** Narrow readings of one object, after which all columns are read at once: a reading of some rows costs about as much. */
    private static final int FEW = 32;

    private final OpenShard shard;
    private final String tensor;
    private final int width;
    private final int[] rows; // of the tensor
    private final AtomicInteger narrow = new AtomicInteger();
    private volatile WeakReference<float[]> last = new WeakReference<>(null);

    StoredRows(OpenShard shard, String tensor, int width, int from, int to) {
        this(shard, tensor, width, IntStream.range(from, to).toArray());
    }

    private StoredRows(OpenShard shard, String tensor, int width, int... rows) {
        this.shard = shard;
        this.tensor = tensor;
        this.width = width;
        this.rows = rows;
    }

    @Override
    int count() {
        return rows.length;
    }

    @Override
    float[] all() {
        float[] known = last.get();
        if (known == null) {
            try (NativeScope scope = NativeScope.inference()) {
                known = Tensors.floats(read(0, rows.length, 0, width, rows.length, width));
            }
            last = new WeakReference<>(known);
        }
        return known;
    }

    @Override
    float[] columns(int at, int some) {
        float[] known = narrow.getAndIncrement() < FEW ? last.get() : all();
        if (known != null) {
            return Rows.of(known, rows.length).columns(at, some);
        }
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.floats(read(0, rows.length, at, some, rows.length, some));
        }
    }

    @Override
    Tensor tensor(int from, int to, long... shape) {
        return read(from, to, 0, width, axes(to - from, shape));
    }

    @Override
    Rows slice(int from, int to) {
        return new StoredRows(shard, tensor, width, Arrays.copyOfRange(rows, from, to));
    }

    @Override
    Rows some(int... chosen) {
        return new StoredRows(
                shard, tensor, width, Arrays.stream(chosen).map(i -> rows[i]).toArray());
    }

    /** Columns of the rows from {@code from} to {@code to}, in 32 bits. */
    private Tensor read(int from, int to, int column, int columns, long... shape) {
        ScalarType type = shard.type(tensor);
        Tensor stored = Tensors.empty(type, shape);
        if (stored.numel() > 0) {
            ByteBuffer into = Tensors.bytes(stored);
            int size = (int) stored.element_size();
            int at = 0;
            for (int i = from; i < to; ) {
                int end = i + 1;
                while (columns == width && end < to && rows[end] == rows[end - 1] + 1) {
                    end++; // neighbours in the file are one reading
                }
                int bytes = (end - i) * columns * size;
                shard.read(tensor, ((long) rows[i] * width + column) * size, into.slice(at, bytes));
                at += bytes;
                i = end;
            }
        }
        return Finite.require(
                stored.to(ScalarType.Float), shard.path() + ", tensor '" + tensor + "'", TraceShard.REMEDY);
    }
}
