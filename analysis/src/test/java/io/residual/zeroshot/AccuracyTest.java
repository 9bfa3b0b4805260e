package io.residual.zeroshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccuracyTest {
    /** Wilson intervals from the published formula, evaluated in 40-digit decimal arithmetic. */
    @ParameterizedTest
    @CsvSource({
        "0, 10, 0.0, 0.2775327998628892",
        "5, 10, 0.2365930905125640, 0.7634069094874360",
        "81, 263, 0.2552885198782742, 0.3662095769828001",
        "1000, 1000, 0.9961732415144449, 1.0",
    })
    void interval_isWilsons(int right, int of, double low, double high) {
        Accuracy accuracy = new Accuracy(right, of);
        assertEquals(low, accuracy.low(), 1e-9);
        assertEquals(high, accuracy.high(), 1e-9);
    }

    @Test
    void interval_holdsTheValue() {
        for (int right = 0; right <= 40; right++) {
            Accuracy accuracy = new Accuracy(right, 40);
            assertTrue(accuracy.low() <= accuracy.value() && accuracy.value() <= accuracy.high());
        }
    }

    @Test
    void impossibleCounts_areRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Accuracy(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Accuracy(3, 2));
        assertThrows(IllegalArgumentException.class, () -> new Accuracy(-1, 2));
    }
}
