package io.residual.zeroshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemperatureTest {
    private static final int CLASSES = 4;
    private static final int IMAGES = 60;

    /** Logits that are so many times too large need a temperature that is so many times as high. */
    @ParameterizedTest
    @ValueSource(doubles = {.1, 1, 10, 100, 3000})
    void temperature_growsWithTheLogits(double factor) {
        Random random = new Random(7);
        int[] labels = new int[IMAGES];
        double[] logits = new double[IMAGES * CLASSES];
        for (int i = 0; i < IMAGES; i++) {
            labels[i] = random.nextInt(CLASSES);
            for (int c = 0; c < CLASSES; c++) {
                logits[i * CLASSES + c] = random.nextGaussian() + (c == labels[i] ? 1 : 0);
            }
        }
        double once = Temperature.fit(List.of(logits), CLASSES, labels);
        assertTrue(once > .2 && once < 5, "" + once);
        double[] larger = Arrays.stream(logits).map(z -> factor * z).toArray();
        double found = Temperature.fit(List.of(larger), CLASSES, labels);
        assertEquals(1, found / factor / once, 1e-3); // the search stops within 1e-4 of ln T
    }

    /** Two classes whose logits differ by 3, all right: the smoothed loss is least where the label has p = (n + 1)/(n + 2). */
    @Test
    void imagesThatAreAllRight_areNotCertain() {
        double[] logits = {3, 0, 0, 3, 3, 0};
        double t = Temperature.cautious(List.of(logits), 2, 0, 1, 0);
        assertEquals(4.0 / 5, Temperature.probabilities(logits, 0, 2, t)[0], 1e-4);
        assertEquals(
                Temperature.fit(List.of(logits), 2, 0, 1, 1), Temperature.cautious(List.of(logits), 2, 0, 1, 1), 0);
    }
}
