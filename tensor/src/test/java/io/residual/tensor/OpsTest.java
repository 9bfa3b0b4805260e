package io.residual.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each operation against its definition in plain Java. */
class OpsTest {
    /** Both sides compute in doubles on a few numbers of about 1; only the order of additions differs. */
    private static final double DOUBLES = 1e-12;

    /** Sums of a dozen floats of about 1, each rounded to 6e-8. */
    private static final double FLOATS = 1e-5;

    private final SplittableRandom random = new SplittableRandom(11);
    private NativeScope scope = NativeScope.inference();

    @BeforeEach
    void openScope() {
        scope.close();
        scope = NativeScope.inference();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void linear_multipliesRowsWithTheTransposedWeight() {
        Tensor x = Tensors.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor weight = Tensors.of(new double[] {1, 0, -1, 2, 1, .5}, 2, 3);
        Tensor bias = Tensors.of(new double[] {10, 20}, 2);
        assertArrayEquals(new double[] {-2, 5.5, -2, 16}, Tensors.doubles(Ops.linear(x, weight, null)), DOUBLES);
        assertArrayEquals(new double[] {8, 25.5, 8, 36}, Tensors.doubles(Ops.linear(x, weight, bias)), DOUBLES);
    }

    @Test
    void layerNorm_isItsDefinition() {
        int rows = 3;
        int d = 5;
        double eps = .01; // large enough for a wrong place of it to show
        double[] x = normal(rows * d);
        double[] weight = normal(d);
        double[] bias = normal(d);
        double[] expected = new double[rows * d];
        for (int r = 0; r < rows; r++) {
            double mean = 0;
            for (int i = 0; i < d; i++) {
                mean += x[r * d + i] / d;
            }
            double variance = 0;
            for (int i = 0; i < d; i++) {
                variance += Math.pow(x[r * d + i] - mean, 2) / d;
            }
            for (int i = 0; i < d; i++) {
                expected[r * d + i] = (x[r * d + i] - mean) / Math.sqrt(variance + eps) * weight[i] + bias[i];
            }
        }
        Tensor actual = Ops.layerNorm(Tensors.of(x, rows, d), Tensors.of(weight, d), Tensors.of(bias, d), eps);
        assertArrayEquals(expected, Tensors.doubles(actual), DOUBLES);
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true"})
    void attention_isItsDefinition(boolean masked, boolean causal) {
        int batch = 2;
        int heads = 3;
        int tokens = 4;
        int width = 5;
        double[] q = normal(batch * heads * tokens * width);
        double[] k = normal(batch * heads * tokens * width);
        double[] v = normal(batch * heads * tokens * width);
        double[] mask = masked ? normal(batch * tokens * tokens) : new double[batch * tokens * tokens];
        if (masked) {
            mask[5] = Double.NEGATIVE_INFINITY;
        }
        double[] expected = new double[q.length];
        for (int b = 0; b < batch; b++) {
            for (int h = 0; h < heads; h++) {
                int at = (b * heads + h) * tokens * width;
                for (int i = 0; i < tokens; i++) {
                    double[] weights = new double[tokens];
                    double sum = 0;
                    for (int j = 0; j < (causal ? i + 1 : tokens); j++) {
                        double score = 0;
                        for (int c = 0; c < width; c++) {
                            score += q[at + i * width + c] * k[at + j * width + c];
                        }
                        weights[j] = Math.exp(score / Math.sqrt(width) + mask[(b * tokens + i) * tokens + j]);
                        sum += weights[j];
                    }
                    for (int j = 0; j < tokens; j++) {
                        for (int c = 0; c < width; c++) {
                            expected[at + i * width + c] += weights[j] / sum * v[at + j * width + c];
                        }
                    }
                }
            }
        }
        long[] shape = {batch, heads, tokens, width};
        Tensor maskTensor = masked ? Tensors.of(mask, batch, 1, tokens, tokens) : null;
        Tensor actual =
                Ops.attention(Tensors.of(q, shape), Tensors.of(k, shape), Tensors.of(v, shape), maskTensor, causal);
        assertArrayEquals(shape, Tensors.shape(actual));
        assertArrayEquals(expected, Tensors.doubles(actual), DOUBLES);
        // The towers compute in floats, for which the library may choose another kernel.
        Tensor inFloats = Ops.attention(
                floats(q, shape),
                floats(k, shape),
                floats(v, shape),
                masked ? floats(mask, batch, 1, tokens, tokens) : null,
                causal);
        assertArrayEquals(expected, Tensors.doubles(inFloats), FLOATS);
    }

    @Test
    void attention_ofFewerQueriesThanKeys_keepsTheQueries() {
        Tensor q = Tensors.of(normal(2 * 1 * 1 * 4), 2, 1, 1, 4);
        Tensor k = Tensors.of(normal(2 * 1 * 6 * 4), 2, 1, 6, 4);
        double[] ones = new double[2 * 6 * 4];
        java.util.Arrays.fill(ones, 1);
        Tensor actual = Ops.attention(q, k, Tensors.of(ones, 2, 1, 6, 4), null, false);
        assertArrayEquals(new long[] {2, 1, 1, 4}, Tensors.shape(actual));
        // Weights that sum to 1 leave a constant as it is.
        assertArrayEquals(new double[] {1, 1, 1, 1, 1, 1, 1, 1}, Tensors.doubles(actual), DOUBLES);
    }

    @Test
    void normalise_givesRowsOfLengthOne() {
        Tensor actual = Ops.normalise(Tensors.of(new double[] {3, 4, 0, -5, 12, 0, 1, 2, 2}, 3, 3));
        double[] expected = {.6, .8, 0, -5 / 13., 12 / 13., 0, 1 / 3., 2 / 3., 2 / 3.};
        assertArrayEquals(expected, Tensors.doubles(actual), DOUBLES);
    }

    @Test
    void crossEntropy_againstIndices_isTheMeanNegativeLogProbability() {
        double[] logits = normal(4 * 3);
        int[] labels = {2, 0, 1, 2};
        double expected = 0;
        for (int i = 0; i < 4; i++) {
            expected -= Math.log(softmax(logits, i, 3)[labels[i]]) / 4;
        }
        Tensor actual = Ops.crossEntropy(Tensors.of(logits, 4, 3), Tensors.indices(labels));
        assertEquals(expected, actual.item_double(), DOUBLES);
    }

    @Test
    void crossEntropy_againstRows_weighsTheirLogProbabilities() {
        double[] logits = normal(3 * 3);
        double[] targets = {1, 0, 0, .5, .5, 0, .2, .3, .5};
        double expected = 0;
        for (int i = 0; i < 3; i++) {
            double[] probabilities = softmax(logits, i, 3);
            for (int c = 0; c < 3; c++) {
                expected -= targets[i * 3 + c] * Math.log(probabilities[c]) / 3;
            }
        }
        Tensor actual = Ops.crossEntropy(Tensors.of(logits, 3, 3), Tensors.of(targets, 3, 3));
        assertEquals(expected, actual.item_double(), DOUBLES);
    }

    @Test
    void argmaxRows_isTheColumnOfTheLargest() {
        Tensor x = Tensors.of(new float[] {1, 9, 3, -4, -5, -6, 0, 1, 2}, 3, 3);
        assertArrayEquals(new int[] {1, 0, 2}, Tensors.ints(Ops.argmaxRows(x)));
    }

    @Test
    void catAndStack_joinAlongAnAxis() {
        Tensor a = Tensors.of(new float[] {1, 2, 3, 4}, 2, 2);
        Tensor b = Tensors.of(new float[] {5, 6, 7, 8}, 2, 2);
        requireEqual(Ops.cat(List.of(a, b), 0), new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2);
        requireEqual(Ops.cat(List.of(a, b), 1), new float[] {1, 2, 5, 6, 3, 4, 7, 8}, 2, 4);
        requireEqual(Ops.stack(List.of(a, b), 0), new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2);
        requireEqual(Ops.stack(List.of(a, b), 2), new float[] {1, 5, 2, 6, 3, 7, 4, 8}, 2, 2, 2);
    }

    @Test
    void scaleShiftMeanAndSum_areWhatTheySay() {
        Tensor x = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        requireEqual(Ops.scale(x, -2), new float[] {-2, -4, -6, -8, -10, -12}, 2, 3);
        requireEqual(Ops.shift(x, .5), new float[] {1.5f, 2.5f, 3.5f, 4.5f, 5.5f, 6.5f}, 2, 3);
        requireEqual(Ops.mean(x, 0), new float[] {2.5f, 3.5f, 4.5f}, 1, 3);
        requireEqual(Ops.mean(x, -1), new float[] {2, 5}, 2, 1);
        requireEqual(Ops.sum(x, 0), new float[] {5, 7, 9}, 3);
        requireEqual(Ops.sum(x, 1), new float[] {6, 15}, 2);
    }

    @Test
    void maxAbs_looksAtBothSignsAndAtNothing() {
        assertEquals(7, Ops.maxAbs(Tensors.of(new float[] {1, -7, 3}, 3)));
        assertEquals(4, Ops.maxAbs(Tensors.of(new float[] {1, -3, 4}, 3)));
        assertEquals(0, Ops.maxAbs(Tensors.empty(org.bytedeco.pytorch.global.torch.ScalarType.Float, 0, 3)));
    }

    private static void requireEqual(Tensor actual, float[] expected, long... shape) {
        assertArrayEquals(shape, Tensors.shape(actual));
        assertArrayEquals(expected, Tensors.floats(actual));
    }

    private static double[] softmax(double[] logits, int row, int columns) {
        double[] out = new double[columns];
        double sum = 0;
        for (int c = 0; c < columns; c++) {
            out[c] = Math.exp(logits[row * columns + c]);
            sum += out[c];
        }
        for (int c = 0; c < columns; c++) {
            out[c] /= sum;
        }
        return out;
    }

    private static Tensor floats(double[] values, long... shape) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensors.of(floats, shape);
    }

    private double[] normal(int length) {
        return IntStream.range(0, length)
                .mapToDouble(i -> random.nextDouble() * 4 - 2)
                .toArray();
    }
}
