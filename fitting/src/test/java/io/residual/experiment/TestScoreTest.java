package io.residual.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.adapt.Calibration.Decision;
import io.residual.zeroshot.Accuracy;
import java.util.Arrays;
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

    /** Of the third class the test split has no image: it is not the worst. */
    @Test
    void worst_isTheClassWithTheLeastShare_amongThoseThatHaveImages() {
        TestScore.Reliability any = new TestScore.Reliability(0, 0, 0, Double.NaN, 0, 0);
        Accuracy half = new Accuracy(5, 10);
        TestScore score = new TestScore(
                new Accuracy(9, 20), any, Arrays.asList(half, new Accuracy(4, 10), null, new Accuracy(2, 5)));
        assertEquals(1, score.worst());
        assertEquals(half, score.classes().get(0));
        assertEquals(-1, new TestScore(half, any, Arrays.asList(null, null)).worst());
    }

    @Test
    void certaintyThatIsAlwaysRight_hasNoError() {
        assertEquals(0, TestScore.calibrationError(List.of(new Decision(2, 1), new Decision(0, 1)), 2, 0), 0);
    }
}
