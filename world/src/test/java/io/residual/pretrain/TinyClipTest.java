package io.residual.pretrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TinyClipTest {
    @Test
    void weights_areAFunctionOfTheSeed() {
        try (NativeScope scope = NativeScope.inference()) {
            TinyClip one = new TinyClip(50, 49, 7);
            TinyClip same = new TinyClip(50, 49, 7);
            TinyClip other = new TinyClip(50, 49, 8);
            assertEquals(
                    one.parameters().keySet().stream().toList(),
                    same.parameters().keySet().stream().toList());
            one.parameters().forEach((name, tensor) -> {
                Tensor twin = same.parameters().get(name);
                assertArrayEquals(Tensors.floats(tensor), twin == null ? new float[0] : Tensors.floats(twin), name);
                assertTrue(tensor.requires_grad(), name);
            });
            assertFalse(Arrays.equals(values(one, "image.patch"), values(other, "image.patch")));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // Radford et al. 2021 and their code, for width 128, 6 layers and width 96, 3 layers.
        "image.positions, .08838834764831845", // 128^-½
        "image.0.qkv.weight, .08838834764831845",
        "image.5.out.weight, .02551551815399144", // 128^-½ (2 · 6)^-½
        "image.3.fc1.weight, .0625", // (2 · 128)^-½
        "image.3.fc2.weight, .02551551815399144",
        "text.tokens, .1",
        "text.2.out.weight, .041666666666666664", // 96^-½ (2 · 3)^-½
        "text.projection, .10206207261596577", // 96^-½
    })
    void weights_haveClipsDeviations(String name, double deviation) {
        try (NativeScope scope = NativeScope.inference()) {
            float[] values = values(new TinyClip(200, 199, 7), name);
            double sum = 0;
            double squares = 0;
            for (float value : values) {
                sum += value;
                squares += (double) value * value;
            }
            double n = values.length;
            // Four deviations of a mean and of a root mean square of n draws.
            assertEquals(0, sum / n, 4 * deviation / Math.sqrt(n));
            assertEquals(deviation, Math.sqrt(squares / n), 4 * deviation / Math.sqrt(2 * n));
        }
    }

    @Test
    void normsBiasesAndScale_startAtTheirNeutralValues() {
        try (NativeScope scope = NativeScope.inference()) {
            TinyClip clip = new TinyClip(50, 49, 7);
            assertEquals(1 / .07, Math.exp(values(clip, "logit_scale")[0]), 1e-5);
            clip.parameters().forEach((name, tensor) -> {
                boolean norm = name.matches(".*(norm[12]|pre|post)\\.weight");
                if (norm || name.endsWith(".bias")) {
                    float[] expected = new float[(int) tensor.numel()];
                    Arrays.fill(expected, norm ? 1 : 0);
                    assertArrayEquals(expected, Tensors.floats(tensor), name);
                }
            });
        }
    }

    private static float[] values(TinyClip clip, String name) {
        Tensor tensor = clip.parameters().get(name);
        if (tensor == null) {
            throw new AssertionError(
                    "no parameter " + name + " among " + clip.parameters().keySet());
        }
        return Tensors.floats(tensor);
    }
}
