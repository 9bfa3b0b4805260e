package io.residual.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.adapt.Calibration.Decision;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestScoreTest {
    /** Two bins, by hand: (0.9, 0.92) with one right, and (0.5) wrong. */
    @Test
    void calibrationError_isTheGapWithinBins() {
        List<Decision> decisions = List.of(new Decision(0, .9), new Decision(1, .5), new Decision(0, .92));
        double first = Math.abs(1 - .9 - .92); // right once, of two in the same fifteenth
        double second = .5;
        assertEquals((first + second) / 3, TestScore.calibrationError(decisions, 0, 0, 1), 1e-12);
    }

    @Test
    void fewAccepted_areCounted_ratherThanGivenAsAPercentage() {
        assertEquals("7 of 7", new TestScore.Reliability(0, 0, .01, 1, 7, 7).rightOfAccepted());
        assertEquals("0 of 0", new TestScore.Reliability(0, 0, 0, Double.NaN, 0, 0).rightOfAccepted());
        assertEquals("95.0 %", new TestScore.Reliability(0, 0, .2, .95, 200, 190).rightOfAccepted());
    }

    @Test
    void certaintyThatIsAlwaysRight_hasNoError() {
        assertEquals(0, TestScore.calibrationError(List.of(new Decision(2, 1), new Decision(0, 1)), 2, 0), 0);
    }
}
