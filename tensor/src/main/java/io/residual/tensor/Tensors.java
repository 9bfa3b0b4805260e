package io.residual.tensor;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Crossing between Java arrays and native tensors. Arrays are row-major; every crossing copies. */
public final class Tensors {
    static {
        NativeRuntime.prepare();
    }

    private Tensors() {}

    /** An uninitialised tensor, owned by the current scope. */
    public static Tensor empty(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), new org.bytedeco.pytorch.MemoryFormatOptional());
    }

    /** A float tensor with the values of {@code data}. */
    public static Tensor of(float[] data, long... shape) {
        return ofRange(data, 0, shape);
    }

    /** A float tensor with as many values of {@code data} from {@code offset} on as {@code shape} holds. */
    public static Tensor ofRange(float[] data, int offset, long... shape) {
        int length = length(shape);
        requireRoom(data.length, offset, length, shape);
        Tensor tensor = empty(ScalarType.Float, shape);
        if (length > 0) { // an empty tensor has no memory to point to
            new FloatPointer(tensor.data_ptr()).put(data, offset, length);
        }
        return tensor;
    }

    /** A double tensor with the values of {@code data}. */
    public static Tensor of(double[] data, long... shape) {
        requireRoom(data.length, 0, length(shape), shape);
        Tensor tensor = empty(ScalarType.Double, shape);
        if (data.length > 0) {
            new DoublePointer(tensor.data_ptr()).put(data, 0, length(shape));
        }
        return tensor;
    }

    /** A 64-bit integer tensor with the values of {@code data}. */
    public static Tensor of(long[] data, long... shape) {
        requireRoom(data.length, 0, length(shape), shape);
        Tensor tensor = empty(ScalarType.Long, shape);
        if (data.length > 0) {
            new LongPointer(tensor.data_ptr()).put(data, 0, length(shape));
        }
        return tensor;
    }

    /** A 64-bit integer tensor [n] with the values of {@code data}, for labels and indices. */
    public static Tensor indices(int... data) {
        return of(Arrays.stream(data).asLongStream().toArray(), data.length);
    }

    /** The values as floats, row-major, converted if they are of another type. */
    public static float[] floats(Tensor tensor) {
        Tensor dense = tensor.detach().to(ScalarType.Float).contiguous();
        float[] data = new float[Math.toIntExact(dense.numel())];
        if (data.length > 0) {
            new FloatPointer(dense.data_ptr()).get(data);
        }
        return data;
    }

    /** Several tensors' values, one tensor after the other. */
    public static float[] joined(List<float[]> parts) {
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** The values as doubles, row-major, converted if they are of another type. */
    public static double[] doubles(Tensor tensor) {
        Tensor dense = tensor.detach().to(ScalarType.Double).contiguous();
        double[] data = new double[Math.toIntExact(dense.numel())];
        if (data.length > 0) {
            new DoublePointer(dense.data_ptr()).get(data);
        }
        return data;
    }

    /** The values as 64-bit integers, row-major. */
    public static long[] longs(Tensor tensor) {
        Tensor dense = tensor.detach().to(ScalarType.Long).contiguous();
        long[] data = new long[Math.toIntExact(dense.numel())];
        if (data.length > 0) {
            new LongPointer(dense.data_ptr()).get(data);
        }
        return data;
    }

    /** The values as ints, row-major. */
    public static int[] ints(Tensor tensor) {
        return Arrays.stream(longs(tensor)).mapToInt(Math::toIntExact).toArray();
    }

    /** The type of the elements, as the constant that {@code ==} knows. */
    public static ScalarType type(Tensor tensor) {
        return tensor.scalar_type().intern();
    }

    /** The shape, outermost axis first. */
    public static long[] shape(Tensor tensor) {
        long[] shape = new long[Math.toIntExact(tensor.dim())];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensor.size(i);
        }
        return shape;
    }

    /** The raw bytes of a contiguous tensor as a little-endian view on native memory: valid while the tensor lives. */
    public static java.nio.ByteBuffer bytes(Tensor tensor) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("tensor of shape " + Arrays.toString(shape(tensor)) + " is strided");
        }
        long size = tensor.numel() * tensor.element_size();
        if (size == 0) {
            return java.nio.ByteBuffer.allocate(0);
        }
        Pointer data = tensor.data_ptr();
        return new BytePointer(data).capacity(size).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int length(long... shape) {
        long length = 1;
        for (long n : shape) {
            length = Math.multiplyExact(length, n);
        }
        return Math.toIntExact(length);
    }

    private static void requireRoom(int available, int offset, int length, long... shape) {
        if (offset < 0 || available - offset < length) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " needs " + length + " values from "
                    + offset + " on, the array has " + available);
        }
    }
}
