package io.residual.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class TensorsTest {
    @Property(tries = 100)
    void doubles_comeBack(@ForAll @Size(min = 1, max = 50) double[] values) {
        try (NativeScope scope = NativeScope.inference()) {
            assertArrayEquals(values, Tensors.doubles(Tensors.of(values, values.length)));
        }
    }

    @Property(tries = 100)
    void longs_comeBack(@ForAll @Size(min = 1, max = 50) long[] values) {
        try (NativeScope scope = NativeScope.inference()) {
            assertArrayEquals(values, Tensors.longs(Tensors.of(values, values.length)));
        }
    }

    @Property(tries = 100)
    void ints_comeBack(@ForAll @Size(min = 1, max = 50) int[] values) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor tensor = Tensors.indices(values);
            assertEquals(ScalarType.Long, tensor.scalar_type().intern());
            assertArrayEquals(values, Tensors.ints(tensor));
        }
    }

    @Property(tries = 100)
    void floats_ofAnyShape_comeBackRowByRow(
            @ForAll @IntRange(min = 1, max = 5) int a,
            @ForAll @IntRange(min = 1, max = 5) int b,
            @ForAll @IntRange(min = 1, max = 5) int c) {
        float[] values = counting(a * b * c);
        try (NativeScope scope = NativeScope.inference()) {
            Tensor tensor = Tensors.of(values, a, b, c);
            assertArrayEquals(new long[] {a, b, c}, Tensors.shape(tensor));
            assertArrayEquals(values, Tensors.floats(tensor));
            // The last axis runs fastest.
            assertEquals(
                    ((a - 1) * b + b / 2) * c + c / 3,
                    tensor.select(0, a - 1).select(0, b / 2).select(0, c / 3).item_float());
        }
    }

    @Test
    void floats_ofSpecialValues_areKept() {
        float[] values = {-0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE};
        try (NativeScope scope = NativeScope.inference()) {
            assertArrayEquals(values, Tensors.floats(Tensors.of(values, values.length)));
        }
    }

    @Test
    void of_withoutAShape_isAScalar() {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor scalar = Tensors.of(new float[] {3});
            assertArrayEquals(new long[0], Tensors.shape(scalar));
            assertArrayEquals(new float[] {3}, Tensors.floats(scalar));
        }
    }

    @Test
    void ofRange_takesThePartFromTheOffsetOn() {
        try (NativeScope scope = NativeScope.inference()) {
            assertArrayEquals(new float[] {3, 4, 5, 6}, Tensors.floats(Tensors.ofRange(counting(10), 3, 2, 2)));
        }
    }

    @Test
    void of_tooFewValues_isRefused() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Tensors.of(new float[5], 2, 3));
        assertEquals("shape [2, 3] needs 6 values from 0 on, the array has 5", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Tensors.of(new double[5], 2, 3));
        assertThrows(IllegalArgumentException.class, () -> Tensors.of(new long[5], 2, 3));
        assertThrows(IllegalArgumentException.class, () -> Tensors.ofRange(new float[6], 1, 2, 3));
        assertThrows(IllegalArgumentException.class, () -> Tensors.ofRange(new float[6], -1, 2));
    }

    @Test
    void of_aShapeThatOverflows_isRefused() {
        assertThrows(ArithmeticException.class, () -> Tensors.of(new float[1], 1L << 32, 1L << 32));
        assertThrows(ArithmeticException.class, () -> Tensors.of(new float[1], 1L << 31));
    }

    @Test
    void floats_ofAnotherTypeOrLayout_areConvertedRowByRow() {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor transposed = Tensors.of(new long[] {1, 2, 3, 4, 5, 6}, 2, 3).t();
            assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, Tensors.floats(transposed));
            assertArrayEquals(new double[] {1, 4, 2, 5, 3, 6}, Tensors.doubles(transposed));
            assertArrayEquals(new long[] {1, 4, 2, 5, 3, 6}, Tensors.longs(transposed));
        }
    }

    @Test
    void floats_ofATensorThatRequiresGradients_areRead() {
        try (NativeScope scope = NativeScope.training()) {
            Tensor leaf = Tensors.of(new float[] {1, 2}, 2).set_requires_grad(true);
            assertArrayEquals(new float[] {2, 4}, Tensors.floats(Ops.scale(leaf, 2)));
        }
    }

    @Test
    void ints_beyondTheirRange_areRefused() {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor large = Tensors.of(new long[] {1L << 31}, 1);
            assertThrows(ArithmeticException.class, () -> Tensors.ints(large));
        }
    }

    @Test
    void bytes_areLittleEndianAndLive() {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor tensor = Tensors.of(new long[] {0x0102030405060708L, -1}, 2);
            java.nio.ByteBuffer bytes = Tensors.bytes(tensor);
            assertEquals(16, bytes.remaining());
            assertEquals(8, bytes.get(0));
            assertEquals(1, bytes.get(7));
            bytes.putLong(8, 42);
            assertArrayEquals(new long[] {0x0102030405060708L, 42}, Tensors.longs(tensor));
        }
    }

    @Test
    void bytes_ofAStridedTensor_areRefused() {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor transposed = Tensors.of(counting(6), 2, 3).t();
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Tensors.bytes(transposed));
            assertEquals("tensor of shape [3, 2] is strided", e.getMessage());
        }
    }

    @Test
    void setThreads_isKeptAndRefusesNone() {
        int before = NativeRuntime.threads();
        try {
            NativeRuntime.setThreads(1);
            assertEquals(1, NativeRuntime.threads());
            NativeRuntime.setThreads(2);
            assertEquals(2, NativeRuntime.threads());
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> NativeRuntime.setThreads(0));
            assertEquals("threads is 0, must be at least 1", e.getMessage());
            assertEquals(2, NativeRuntime.threads());
        } finally {
            NativeRuntime.setThreads(before);
        }
    }

    private static float[] counting(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = i;
        }
        return values;
    }
}
