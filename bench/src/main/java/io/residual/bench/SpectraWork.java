package io.residual.bench;

import io.residual.bench.Result.Measure;
import io.residual.bench.Result.Ratio;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.TwoNn;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** The spectra of every unit, and the TwoNN dimension of one head, of ten thousand images of a ViT-B/16. */
final class SpectraWork implements Work {
    private static final int BLOCK = 1000;
    private static final double MEGA = 1e6;

    private final boolean twoNn;

    SpectraWork(boolean twoNn) {
        this.twoNn = twoNn;
    }

    @Override
    public String name() {
        return twoNn ? "twonn" : "spectra";
    }

    static UnitShape shape() {
        var config = Shape.B16.config();
        return new UnitShape(config.layers(), config.heads(), config.headWidth(), config.sharedWidth());
    }

    private static float[] random(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    static UnitFrame frame(UnitShape shape) {
        return new UnitFrame(shape, random(shape.allHeads() * shape.sharedWidth() * (shape.headWidth() + 3), 2));
    }

    static TraceBlock block(UnitShape shape, int images, int classes, long seed) {
        int d = shape.sharedWidth();
        int[] labels = new int[images];
        for (int i = 0; i < images; i++) {
            labels[i] = i % classes;
        }
        return new TraceBlock(
                shape,
                random(images * shape.allHeads() * shape.headWidth(), seed),
                random(images * 2, seed + 1),
                random(images * (1 + shape.layers()) * d, seed + 2),
                random(images * d, seed + 3),
                labels,
                Collections.nCopies(images, ""));
    }

    @Override
    public Result run(Setting setting) {
        return twoNn ? neighbours(setting) : spectra(setting);
    }

    private Result spectra(Setting setting) {
        int images = setting.quick() ? BLOCK : 10 * BLOCK;
        UnitShape shape = shape();
        UnitFrame frame = frame(shape);
        List<TraceBlock> blocks = new ArrayList<>();
        for (int i = 0; i < images / BLOCK; i++) {
            blocks.add(block(shape, BLOCK, 10, 10L * i));
        }
        Rounds rounds = new Rounds().add("ours, a head", () -> {
            double started = Clock.seconds();
            new TraceStatistics(shape.headIds()).add(blocks).spectra(frame);
            return shape.allHeads() / (Clock.seconds() - started);
        });
        PythonSide python = setting.python();
        if (python != null) {
            Map<String, ?> job = Map.of("images", images, "head", shape.headWidth(), "width", shape.sharedWidth());
            rounds.add("Python, a head by SVD", () -> python.rate("svd", job));
        }
        Map<String, double[]> values = rounds.run(setting.repetitions());
        List<Ratio> ratios = new ArrayList<>();
        double[] ours = Objects.requireNonNull(values.get("ours, a head"));
        double[] theirs = values.get("Python, a head by SVD");
        if (theirs != null) {
            ratios.add(Ratio.of("ours over Python's SVDs", 100, ours, theirs));
        }
        int m = shape.headWidth() + 2;
        return new Result(
                name(),
                "spectra of all heads of ViT-B-16, " + images + " images",
                Rounds.measures(values, "heads/s"),
                ratios,
                List.of(String.format(
                        Locale.ROOT,
                        "a head: %.2f GFLOP for the scatter of %d numbers an image, and one %d x %d eigenproblem; the SVD"
                                + " of %d x %d is some %.0f GFLOP",
                        2.0 * images * m * m / 1e9,
                        m,
                        m,
                        m,
                        images,
                        shape.sharedWidth(),
                        6.0 * images * shape.sharedWidth() * shape.sharedWidth() / 1e9)));
    }

    private Result neighbours(Setting setting) {
        int images = setting.quick() ? BLOCK : 10 * BLOCK;
        UnitShape shape = shape();
        UnitFrame frame = frame(shape);
        UnitPoints points = new UnitPoints(shape.headIds().get(0), images, random(images * (shape.headWidth() + 2), 7));
        double[] memory = new double[1];
        Rounds rounds = new Rounds().add("ours", () -> {
            Machine.forgetPeak();
            long before = Machine.memory();
            double started = Clock.seconds();
            TwoNn.dimension(points, frame);
            double rate = 1 / (Clock.seconds() - started);
            memory[0] = Math.max(memory[0], (Machine.peakMemory() - before) / MEGA);
            return rate;
        });
        PythonSide python = setting.python();
        if (python != null) {
            Map<String, ?> job = Map.of("images", images, "head", shape.headWidth(), "width", shape.sharedWidth());
            rounds.add("Python, cdist", () -> python.rate("two_nn", job));
        }
        Map<String, double[]> values = rounds.run(setting.repetitions());
        List<Ratio> ratios = new ArrayList<>();
        double[] theirs = values.get("Python, cdist");
        if (theirs != null) {
            ratios.add(Ratio.of("ours over Python's cdist", 5, Objects.requireNonNull(values.get("ours")), theirs));
        }
        List<Measure> measures = new ArrayList<>(Rounds.measures(values, "heads/s"));
        measures.add(new Measure("memory beyond what was there", "MB", new double[] {memory[0]}));
        int m = shape.headWidth() + 2;
        return new Result(
                name(),
                "TwoNN of one head of ViT-B-16, " + images + " images",
                measures,
                ratios,
                List.of(String.format(
                        Locale.ROOT,
                        "%.1f GFLOP in 64 bits over %d numbers an image; cdist over %d numbers is %.0f GFLOP in 32 bits, its"
                                + " matrix %.0f MB; wanted: less than 200 MB",
                        2.0 * images * images * m / 1e9,
                        m,
                        shape.sharedWidth(),
                        2.0 * images * images * shape.sharedWidth() / 1e9,
                        4.0 * images * images / MEGA)));
    }
}
