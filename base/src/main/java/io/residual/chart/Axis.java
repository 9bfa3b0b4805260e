package io.residual.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A range of numbers with round ticks: steps of 1, 2, 2.5 or 5 times a power of ten, whole ones for whole numbers. */
record Axis(double low, double high, List<Double> ticks, int decimals) {
    /** Of exactly this range; {@code whole}: only whole numbers have a meaning. */
    static Axis of(double low, double high, int most, boolean whole) {
        double span = high > low ? high - low : 1;
        double power = Math.pow(10, Math.floor(Math.log10(span / most)));
        double step = power * 10;
        for (double times : new double[] {1, 2, 2.5, 5}) {
            if (times * power >= span / most * .999) {
                step = times * power;
                break;
            }
        }
        if (whole) {
            step = step < 1 ? 1 : Math.rint(step) == step ? step : Math.ceil(step);
        }
        List<Double> ticks = new ArrayList<>();
        for (double k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
            ticks.add(k * step + 0.0); // no −0
        }
        return new Axis(low, high, List.copyOf(ticks), decimals(step));
    }

    /** Of a range that begins and ends at ticks. */
    static Axis around(double low, double high, int most) {
        Axis inner = of(low, high, most, false);
        if (inner.ticks.size() < 2) {
            return inner;
        }
        double step = inner.ticks.get(1) - inner.ticks.get(0);
        return of(Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step, most + 1, false);
    }

    private static int decimals(double step) {
        for (int d = 0; d < 9; d++) {
            double scaled = step * Math.pow(10, d);
            if (Math.abs(scaled - Math.rint(scaled)) < 1e-6 * Math.max(1, scaled)) {
                return d;
            }
        }
        return 9;
    }

    /** Place of a value from 0 to 1. */
    double share(double value) {
        return high > low ? (value - low) / (high - low) : .5;
    }

    String name(double tick) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", tick).replace("-", "−");
    }
}
