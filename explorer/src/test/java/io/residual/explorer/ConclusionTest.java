package io.residual.explorer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Calibration;
import io.residual.adapt.Calibration.Decision;
import io.residual.zeroshot.PairedDifference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConclusionTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Against scipy.stats.binomtest(k, n).pvalue, and the interval by its definition. */
    @Test
    void pairedDifferences_haveTheirPAndInterval() {
        assertEquals(0.021484375, new PairedDifference(9, 1, 100).p(), 1e-12);
        assertEquals(0.7744140625, new PairedDifference(5, 7, 100).p(), 1e-12);
        assertEquals(1, new PairedDifference(3, 3, 10).p(), 0);
        assertEquals(1, new PairedDifference(0, 0, 10).p(), 0);
        assertFalse(new PairedDifference(0, 5, 10).told()); // p = 1/16
        assertTrue(new PairedDifference(0, 6, 10).told()); // p = 1/32
        PairedDifference some = new PairedDifference(9, 1, 100);
        assertEquals(.08, some.value(), 1e-12);
        // (8 ± 1.96 √(11 − 64/102)) / 102
        assertEquals(.01654562, some.low(), 1e-6);
        assertEquals(.14031712, some.high(), 1e-6);
    }

    @Test
    void chance_isCalledChance() {
        assertTrue(plain(26, 100, 4).contains("cannot be told from chance (25.0 % for 4 classes)"));
        assertFalse(plain(60, 100, 4).contains("chance"));
    }

    private static String plain(int right, int of, int classes) {
        List<Integer> labels = new ArrayList<>();
        List<Decision> decisions = new ArrayList<>();
        for (int i = 0; i < of; i++) {
            labels.add(0);
            decisions.add(new Decision(i < right ? 0 : 1, .9));
        }
        Calibration calibration = new Calibration(1, 0, .95, 1, 1);
        Verdicts verdicts = new Verdicts(labels, decisions, decisions, calibration, calibration);
        return Conclusion.json(verdicts, classes, null, List.of())
                .path("sentences")
                .path(0)
                .asText();
    }

    /** The method is the one that validation chooses, not the best on the test, and those with overlapping intervals are named. */
    @Test
    void methods_areChosenByValidation_andEqualsAreNamed() throws IOException {
        JsonNode result = MAPPER.readTree("{\"dataset\": \"d\", \"methods\": ["
                + method("Base", 0, .5, .5, .4, .6)
                + ","
                + method("A", 9, .9, .80, .75, .85)
                + ","
                + method("B", 5, .8, .84, .79, .89)
                + "]}");
        Calibration calibration = new Calibration(1, 0, .95, 1, 1);
        List<Decision> decisions = List.of(new Decision(0, .9));
        JsonNode said = Conclusion.json(
                new Verdicts(List.of(0), decisions, decisions, calibration, calibration),
                2,
                null,
                List.of(result, result));
        String first = said.path("sentences").path(0).asText();
        assertTrue(first.startsWith("On 2 of 2 test splits"), first);
        String one = said.path("sentences").path(2).asText();
        assertTrue(one.contains("validation chooses A; on the test split it reaches 80.0 %"), one);
        assertTrue(one.endsWith("Not clearly different (intervals overlap): B."), one);
    }

    private static String method(
            String label, int parameters, double validation, double test, double low, double high) {
        return "{\"label\": \"" + label + "\", \"parameters\": " + parameters + ", \"validation_accuracy\": "
                + validation + ", \"test_accuracy\": " + test + ", \"test_interval_95\": [" + low + ", " + high + "]}";
    }
}
