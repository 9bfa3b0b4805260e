package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.Adapter;
import io.residual.experiment.TestScore;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The quantities of a fixture that were compared, each in its own measure. */
final class Found {
    private final Fixture fixture;
    private final List<Check> checks = new ArrayList<>();

    Found(Fixture fixture) {
        this.fixture = fixture;
    }

    /** All of them so far. */
    List<Check> checks() {
        return List.copyOf(checks);
    }

    void add(Check check) {
        checks.add(check);
    }

    /** How many things differ, of which none may. */
    void count(String quantity, int wrong, String what) {
        add(new Check(quantity, wrong, Tolerance.EXACT, what));
    }

    /** Values against the fixture's tensor of that name, if it has one. */
    void values(String quantity, float[] got) {
        if (fixture.expected().has(quantity)) {
            relative(quantity, got, fixture.floats(quantity), Tolerance.VALUES);
        }
    }

    /** The largest difference, relative to the largest expected value. */
    void relative(String quantity, float[] got, float[] want, double tolerance) {
        if (got.length != want.length) {
            String lengths = got.length + " numbers where the kit has " + want.length;
            add(new Check(quantity, Double.NaN, tolerance, lengths));
            return;
        }
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < want.length; i++) {
            largest = Math.max(largest, Math.abs(want[i]));
            double difference = Math.abs(got[i] - want[i]);
            worst = Math.max(worst, difference); // NaN stays
        }
        add(new Check(quantity, worst / largest, tolerance, "relative to the largest value"));
    }

    /** The largest difference. */
    void absolute(String quantity, double[] got, double[] want, double tolerance) {
        if (got.length != want.length) {
            add(new Check(quantity, Double.NaN, tolerance, got.length + " where the kit has " + want.length));
            return;
        }
        double worst = 0;
        for (int i = 0; i < got.length; i++) {
            double difference = Math.abs(got[i] - want[i]);
            worst = Math.max(worst, difference); // NaN stays
        }
        add(new Check(quantity, worst, tolerance, "absolute"));
    }

    /** The same with expected values of 32 bits. */
    void absolute(String quantity, double[] got, float[] want, double tolerance) {
        double[] wide = new double[want.length];
        Arrays.setAll(wide, i -> want[i]);
        absolute(quantity, got, wide, tolerance);
    }

    /** The share of right answers, where the fixture has one. */
    void accuracy(String quantity, JsonNode want, Adapter adapter, Classifier classifier, TraceBlock block) {
        if (want.isNumber()) {
            double got =
                    TestScore.of(adapter, classifier, fixture.asTrace(block)).value();
            add(new Check(quantity, Math.abs(got - want.doubleValue()), Tolerance.COUNTED, "absolute"));
        }
    }
}
