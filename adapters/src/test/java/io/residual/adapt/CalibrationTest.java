package io.residual.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.data.Split;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import io.residual.zeroshot.Temperature;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationTest {
    /** Images of two classes whose embedding is (cos, sin) of an angle: classifier and embedding give any logits. */
    private static <S extends Split> Trace<S> trace(double[] angles, int... labels) {
        UnitShape shape = new UnitShape(1, 1, 1, 2);
        float[] output = new float[angles.length * 2];
        for (int i = 0; i < angles.length; i++) {
            output[2 * i] = (float) Math.cos(angles[i]);
            output[2 * i + 1] = (float) Math.sin(angles[i]);
        }
        int n = angles.length;
        TraceBlock block = new TraceBlock(
                shape,
                new float[n],
                new float[2 * n],
                new float[4 * n],
                output,
                labels,
                Collections.nCopies(n, "made up"));
        return new Trace<>(
                new UnitFrame(shape, new float[8]), List.of(block), List.of(), Provenance.now("", "", 0, 0, Map.of()));
    }

    private static Classifier axes(float scale) {
        return new Classifier(List.of("x", "y"), new float[] {scale, 0, 0, scale});
    }

    /** Labels drawn from the very probabilities of logits, whose logits are then made too large by a known factor. */
    @Test
    void temperature_isTheFactorByWhichLogitsAreTooLarge() {
        Random random = new Random(5);
        double factor = 3.5;
        int n = 40_000;
        double[] logits = new double[3 * n];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            double[] true3 = {random.nextGaussian() * 2, random.nextGaussian() * 2, random.nextGaussian() * 2};
            double[] p = Temperature.probabilities(true3, 0, 3, 1);
            double u = random.nextDouble();
            labels[i] = u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
            for (int c = 0; c < 3; c++) {
                logits[3 * i + c] = true3[c] * factor;
            }
        }
        // The estimate's own deviation with 40,000 labels is about half a percent.
        assertEquals(factor, Temperature.fit(List.of(logits), 3, labels), .06);
    }

    @Test
    void probabilities_areTheSoftmax_andSurviveLargeLogits() {
        assertArrayEquals(
                new double[] {1 / (1 + Math.E), Math.E / (1 + Math.E)},
                Temperature.probabilities(new double[] {9, 0, 2}, 1, 2, 2),
                1e-15);
        assertArrayEquals(new double[] {1, 0}, Temperature.probabilities(new double[] {1e4, -1e4}, 0, 2, 1), 0);
    }

    @Test
    void threshold_keepsTheMostImagesThatAreAsRightAsAsked() {
        // From surest to least sure: right 8 times, wrong, right, wrong, wrong. Class x; the angle says how sure.
        double[] angles = new double[12];
        int[] labels = new int[12];
        for (int i = 0; i < 12; i++) {
            angles[i] = .05 * (i + 1);
            labels[i] = i == 8 || i > 9 ? 1 : 0;
        }
        Trace<Split.Validation> validation = trace(angles, labels);
        Calibration ninety = Calibration.fit(new Adapter.Identity(), axes(10), validation, .9);
        assertEquals(10 / 12.0, ninety.coverage(), 1e-12); // 9 of 10 right; 9 of 11 would not do
        assertEquals(.9, ninety.accuracy(), 1e-12);
        Calibration all = Calibration.fit(new Adapter.Identity(), axes(10), validation, .75);
        assertEquals(1, all.coverage(), 1e-12);
        assertEquals(0, all.threshold(), 0);
        Calibration certain = Calibration.fit(new Adapter.Identity(), axes(10), validation, 1);
        assertEquals(8 / 12.0, certain.coverage(), 1e-12);
        // The threshold is just below the last accepted image's own probability, so that image is accepted.
        int accepted = 0;
        for (Calibration.Decision d : Calibration.decisions(
                Calibration.logits(new Adapter.Identity(), axes(10), validation), 2, certain.temperature())) {
            accepted += d.probability() >= certain.threshold() ? 1 : 0;
        }
        assertEquals(8, accepted);
    }

    /** Six sure and right; then four equal images but for rounding, the least sure of them wrong. */
    @Test
    void threshold_treatsEqualImagesAlike() {
        double[] angles = {.01, .02, .03, .04, .05, .06, .3, .3 + 1e-7, .3 + 2e-7, .3 + 3e-7};
        Trace<Split.Validation> validation = trace(angles, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
        Calibration strict = Calibration.fit(new Adapter.Identity(), axes(10), validation, .95);
        assertEquals(.6, strict.coverage(), 1e-12);
        Trace<Split.Validation> more = trace(
                new double[] {.01, .02, .03, .04, .05, .06, .3, .3 + 1e-7, .3 + 2e-7, .3 + 3e-7, .7},
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                1,
                1);
        Calibration loose = Calibration.fit(new Adapter.Identity(), axes(10), more, .9);
        assertEquals(10 / 11.0, loose.coverage(), 1e-12);
        Trace<Split.Validation> again = trace(new double[] {.3 + 4e-7, .3 + 5e-7}, 0, 0);
        for (Calibration.Decision d : Calibration.decisions(
                Calibration.logits(new Adapter.Identity(), axes(10), again), 2, loose.temperature())) {
            assertTrue(d.probability() >= loose.threshold(), "an equal image is accepted as well");
        }
    }

    @Test
    void anAccuracyOutOfReach_isSaidSo() {
        Trace<Split.Validation> validation = trace(new double[] {.1, .2, .3, .4}, 1, 0, 1, 1);
        Calibration calibration = Calibration.fit(new Adapter.Identity(), axes(10), validation, .95);
        assertTrue(calibration.accuracy() < .95);
        assertEquals(.5, calibration.accuracy(), 1e-12); // the surest two: one right, the best there is
        assertEquals(.95, calibration.targetAccuracy(), 0);
    }
}
