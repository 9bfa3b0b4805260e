package io.residual.units;

import io.residual.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** Rows of numbers of one width: in an array, or in a file from which they are read whenever they are asked for. Immutable. */
abstract class Rows {
    /** The number of rows n. */
    abstract int count();

    /** All numbers, row by row: the array itself where there is one, else read anew. */
    abstract float[] all();

    /** Some neighbouring columns of every row, [n, width]. */
    abstract float[] columns(int at, int width);

    /** The rows from {@code from} (inclusive) to {@code to} (exclusive) as a tensor of 32 bits, [to − from, shape…]. */
    abstract Tensor tensor(int from, int to, long... shape);

    /** The rows from {@code from} to {@code to}. */
    abstract Rows slice(int from, int to);

    /** Some rows, in the given order. */
    abstract Rows some(int... rows);

    /** Rows in an array, which is not copied. */
    static Rows of(float[] values, int count) {
        return new Held(values, count, count == 0 ? 0 : values.length / count);
    }

    /** The axes of a tensor of some rows. */
    static long[] axes(int rows, long... shape) {
        long[] all = new long[shape.length + 1];
        all[0] = rows;
        System.arraycopy(shape, 0, all, 1, shape.length);
        return all;
    }

    private static final class Held extends Rows {
        private final float[] values;
        private final int count;
        private final int width;

        Held(float[] values, int count, int width) {
            this.values = values;
            this.count = count;
            this.width = width;
        }

        @Override
        int count() {
            return count;
        }

        @Override
        float[] all() {
            return values;
        }

        @Override
        float[] columns(int at, int some) {
            float[] out = new float[count * some];
            for (int i = 0; i < count; i++) {
                System.arraycopy(values, i * width + at, out, i * some, some);
            }
            return out;
        }

        @Override
        Tensor tensor(int from, int to, long... shape) {
            return Tensors.ofRange(values, from * width, axes(to - from, shape));
        }

        @Override
        Rows slice(int from, int to) {
            return new Held(Arrays.copyOfRange(values, from * width, to * width), to - from, width);
        }

        @Override
        Rows some(int... rows) {
            float[] out = new float[rows.length * width];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(values, rows[i] * width, out, i * width, width);
            }
            return new Held(out, rows.length, width);
        }
    }
}
