package io.residual.sweep;

import io.residual.adapt.Method;
import io.residual.fit.AlignmentSettings.Epochs;
import io.residual.fit.AlignmentSettings.Fitting;
import io.residual.fit.AlignmentSettings.Path;
import io.residual.images.Preprocessing;
import io.residual.sweep.Sweep.Variant;
import io.residual.units.Tracer;
import io.residual.units.UnitShape;
import java.util.Collections;
import java.util.Locale;
import java.util.Random;

/**
 * An estimate of the cost of a sweep on this machine, from tracing a few synthetic images and arithmetic; good to a
 * factor of two.
 *
 * @param traceSeconds seconds to trace an image
 * @param shape of the model
 */
record SweepCost(double traceSeconds, UnitShape shape) {
    private static final int IMAGES = 32;

    /** Products of this size run at about this many operations a second on a core or two; it only steers the estimate. */
    private static final double OPERATIONS = 4e10;

    /** Cost of a training step with its gradients and the validation pass, relative to a trace. */
    private static final double TUNING = 3.5;

    /** Measures the speed of a model. */
    static SweepCost of(Tracer tracer) {
        Preprocessing p = tracer.model().preprocessing();
        float[] pixels = new float[IMAGES * 3 * p.inputHeight() * p.inputWidth()];
        Random random = new Random(1);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        int[] labels = new int[IMAGES];
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 3; i++) {
            long started = System.nanoTime();
            tracer.encode(pixels, labels, Collections.nCopies(IMAGES, "made up"));
            best = Math.min(best, (System.nanoTime() - started) / 1e9 / IMAGES);
        }
        return new SweepCost(best, tracer.frame().shape());
    }

    /** Seconds to fit a variant. */
    double fit(Variant variant, int images) {
        double d = shape.sharedWidth();
        double ofHead = shape.coordinates(shape.headIds().get(0));
        double k =
                switch (variant.method()) {
                    case BASE, PROBE -> 0;
                    case FULL -> 0;
                    case LINEAR, OUTPUT_SPECTRAL -> d;
                    case TIP, TIP_TUNED -> images;
                    case RESIDUAL -> shape.allHeads() * ofHead + (shape.others() - 1) * d;
                    case RESIDUAL_STAR -> shape.allHeads() * ofHead / 4;
                    case COARSE -> shape.allHeads() * (ofHead + 1);
                };
        if (variant.method() == Method.FULL) {
            return TUNING * variant.settings().tuning().epochs() * images * traceSeconds;
        }
        Fitting fitting = variant.settings().alignment().fitting();
        double passes = fitting instanceof Epochs epochs
                ? epochs.epochs()
                : fitting instanceof Path path ? path.penalties().size() * path.iterations() * .7 : 0;
        return .3 + passes * 6 * images * k * d / OPERATIONS;
    }

    /** Bytes on disk of a traced image in 32-bit floats. */
    long bytes() {
        return 4 * shape.kept();
    }

    /** Formats seconds. */
    static String time(double seconds) {
        return seconds < 90
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : seconds < 5400
                        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
                        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }

    /** Formats bytes. */
    static String size(double bytes) {
        return bytes < 1e9
                ? String.format(Locale.ROOT, "%.0f MB", bytes / 1e6)
                : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
