package io.residual.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.alignment.Calibration.Decision;
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
    void certaintyThatIsAlwaysRight_hasNoError() {
        assertEquals(0, TestScore.calibrationError(List.of(new Decision(2, 1), new Decision(0, 1)), 2, 0), 0);
    }
}
