package io.residual.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;

/** Sides that take turns: one round warms up, then each repetition runs every side once, so that all see the same machine. */
final class Rounds {
    private static final long PAUSE = 300; // milliseconds, in which the other side's threads fall asleep

    private final Map<String, DoubleSupplier> sides = new LinkedHashMap<>();

    /** Adds a side that gives what it measured. */
    Rounds add(String name, DoubleSupplier side) {
        sides.put(name, side);
        return this;
    }

    /** Runs; gives each side's values. */
    Map<String, double[]> run(int repetitions) {
        Map<String, double[]> values = new LinkedHashMap<>();
        sides.keySet().forEach(name -> values.put(name, new double[repetitions]));
        for (int round = -1; round < repetitions; round++) {
            for (Map.Entry<String, DoubleSupplier> side : sides.entrySet()) {
                pause();
                double value = side.getValue().getAsDouble();
                if (round >= 0) {
                    Objects.requireNonNull(values.get(side.getKey()))[round] = value;
                }
            }
        }
        return values;
    }

    /** The values as measures of one unit. */
    static List<Result.Measure> measures(Map<String, double[]> values, String unit) {
        List<Result.Measure> all = new ArrayList<>();
        values.forEach((name, v) -> all.add(new Result.Measure(name, unit, v)));
        return all;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
