package io.residual.explorer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.Calibration.Decision;
import io.residual.data.DatasetSpec;
import io.residual.data.Prompts;
import io.residual.provenance.Provenance;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import io.residual.zeroshot.PairedDifference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** The test's figure is the headline; the validation images' is a sentence of its own, and no sentence has both. */
    @Test
    void anAdapterThatWasTested_isJudgedByItsTest() {
        Calibration calibration = new Calibration(1, 0, .95, 1, 1);
        List<Integer> labels = List.of(0, 0, 0, 0);
        List<Decision> wrong =
                List.of(new Decision(0, .9), new Decision(1, .9), new Decision(1, .9), new Decision(1, .9));
        List<Decision> right =
                List.of(new Decision(0, .9), new Decision(0, .9), new Decision(0, .9), new Decision(0, .9));
        AdapterFile untested = AdapterFile.untested(
                new Adapter.Identity(),
                new Classifier(List.of("a", "b"), new float[] {1, 0, 0, 1}),
                new Prompts(List.of("a", "b"), List.of("{}")),
                new DatasetSpec("photos", 0, 0, 0, .2, .2, 42),
                1,
                calibration,
                new Provenance("0.1.0", "2026-11-28T12:00:00Z", "m", "d", 42, 1e-6, Map.of(), null),
                null);
        // 168 of 200 right, 40 of them only with the adapter; 14 only without: 142 of 200 without
        AdapterFile tested = untested.warned(List.of("30 validation images are few"))
                .tested(new AdapterFile.Tested(new Accuracy(168, 200), new PairedDifference(40, 14, 200)));
        Verdicts verdicts = new Verdicts(labels, wrong, right, calibration, calibration);
        JsonNode said = Conclusion.json(verdicts, 2, new ReportSource.Named("a", tested), List.of())
                .path("sentences");
        String first = said.path(0).asText();
        assertTrue(first.contains("84.0 % of 200 test images, the unadapted model on 71.0 %: +13.0 points"), first);
        assertFalse(first.contains("validation"), first);
        String second = said.path(1).asText();
        assertTrue(second.contains("100.0 % of 4 validation images") && !second.contains("test"), second);
        assertEquals("Note: 30 validation images are few.", said.path(2).asText());
        String elsewhere = Conclusion.json(verdicts, 2, new ReportSource.Named("a", tested, true), List.of())
                .path("sentences")
                .path(0)
                .asText();
        assertTrue(
                elsewhere.startsWith("On these images (the adapter was fitted on photos) ")
                        && elsewhere.contains("100.0 % of 4 validation images")
                        && !elsewhere.contains("84.0"),
                elsewhere);
        String alone = Conclusion.json(verdicts, 2, new ReportSource.Named("a", untested), List.of())
                .path("sentences")
                .path(0)
                .asText();
        assertTrue(alone.contains("optimistic; the adapter is untested"), alone);
    }

    private static String method(
            String label, int parameters, double validation, double test, double low, double high) {
        return "{\"label\": \"" + label + "\", \"parameters\": " + parameters + ", \"validation_accuracy\": "
                + validation + ", \"test_accuracy\": " + test + ", \"test_interval_95\": [" + low + ", " + high + "]}";
    }
}
