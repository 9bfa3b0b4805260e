package io.residual.spectrum;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Embeddings of images.
 *
 * @param width D
 * @param values [n, D], as the model gives them; zeros where there is none
 * @param known whether an image has one
 */
public record Features(int width, float[] values, boolean[] known) {
    /** Those of the images of a trace, in its order. */
    public static Features of(Trace<?> trace) {
        int width = trace.shape().sharedWidth();
        float[] values = new float[Math.multiplyExact(trace.size(), width)];
        int at = 0;
        for (TraceBlock block : trace.blocks()) {
            float[] output = block.output();
            System.arraycopy(output, 0, values, at, output.length);
            at += output.length;
        }
        boolean[] known = new boolean[trace.size()];
        Arrays.fill(known, true);
        return new Features(width, values, known);
    }

    /** These images and others after them. */
    public Features and(Features others) {
        float[] both = Arrays.copyOf(values, values.length + others.values.length);
        System.arraycopy(others.values, 0, both, values.length, others.values.length);
        boolean[] ofBoth = Arrays.copyOf(known, known.length + others.known.length);
        System.arraycopy(others.known, 0, ofBoth, known.length, others.known.length);
        return new Features(width, both, ofBoth);
    }

    /** Those of some images alone, as if the others had none. */
    public Features only(int... rows) {
        boolean[] some = new boolean[known.length];
        Arrays.stream(rows).forEach(i -> some[i] = known[i]);
        return new Features(width, values, some);
    }

    /** The images that have an embedding. */
    public int[] rows() {
        return IntStream.range(0, known.length).filter(i -> known[i]).toArray();
    }

    /** The mean of all embeddings, each of unit length: [D]. */
    public double[] mean() {
        double[] mean = new double[width];
        int[] rows = rows();
        for (int i : rows) {
            double length = length(i);
            for (int j = 0; j < width; j++) {
                mean[j] += values[i * width + j] / length / rows.length;
            }
        }
        return mean;
    }

    /** The distance of an embedding of unit length from the mean of all. */
    public double distance(int image, double... mean) {
        double square = 0;
        double length = length(image);
        for (int j = 0; j < width; j++) {
            double difference = values[image * width + j] / length - mean[j];
            square += difference * difference;
        }
        return Math.sqrt(Math.max(square, Double.MIN_NORMAL));
    }

    /** Embeddings of some images, of unit length after the mean of all was taken away: [m, D]. In this scope's native memory. */
    public Tensor centred(int... rows) {
        double[] mean = mean();
        float[] out = new float[rows.length * width];
        for (int r = 0; r < rows.length; r++) {
            double length = length(rows[r]);
            double distance = distance(rows[r], mean);
            for (int j = 0; j < width; j++) {
                out[r * width + j] = (float) ((values[rows[r] * width + j] / length - mean[j]) / distance);
            }
        }
        return Tensors.of(out, rows.length, width);
    }

    /** The images nearest to one by cosine among those that are admitted, itself left out. */
    public List<Integer> nearest(int to, int count, IntPredicate admitted) {
        record Near(int image, double cosine) {}
        return IntStream.of(rows())
                .filter(i -> i != to && admitted.test(i))
                .mapToObj(i -> new Near(i, product(i, to) / length(i)))
                .sorted(Comparator.comparingDouble((Near n) -> -n.cosine))
                .limit(count)
                .map(Near::image)
                .toList();
    }

    private double product(int i, int j) {
        double sum = 0;
        for (int k = 0; k < width; k++) {
            sum += (double) values[i * width + k] * values[j * width + k];
        }
        return sum;
    }

    /** The length of an embedding. */
    public double length(int i) {
        double square = 0;
        for (int j = i * width; j < (i + 1) * width; j++) {
            square += (double) values[j] * values[j];
        }
        return Math.sqrt(Math.max(square, Double.MIN_NORMAL));
    }

    /** The first two principal components of the embeddings, x and y of every image; NaN where there is none. */
    public float[] map() {
        int[] rows = rows();
        float[] out = new float[known.length * 2];
        Arrays.fill(out, Float.NaN);
        if (rows.length < 3 || width < 2) {
            return out;
        }
        try (NativeScope scope = NativeScope.inference()) {
            Tensor x = centred(rows);
            Tensor vectors = org.bytedeco
                    .pytorch
                    .global
                    .torch
                    .linalg_eigh(x.t().matmul(x))
                    .get1();
            float[] points =
                    Tensors.floats(x.matmul(vectors.narrow(1, width - 2L, 2)).contiguous());
            for (int r = 0; r < rows.length; r++) {
                out[rows[r] * 2] = points[r * 2 + 1];
                out[rows[r] * 2 + 1] = points[r * 2];
            }
        }
        return out;
    }
}
