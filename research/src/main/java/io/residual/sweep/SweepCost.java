package io.residual.sweep;

import io.residual.adapt.Method;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.AlignmentSettings.Epochs;
import io.residual.fit.AlignmentSettings.Fitting;
import io.residual.fit.AlignmentSettings.Path;
import io.residual.images.Preprocessing;
import io.residual.sweep.Sweep.Variant;
import io.residual.tensor.NativeScope;
import io.residual.units.Tracer;
import io.residual.units.UnitShape;
import java.util.Collections;
import java.util.Locale;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What work on this machine will cost at present, with whatever else it does: from a trace of a few made-up images, one product as
 * fits are made of, and the number of steps that fits took on record.
 *
 * @param traceSeconds to trace an image
 * @param operations a second in a large product
 * @param shape of the model
 */
record SweepCost(double traceSeconds, double operations, UnitShape shape) {
    private static final int WARM_UP = 8;
    private static final int IMAGES = 32;

    /** Of the product that is measured: rows, and columns of either factor. */
    private static final int ROWS = 256;

    private static final int COLUMNS = 768;

    /** Of a step of a fit for each image, component and direction: two products forward and back, and what surrounds them. */
    private static final double PRODUCTS = 8;

    /** A step costs so many operations besides its products: small tensors, validation. */
    private static final double STEP = 2e7;

    /** And so many for each parameter: the optimiser's own vectors. */
    private static final double PARAMETER = 8e3;

    /** And every fit so many before and after: coefficients, calibration, the adapter's file. */
    private static final double FIT = 5e9;

    /** Steps of a path for each of its strengths and iterations: most strengths need fewer than they may have. */
    private static final double STEPS = .85;

    /** With fewer images than this a path ends sooner, since validation is soon as good as it gets. */
    private static final double FEW = 96;

    /** Steps of ResiDual* + GDA for one of ResiDual*: it is fitted without each part of the images in turn. */
    private static final double IN_TURN = 2.5;

    /** Cost of a training step with its gradients and the validation pass, relative to a trace. */
    private static final double TUNING = 3.5;

    /** Measures the speed of a model. */
    static SweepCost of(Tracer tracer) {
        encode(tracer, WARM_UP); // the first pass sets much up
        double image = encode(tracer, IMAGES);
        return new SweepCost(image, product(), tracer.frame().shape());
    }

    /** Operations a second of a product of this size. */
    private static double product() {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor a = torch.ones(ROWS, COLUMNS);
            Tensor b = torch.ones(COLUMNS, COLUMNS);
            a.matmul(b);
            long started = System.nanoTime();
            int times = 20;
            for (int i = 0; i < times; i++) {
                a.matmul(b);
            }
            return 2.0 * times * ROWS * COLUMNS * COLUMNS / ((System.nanoTime() - started) / 1e9);
        }
    }

    /** Seconds an image that the tower takes for made-up ones. */
    private static double encode(Tracer tracer, int count) {
        Preprocessing p = tracer.model().preprocessing();
        float[] pixels = new float[count * 3 * p.inputHeight() * p.inputWidth()];
        Random random = new Random(1);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        int[] labels = new int[count];
        long started = System.nanoTime();
        tracer.encode(pixels, labels, Collections.nCopies(count, "made up"));
        return (System.nanoTime() - started) / 1e9 / count;
    }

    /** Seconds to fit a variant. */
    double fit(Variant variant, int images) {
        double d = shape.sharedWidth();
        double parameters = parameters(variant.method(), d);
        double ofHead = shape.coordinates(shape.headIds().get(0));
        double k =
                switch (variant.method()) {
                    case BASE, FULL, HEADS_OFF -> 0; // no sweep has the last
                    case PROBE, GDA, KERNEL_RIDGE, TEXT_PROBE, CLAP, LP_PLUS, TASK_RES, CROSS_MODAL ->
                        100; // classes, about
                    case TRANSCLIP_ZERO, TRANSCLIP -> 100;
                    case RLA, LINEAR, OUTPUT_SPECTRAL -> d;
                    case TIP, TIP_TUNED -> images;
                    case RESIDUAL, RESIDUAL_STAR, RESIDUAL_GDA -> parameters;
                    case COARSE, HEAD_ABLATION -> shape.allHeads() * (ofHead + 1);
                };
        if (variant.method() == Method.FULL) {
            return TUNING * variant.settings().tuning().epochs() * images * traceSeconds;
        }
        Fitting fitting = variant.settings().alignment().fitting();
        boolean fits = variant.method() != Method.BASE;
        double steps = !fits
                ? 0
                : fitting instanceof Epochs epochs
                                && variant.method() != Method.PROBE
                                && !variant.method().fewLabels()
                        ? epochs.epochs() * Math.ceil(images / (double) epochs.batch())
                        : steps(path(fitting), images);
        if (variant.method() == Method.RESIDUAL_GDA) {
            steps *= IN_TURN;
        }
        double rows = fitting instanceof Epochs epochs ? Math.min(images, epochs.batch()) : images;
        return (FIT + steps * (STEP + PARAMETER * parameters + PRODUCTS * rows * k * d)) / operations;
    }

    private static double steps(Path path, int images) {
        double all = path.penalties().size() * path.iterations() * STEPS;
        return all * Math.min(1, images / FEW);
    }

    /** How many numbers are learned, about. */
    private double parameters(Method method, double d) {
        double ofHead = shape.coordinates(shape.headIds().get(0));
        return switch (method) {
            case LINEAR, RLA -> d * d;
            case RESIDUAL -> shape.allHeads() * ofHead + (shape.others() - 1) * d;
            case RESIDUAL_STAR, RESIDUAL_GDA -> shape.allHeads() * ofHead / 4;
            default -> d; // little beside the products
        };
    }

    private static Path path(Fitting fitting) {
        return fitting instanceof Path path ? path : AlignmentSettings.PATH; // a linear probe always has one
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
