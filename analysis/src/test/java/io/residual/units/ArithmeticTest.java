package io.residual.units;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.fixtures.KitFixture;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.model.TrainableTower;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsFile;
import java.nio.file.Path;
import java.util.Collections;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArithmeticTest {
    @TempDir
    Path temporary;

    /**
     * Products in 16 bits round to 8 bits of mantissa, 0.4 % of a number; sums over a tower of four layers stay below 2 % of
     * the output's norm. That the result differs at all shows that 16 bits were used.
     */
    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "clip-openclip", "blip-itm", "dinov2", "vit", "siglip2", "dinov3"})
    void productsOf16Bits_giveNearlyTheSameUnits(String kit) {
        Path folder = KitFixture.unpack(kit, temporary);
        TraceBlock full = trace(folder, Arithmetic.FP32);
        TraceBlock rounded = trace(folder, Arithmetic.BF16);
        assertDiffer(full.output(), rounded.output(), kit + ", output");
        assertDiffer(full.heads(), rounded.heads(), kit + ", heads");
        assertDiffer(full.projected(), rounded.projected(), kit + ", embedding and MLPs");
    }

    private static void assertDiffer(float[] full, float[] rounded, String what) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < full.length; i++) {
            difference += Math.pow(full[i] - rounded[i], 2);
            norm += Math.pow(full[i], 2);
        }
        double relative = Math.sqrt(difference / norm);
        assertTrue(relative > 1e-5 && relative < .02, what + ": " + relative);
    }

    private static TraceBlock trace(Path folder, Arithmetic arithmetic) {
        try (ImageTextModel model = ImageTextModel.open(folder, arithmetic);
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            Tracer tracer = new Tracer(model);
            int[] labels = Tensors.ints(file.read("b.labels"));
            TraceBlock block = tracer.encode(
                    Tensors.floats(file.read("b.pixel_values")), labels, Collections.nCopies(labels.length, "b"));
            // The invariant holds for what was computed, whatever it was computed with.
            assertEquals(0, block.decompositionError(tracer.frame()), arithmetic == Arithmetic.FP32 ? 1e-5 : .02);
            return block;
        }
    }

    /** Every token of the last block against the class token alone, and memory used again against memory of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "clip-openclip", "blip-itm", "dinov2", "vit"})
    void shortcuts_changeNothing(String kit) {
        Path folder = KitFixture.unpack(kit, temporary);
        try (ImageTextModel model = ImageTextModel.open(folder);
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("expected.safetensors"))) {
            float[] fast;
            float[] whole;
            float[] plain;
            try (NativeScope scope = NativeScope.inference()) {
                Tensor pixels = file.read("b.pixel_values");
                fast = Tensors.floats(model.image().trace(pixels).output());
                whole = Tensors.floats(model.image().traceInFull(pixels).output());
            }
            try (NativeScope scope = NativeScope.training()) { // gradients are recorded, so nothing is overwritten
                plain = Tensors.floats(model.image().encode(file.read("b.pixel_values")));
            }
            float largest = 0;
            for (float value : plain) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < plain.length; i++) {
                // The same products of 32-bit floats, summed in another order.
                assertEquals(plain[i], fast[i], 1e-5f * largest);
                assertEquals(plain[i], whole[i], 1e-5f * largest);
            }
        }
    }

    @Test
    void training_wants32Bits() {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        try (ImageTextModel model = ImageTextModel.open(folder, Arithmetic.BF16)) {
            InputException refused = assertThrows(InputException.class, () -> new TrainableTower(model));
            assertTrue(String.valueOf(refused.getMessage()).contains("--bf16"));
        }
    }
}
