package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.adapt.Cached;
import io.residual.base.Progress;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class TipFitTest {
    /** Four corners around a large common mean; opposite corners are of one class, so that only near images tell. */
    private static Samples corners(int n, long seed) {
        Random random = new Random(seed);
        float[] y = new float[n * 3];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            double first = i % 2 == 0 ? 1 : -1;
            double second = i / 2 % 2 == 0 ? 1 : -1;
            y[3 * i] = 10;
            y[3 * i + 1] = (float) (first + .2 * random.nextGaussian());
            y[3 * i + 2] = (float) (second + .2 * random.nextGaussian());
            labels[i] = first == second ? 0 : 1;
        }
        Tensor all = Tensors.of(y, n, 3);
        return new Samples(new Cached(all, all.narrow(1, 0, 0)), labels);
    }

    /** A model that is sure of one class, in a tower whose cosines are all above .96: strong, sharp votes put it right. */
    @Test
    void embeddingsThatAreAllAlike_areToldApartByNearImages() {
        try (NativeScope scope = NativeScope.inference()) {
            Samples train = corners(16, 1);
            Samples validation = corners(40, 2);
            Classifier sure = new Classifier(List.of("a", "b"), new float[] {200, 0, 0, 0, 0, 0});
            Trainer.Fitted fitted = new TipFit(train, validation, sure, 0, Progress.silent()).fit(false);
            assertEquals(1, fitted.best().validationAccuracy());
        }
    }
}
