package io.residual.tensor;

import io.residual.base.InputException;
import java.util.Locale;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Checks that numbers are finite. Wrong or very large weights produce NaN and infinities, which look like a valid
 * answer after a softmax or a comparison. Numbers are therefore checked where they leave a model and where they enter a
 * file.
 */
public final class Finite {
    /** The remedy where a model's own numbers are not finite. */
    public static final String SELF_CHECK = "Check the model with residual self-check";

    /** Tolerance for the length of a unit vector after rounding. */
    private static final double SLACK = 1e-2;

    private Finite() {}

    /**
     * Returns the values if all of them are finite.
     *
     * @param where the place, as for {@link InputException#at}
     * @param remedy as for {@link InputException#at}
     * @throws InputException naming the first value that is not finite
     */
    public static float[] require(float[] values, Object where, String remedy) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw refused(where, value, remedy);
            }
        }
        return values;
    }

    /** As {@link #require(float[], Object, String)}. */
    public static double[] require(double[] values, Object where, String remedy) {
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw refused(where, value, remedy);
            }
        }
        return values;
    }

    /** As {@link #require(float[], Object, String)}, of a tensor of any type and shape. */
    public static Tensor require(Tensor values, Object where, String remedy) {
        double largest = Ops.maxAbs(values.to(ScalarType.Float)); // which NaN is, if there is one
        if (!Double.isFinite(largest)) {
            throw refused(where, largest, remedy);
        }
        return values;
    }

    private static InputException refused(Object where, double value, String remedy) {
        return InputException.at(where, String.valueOf(value), "finite numbers", remedy);
    }

    /**
     * Returns embeddings if each of them has a direction. Zero vectors have none, nor do vectors with numbers that are
     * not finite or whose squares overflow 32 bits.
     *
     * @param embeddings [n, D]
     * @param where names the place of a row
     * @throws InputException for the first row without a direction
     */
    public static Tensor requireDirections(Tensor embeddings, IntFunction<?> where, String remedy) {
        float[] unit = Tensors.floats(Ops.normalise(embeddings.detach()));
        int rows = Math.toIntExact(embeddings.size(0));
        int width = rows == 0 ? 0 : unit.length / rows;
        for (int i = 0; i < rows; i++) {
            double squares = 0;
            for (int j = 0; j < width; j++) {
                squares += (double) unit[i * width + j] * unit[i * width + j];
            }
            if (!(Math.abs(squares - 1) < SLACK)) {
                float[] row = Tensors.floats(embeddings.detach().narrow(0, i, 1));
                throw InputException.at(where.apply(i), "an embedding of length " + length(row), "a direction", remedy);
            }
        }
        return embeddings;
    }

    private static String length(float... row) {
        double squares = 0;
        for (float value : row) {
            squares += (double) value * value;
        }
        return String.format(Locale.ROOT, "%.3g", Math.sqrt(squares));
    }
}
