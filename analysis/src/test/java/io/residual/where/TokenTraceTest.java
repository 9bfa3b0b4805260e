package io.residual.where;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.fixtures.KitFixture;
import io.residual.fixtures.RandomTower;
import io.residual.fixtures.RandomTower.Read;
import io.residual.model.ImageTextModel;
import io.residual.model.ImageTower;
import io.residual.model.Reading;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.weights.SafetensorsFile;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values against the reference are the kit's; here, that the sums are exact for every way of reading an embedding. */
class TokenTraceTest {
    @TempDir
    Path temporary;

    private static double[] axis(int d, int j) {
        double[] axis = new double[d];
        axis[j] = 1;
        return axis;
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void allParts_sumToTheEmbedding(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(read, 5);
            TokenTrace trace = TokenTrace.of(tower, RandomTower.pixels(2, 6));
            for (int i = 0; i < 2; i++) {
                double[] y = trace.output(i);
                for (int j = 0; j < y.length; j++) {
                    assertEquals(y[j], trace.alongAll(i, axis(y.length, j)).total(), 2e-5);
                }
            }
        }
    }

    /** What the readout gathers of each head's write must be the same whether tokens are summed over before or after. */
    @ParameterizedTest
    @EnumSource(Read.class)
    void theTokensOfAHead_sumToWhatTheReadoutGathersOfIt(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(read, 5);
            Tensor pixels = RandomTower.pixels(1, 6);
            TokenTrace trace = TokenTrace.of(tower, pixels);
            Residuals residuals = tower.trace(pixels);
            Reading reading = Reading.of(residuals, tower.weights().post().eps());
            UnitShape shape = trace.shape();
            LinearReadout readout = LinearReadout.of(tower);
            int h = shape.headWidth();
            TokenMap map = trace.alongAll(0, axis(shape.sharedWidth(), 3));
            float[] parts = trace.units(0);
            for (UnitId head : shape.headIds()) {
                Tensor z = residuals.heads().get(head.layer()).narrow(2, (long) head.head() * h, h);
                Tensor w = LinearReadout.projection(tower.weights().blocks().get(head.layer()))
                        .narrow(1, (long) head.head() * h, h);
                Tensor written = z.to(ScalarType.Double).matmul(w.t()); // [1, t, d]
                Tensor gathered =
                        reading.weights().to(ScalarType.Double).matmul(written).squeeze(0); // [P, d]
                double[] want = Tensors.doubles(
                        Ops.sum(readout.maps().matmul(gathered.unsqueeze(2)).squeeze(2), 0)); // [D]
                assertEquals(want[3], Arrays.stream(map.of(head)).sum(), 1e-5, head.toString());
                double sum = 0;
                int at = (shape.index(head) - 1) * trace.tokens();
                for (int t = 0; t < trace.tokens(); t++) {
                    float part = parts[(at + t) * shape.sharedWidth() + 3];
                    assertEquals(map.of(head)[t], part, 1e-5);
                    sum += part;
                }
                assertEquals(want[3], sum, 1e-5);
            }
        }
    }

    /** Parts and constant make the units that the reference computes, for class tokens, registers, turned and pooled tokens. */
    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "dinov2-registers", "dinov3", "siglip", "siglip2"})
    void tokensAndConstant_makeTheKitsUnits(String kit) {
        Path folder = KitFixture.unpack(kit, temporary);
        try (ImageTextModel model = ImageTextModel.open(folder);
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            TokenTrace trace =
                    TokenTrace.of(model.image(), file.read("b.pixel_values").narrow(0, 0, 2));
            float[] want = Tensors.floats(file.read("b.units").narrow(0, 0, 2));
            UnitShape shape = trace.shape();
            int d = shape.sharedWidth();
            double largest = 0;
            for (float v : want) {
                largest = Math.max(largest, Math.abs(v));
            }
            for (int i = 0; i < 2; i++) {
                for (int j : new int[] {0, d / 2, d - 1}) {
                    TokenMap map = trace.alongAll(i, axis(d, j));
                    for (UnitId unit : shape.ids()) {
                        double sum = Arrays.stream(map.of(unit)).sum() + map.constant(unit);
                        assertEquals(
                                want[(i * shape.units() + shape.index(unit)) * d + j],
                                sum,
                                1e-4 * largest,
                                kit + " " + unit);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void attention_isAShareOfEveryToken(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            TokenTrace trace = TokenTrace.of(RandomTower.of(read, 5), RandomTower.pixels(1, 6));
            int tokens = trace.tokens();
            assertEquals(read == Read.ATTENTION ? 12 : 15, tokens);
            float[] attention = trace.attention(0);
            for (int u = 0; u < trace.shape().allHeads(); u++) {
                double sum = 0;
                for (int t = 0; t < tokens; t++) {
                    assertTrue(attention[u * tokens + t] >= 0);
                    sum += attention[u * tokens + t];
                }
                assertEquals(1, sum, 1e-5);
            }
        }
    }

    /** Each row of ½ A + ½ I sums to 1, and so does their product. */
    @ParameterizedTest
    @EnumSource(Read.class)
    void rollout_isAShareOfEveryToken(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            float[] rollout = AttentionRollout.of(RandomTower.of(read, 5), RandomTower.pixels(1, 6));
            double sum = 0;
            for (float share : rollout) {
                assertTrue(share > 0);
                sum += share;
            }
            assertEquals(read == Read.ATTENTION ? 12 : 15, rollout.length);
            assertEquals(1, sum, 1e-5);
        }
    }

    /** Read at its end, the lens says what the model says; a unit alone adds to the step before it. */
    @ParameterizedTest
    @EnumSource(Read.class)
    void theLens_endsAtTheModelsAnswer(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(read, 5);
            Residuals residuals = tower.trace(RandomTower.pixels(1, 6));
            Lens lens = Lens.of(tower, residuals);
            assertEquals(1 + 2 * 3, lens.steps().size());
            assertEquals(12 + 3, lens.units().size());
            float[] output = Tensors.floats(residuals.output());
            assertArrayEquals(output, lens.steps().get(6).embeddings(), 1e-4f);
            assertArrayEquals(output, lens.units().get(14).embeddings(), 1e-4f);
            assertEquals(5, lens.units().get(14).before());
        }
    }

    /** What a class token's embedding and MLPs write stands at the class token; pooled tokens have their own. */
    @ParameterizedTest
    @EnumSource(Read.class)
    void othersThanHeads_standWhereTheyWrite(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            TokenTrace trace = TokenTrace.of(RandomTower.of(read, 5), RandomTower.pixels(1, 6));
            TokenMap map = trace.alongAll(0, axis(trace.shape().sharedWidth(), 0));
            double[] mlp = map.of(trace.shape().mlpIds().get(1));
            long patches = Arrays.stream(map.patches(mlp)).filter(v -> v != 0).count();
            assertEquals(read == Read.CLASS_TOKEN ? 0 : 12, patches);
        }
    }
}
