package io.residual.spectrum;

import io.residual.base.Progress;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The nearest images of every image by the cosine of their centred embeddings, the nearest first.
 *
 * @param count k
 * @param images [n, k], numbers of images; −1 where there is none
 * @param cosines [n, k]
 */
public record Neighbours(int count, int[] images, float[] cosines) {
    private static final int BLOCK = 512;

    /** All pairs are compared, a block of rows at a time. */
    public static Neighbours of(Features features, int count, Progress progress) {
        int n = features.known().length;
        int[] rows = features.rows();
        int[] images = new int[n * count];
        float[] cosines = new float[n * count];
        Arrays.fill(images, -1);
        progress.start("comparing embeddings", rows.length);
        try (NativeScope scope = NativeScope.inference()) {
            Tensor all = features.centred(rows);
            Tensor turned = all.t().contiguous();
            for (int from = 0; from < rows.length; from += BLOCK) {
                int size = Math.min(BLOCK, rows.length - from);
                int first = from;
                try (NativeScope block = NativeScope.inference()) {
                    float[] products = Tensors.floats(all.narrow(0, from, size).matmul(turned));
                    IntStream.range(0, size).parallel().forEach(i -> {
                        int image = rows[first + i];
                        nearest(products, i * rows.length, first + i, rows, images, cosines, image * count, count);
                    });
                }
                progress.at(from + size);
            }
        }
        progress.finish();
        return new Neighbours(count, images, cosines);
    }

    /** Insertion into a short sorted list. */
    private static void nearest(
            float[] products, int at, int self, int[] rows, int[] images, float[] cosines, int into, int count) {
        int filled = 0;
        for (int j = 0; j < rows.length; j++) {
            float cosine = products[at + j];
            if (j == self || (filled == count && cosine <= cosines[into + count - 1])) {
                continue;
            }
            int place = filled < count ? filled++ : count - 1;
            while (place > 0 && cosines[into + place - 1] < cosine) {
                cosines[into + place] = cosines[into + place - 1];
                images[into + place] = images[into + place - 1];
                place--;
            }
            cosines[into + place] = cosine;
            images[into + place] = rows[j];
        }
    }

    /** A near image, by rank; −1 where there is none. */
    public int image(int of, int rank) {
        return images[of * count + rank];
    }

    /** Its cosine. */
    public float cosine(int of, int rank) {
        return cosines[of * count + rank];
    }
}
