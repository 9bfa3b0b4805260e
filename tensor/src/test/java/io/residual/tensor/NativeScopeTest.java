package io.residual.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class NativeScopeTest {
    private static final long MEGABYTE = 1 << 20;

    @Test
    void memory_ofManyScopes_staysFlat() {
        allocate(50); // the allocator's own pools fill up once
        long before = Pointer.physicalBytes();
        allocate(2000);
        long grown = Pointer.physicalBytes() - before;
        // 2000 scopes of 4 MB are 8 GB; 200 MB leave room for what the Java heap does meanwhile.
        assertTrue(grown < 200 * MEGABYTE, () -> "grew by " + grown / MEGABYTE + " MB");
    }

    @Test
    void memory_ofTensorsThatAreKept_isSeen() {
        allocate(50);
        List<Tensor> held = new ArrayList<>();
        long before = Pointer.physicalBytes();
        try (NativeScope outer = NativeScope.inference()) {
            for (int i = 0; i < 100; i++) {
                try (NativeScope scope = NativeScope.inference()) {
                    held.add(scope.keep(fourMegabytes()));
                }
            }
            // Shows that the meter of the test above can move: 400 MB, less what pools held before.
            assertTrue(Pointer.physicalBytes() - before > 300 * MEGABYTE);
        }
        assertTrue(held.stream().allMatch(t -> t.isNull()));
    }

    private static void allocate(int scopes) {
        for (int i = 0; i < scopes; i++) {
            try (NativeScope scope = NativeScope.inference()) {
                fourMegabytes();
            }
        }
    }

    /** Written to, since memory that is only reserved is not resident. */
    private static Tensor fourMegabytes() {
        return Tensors.empty(ScalarType.Float, MEGABYTE).fill_(new Scalar(1.0));
    }

    /** As a tower's blocks use it: what was kept may be closed before the enclosing scope is. */
    @Test
    void keptTensor_closedEarly_freesItsMemoryAndHarmsNothing() {
        allocate(50);
        long before = Pointer.physicalBytes();
        try (NativeScope outer = NativeScope.inference()) {
            Tensor x = fourMegabytes();
            for (int i = 0; i < 200; i++) {
                try (Tensor former = x;
                        NativeScope scope = NativeScope.nested()) {
                    x = scope.keep(Ops.scale(Ops.scale(former, 2), .5));
                }
            }
            long grown = Pointer.physicalBytes() - before;
            // 400 tensors of 4 MB would be 1.6 GB.
            assertTrue(grown < 200 * MEGABYTE, () -> "grew by " + grown / MEGABYTE + " MB");
            assertTrue(Tensors.floats(x)[7] == 1f);
        }
    }

    @Test
    void nested_recordsGradientsAsItsSurroundings() {
        try (NativeScope training = NativeScope.training()) {
            Tensor weight = Tensors.of(new float[] {3}, 1).set_requires_grad(true);
            Tensor square;
            try (NativeScope scope = NativeScope.nested()) {
                square = scope.keep(weight.mul(weight));
            }
            square.backward();
            assertArrayEquals(new float[] {6}, Tensors.floats(weight.grad()));
        }
        try (NativeScope inference = NativeScope.inference()) {
            Tensor weight = Tensors.of(new float[] {3}, 1).set_requires_grad(true);
            try (NativeScope scope = NativeScope.nested()) {
                assertFalse(weight.mul(weight).requires_grad());
            }
        }
    }

    @Test
    void close_freesWhatWasMadeInside() {
        Tensor tensor;
        try (NativeScope scope = NativeScope.inference()) {
            tensor = Tensors.of(new float[] {1, 2}, 2);
            assertFalse(tensor.isNull());
        }
        assertTrue(tensor.isNull());
    }

    @Test
    void close_leavesWhatWasMadeOutside() {
        try (Tensor before = Tensors.of(new float[] {1, 2}, 2)) {
            try (NativeScope scope = NativeScope.inference()) {
                Ops.scale(before, 2);
            }
            assertArrayEquals(new float[] {1, 2}, Tensors.floats(before));
        }
    }

    @Test
    void keep_withoutAnOuterScope_belongsToTheCaller() {
        Tensor kept;
        try (NativeScope scope = NativeScope.inference()) {
            kept = scope.keep(Tensors.of(new float[] {1, 2}, 2));
        }
        assertFalse(kept.isNull());
        assertArrayEquals(new float[] {1, 2}, Tensors.floats(kept));
        kept.close();
        assertTrue(kept.isNull());
    }

    @Test
    void keep_inAnOuterScope_belongsToThatScope() {
        Tensor kept;
        try (NativeScope outer = NativeScope.inference()) {
            Tensor lost;
            try (NativeScope inner = NativeScope.inference()) {
                lost = Tensors.of(new float[] {3}, 1);
                kept = inner.keep(Tensors.of(new float[] {1, 2}, 2));
            }
            assertTrue(lost.isNull());
            assertArrayEquals(new float[] {1, 2}, Tensors.floats(kept));
        }
        assertTrue(kept.isNull());
    }

    @Test
    void keep_throughTwoScopes_survivesBoth() {
        Tensor kept;
        try (NativeScope outer = NativeScope.inference()) {
            try (NativeScope inner = NativeScope.inference()) {
                kept = inner.keep(Tensors.of(new float[] {1, 2}, 2));
            }
            outer.keep(kept);
        }
        assertArrayEquals(new float[] {1, 2}, Tensors.floats(kept));
        kept.close();
        assertTrue(kept.isNull());
    }

    @Test
    void close_afterAFailure_freesToo() {
        List<Tensor> made = new ArrayList<>();
        assertThrows(IllegalStateException.class, () -> {
            try (NativeScope scope = NativeScope.inference()) {
                made.add(Tensors.of(new float[] {1}, 1));
                throw new IllegalStateException("stopped");
            }
        });
        assertTrue(made.get(0).isNull());
        assertTrue(records());
    }

    @Test
    void gradients_areOffInInferenceAndOnInTraining_andComeBack() {
        assertTrue(records());
        try (NativeScope inference = NativeScope.inference()) {
            assertFalse(records());
            try (NativeScope training = NativeScope.training()) {
                assertTrue(records());
                try (NativeScope inner = NativeScope.inference()) {
                    assertFalse(records());
                }
                assertTrue(records());
            }
            assertFalse(records());
        }
        assertTrue(records());
        try (NativeScope training = NativeScope.training()) {
            try (NativeScope inference = NativeScope.inference()) {
                assertFalse(records());
            }
            assertTrue(records());
        }
        assertTrue(records());
    }

    @Test
    void aScope_isItsThreadsOwn() {
        try (NativeScope scope = NativeScope.inference()) {
            assertTrue(CompletableFuture.supplyAsync(NativeScopeTest::records).join());
            CompletableFuture.runAsync(() -> {
                        try (NativeScope other = NativeScope.training()) {
                            Tensors.of(new float[] {1}, 1);
                        }
                    })
                    .join();
            assertFalse(records());
        }
    }

    /** Whether the result of an operation on a leaf that requires gradients requires them too. */
    private static boolean records() {
        try (Tensor leaf = Tensors.of(new float[] {1}, 1).set_requires_grad(true);
                Tensor result = Ops.scale(leaf, 2)) {
            return result.requires_grad();
        }
    }

    /** A model opened while some scope is open must not lose its weights when that scope closes. */
    @Test
    void whatIsReleased_outlivesEveryScope() {
        Tensor mine;
        try (NativeScope outer = NativeScope.inference()) {
            try (NativeScope inner = NativeScope.inference()) {
                mine = inner.release(Tensors.of(new float[] {1, 2, 3}, 3));
            }
        }
        try (Tensor tensor = mine) {
            assertArrayEquals(new float[] {1, 2, 3}, Tensors.floats(tensor));
        }
    }
}
