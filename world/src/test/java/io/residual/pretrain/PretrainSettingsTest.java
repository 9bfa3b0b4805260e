package io.residual.pretrain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PretrainSettingsTest {
    /** A thousand steps. */
    private static final PretrainSettings SETTINGS = new PretrainSettings(64_000, 64, .002, 1, 100);

    @Test
    void steps_areWholeBatches() {
        assertEquals(1000, SETTINGS.steps());
        assertEquals(12, new PretrainSettings(103, 8, .1, 1, 4).steps());
    }

    @ParameterizedTest
    @CsvSource({
        "0, .00002", // a hundredth
        "49, .001", // half the warm-up
        "99, .002",
        "100, .002",
        "499, .002",
        "500, .002", // the cosine begins at its top
        "750, .001", // and is half-way down in the middle of its half
        "625, .0017071067811865475", // (1 + √½) / 2
        "875, .0002928932188134525", // (1 − √½) / 2
    })
    void rateAt_warmsUpStaysAndFalls(long step, double rate) {
        assertEquals(rate, SETTINGS.rateAt(step), 1e-15); // roundings of numbers of about .001
    }

    @Test
    void rateAt_neverRisesAfterTheWarmUpAndEndsNearNothing() {
        for (PretrainSettings settings : new PretrainSettings[] {SETTINGS, PretrainSettings.DEFAULT}) {
            for (long step = 100; step < settings.steps(); step++) {
                assertTrue(settings.rateAt(step) <= settings.rateAt(step - 1));
                assertTrue(settings.rateAt(step) > 0);
            }
            // One step before the end the cosine stands at about (π / steps)² of the rate.
            double last = settings.rateAt(settings.steps() - 1);
            assertEquals(Math.pow(Math.PI / settings.steps(), 2), last / settings.rate(), 1e-9);
        }
    }

    @Test
    void easyAt_isTwoOfThreeStepsOfTheFirstTwoFifths() {
        assertFalse(SETTINGS.easyAt(0));
        assertTrue(SETTINGS.easyAt(1));
        assertTrue(SETTINGS.easyAt(2));
        assertFalse(SETTINGS.easyAt(3));
        assertEquals(266, LongStream.range(0, 400).filter(SETTINGS::easyAt).count());
        assertEquals(0, LongStream.range(400, 1000).filter(SETTINGS::easyAt).count());
    }

    @Test
    void confusableAt_isEverySecondStepAfterTheFirst250() {
        assertEquals(
                0,
                LongStream.rangeClosed(0, 250)
                        .filter(PretrainSettings::confusableAt)
                        .count());
        assertFalse(PretrainSettings.confusableAt(251));
        assertTrue(PretrainSettings.confusableAt(252));
        assertEquals(
                50,
                LongStream.range(300, 400)
                        .filter(PretrainSettings::confusableAt)
                        .count());
    }
}
