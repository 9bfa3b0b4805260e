package io.residual.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetrievalTest {
    /** Six images along a circle; the texts are the images, but for the second and third, which are exchanged. */
    @Test
    void recall_countsWhoIsNearest() {
        float[] images = new float[12];
        float[] texts = new float[12];
        int[] of = {0, 2, 1, 3, 4, 5};
        for (int i = 0; i < 6; i++) {
            double angle = .3 * i;
            double other = .3 * of[i];
            images[2 * i] = (float) (7 * Math.cos(angle)); // length does not matter
            images[2 * i + 1] = (float) (7 * Math.sin(angle));
            texts[2 * i] = (float) Math.cos(other);
            texts[2 * i + 1] = (float) Math.sin(other);
        }
        try (NativeScope scope = NativeScope.inference()) {
            Retrieval different = Retrieval.of(
                    Tensors.of(images, 6, 2), Tensors.of(texts, 6, 2), List.of("a", "b", "c", "d", "e", "f"));
            assertEquals(4 / 6.0, different.textOfImage1(), 1e-12);
            assertEquals(1, different.textOfImage5(), 1e-12);
            assertEquals(4 / 6.0, different.imageOfText1(), 1e-12);
            // With one caption for the exchanged two, either is right.
            Retrieval same = Retrieval.of(
                    Tensors.of(images, 6, 2), Tensors.of(texts, 6, 2), List.of("a", "b", "b", "d", "e", "f"));
            assertEquals(1, same.textOfImage1(), 1e-12);
            assertEquals(1, same.imageOfText1(), 1e-12);
        }
    }
}
