package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Classes that are means of the training images must not seem to know an image that is left out. */
class LabelledTest {
    private static final int[] LABELS = {0, 1, 2, 0, 1, 0, 2, 2, 1, 0, 2, 3};
    private static final int D = 8;
    private static final double SCALE = 17;

    private final Random random = new Random(5);
    private final double[][] y = new double[LABELS.length][D];

    LabelledTest() {
        for (double[] row : y) {
            for (int j = 0; j < D; j++) {
                row[j] = random.nextGaussian() + 1;
            }
        }
    }

    /** s times the mean of a class's images, without one of them (or with all: −1). */
    private double[] mean(int c, int without) {
        double[] mean = new double[D];
        int k = 0;
        for (int i = 0; i < y.length; i++) {
            if (LABELS[i] == c && i != without) {
                k++;
                for (int j = 0; j < D; j++) {
                    mean[j] += SCALE * y[i][j];
                }
            }
        }
        for (int j = 0; j < D; j++) {
            mean[j] /= k;
        }
        return mean;
    }

    private static double dot(double[] a, double... b) {
        double sum = 0;
        for (int j = 0; j < D; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }

    private Labelled labelled(double shift) {
        float[] text = new float[4 * D];
        for (int c = 0; c < 4; c++) {
            double[] mean = mean(c, -1);
            for (int j = 0; j < D; j++) {
                text[j * 4 + c] = (float) (mean[j] + shift * random.nextGaussian());
            }
        }
        double[] outputs = new double[y.length * D];
        for (int i = 0; i < y.length; i++) {
            System.arraycopy(y[i], 0, outputs, i * D, D);
        }
        return Labelled.of(Tensors.of(outputs, y.length, D), LABELS, new Classifier(List.of("a", "b", "c", "d"), text));
    }

    @Test
    void meansOfTheImages_areTakenWithoutTheImage() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = labelled(0);
            double[] logits = Tensors.doubles(given.zeroShotWithout(given.counts()));
            double[] cosines = Tensors.doubles(given.cosinesWithout(given.counts()));
            double leak = 0;
            double[] plain = Tensors.doubles(given.zeroShot());
            for (int i = 0; i < y.length; i++) {
                double norm = Math.sqrt(dot(y[i], y[i]));
                for (int c = 0; c < 4; c++) {
                    boolean only = LABELS[i] == 3; // the one image of its class cannot be left out of it
                    double[] t = mean(c, LABELS[i] == c && !only ? i : -1);
                    double logit = dot(y[i], t) / norm;
                    // The class embeddings are rounded to 32 bits: 1e-7 of some 50.
                    assertEquals(logit, logits[4 * i + c], 1e-4);
                    assertEquals(logit / Math.sqrt(dot(t, t)), cosines[4 * i + c], 1e-5);
                    leak = Math.max(leak, Math.abs(logit - plain[4 * i + c]));
                }
            }
            assertTrue(leak > 1, "leaving out makes a difference here: " + leak);
        }
    }

    @Test
    void otherClasses_stayAsTheyAre() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = labelled(.5);
            Tensor plain = given.zeroShot();
            double[] without = Tensors.doubles(given.zeroShotWithout(given.counts()));
            double[] all = Tensors.doubles(plain);
            for (int i = 0; i < all.length; i++) {
                assertEquals(all[i], without[i], 0);
            }
        }
    }
}
