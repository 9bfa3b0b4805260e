package io.residual.bench;

import io.residual.bench.Result.Measure;
import io.residual.bench.Result.Ratio;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Images a second through the tower, plain and with every unit kept, in 32 bits or with products in 16. */
final class TraceWork implements Work {
    private static final double GIGA = 1e9;
    private static final int PYTHON_BATCH = 32;

    private final Shape shape;
    private final boolean bf16;

    TraceWork(Shape shape, boolean bf16) {
        this.shape = shape;
        this.bf16 = bf16;
    }

    @Override
    public String name() {
        return (bf16 ? "bf16-" : "trace-") + shape.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Result run(Setting setting) {
        int images = setting.quick() ? 8 : Math.max(16, (int) (1.2e12 / shape.multiplications()));
        try (ImageTextModel model = SyntheticModel.open(shape, Arithmetic.FP32, setting.folder());
                ImageTextModel rounded = bf16 ? SyntheticModel.open(shape, Arithmetic.BF16, setting.folder()) : model) {
            Tracer tracer = new Tracer(model);
            Tracer fast = bf16 ? new Tracer(rounded) : tracer;
            int batch = Math.min(images, model.image().batch());
            int batches = Math.max(1, images / batch);
            float[] pixels = pixels(shape, batch);
            Rounds rounds = new Rounds()
                    .add("peak", () -> Machine.peak(bf16 ? ScalarType.BFloat16 : ScalarType.Float) / GIGA)
                    .add("ours, traced", () -> traced(tracer, pixels, batch, batches))
                    .add(
                            bf16 ? "ours, traced, bf16" : "ours, plain",
                            () -> bf16 ? traced(fast, pixels, batch, batches) : plain(model, pixels, batch, batches));
            PythonSide python = setting.python();
            if (python != null) {
                for (boolean units : new boolean[] {false, true}) {
                    Map<String, ?> job = Map.of(
                            "arch", shape.name(),
                            "batch", Math.min(images, PYTHON_BATCH),
                            "batches", Math.max(1, images / PYTHON_BATCH),
                            "traced", units,
                            "bf16", bf16);
                    rounds.add(units ? "Python, traced" : "Python, plain", () -> python.rate("forward", job));
                }
            }
            return result(rounds.run(setting.repetitions()), fast, pixels, batch);
        }
    }

    private Result result(Map<String, double[]> values, Tracer fast, float[] pixels, int batch) {
        double[] peak = value(values, "peak");
        double[] ours = value(values, "ours, traced");
        double[] rounded = values.getOrDefault("ours, traced, bf16", ours);
        List<Ratio> ratios = new ArrayList<>();
        if (bf16) {
            ratios.add(Ratio.of("bf16 over fp32, ours", 1.8, rounded, ours));
        }
        if (values.containsKey("Python, plain")) {
            ratios.add(Ratio.of(
                    "ours, traced, over Python, traced",
                    bf16 ? Double.NaN : 1.5,
                    rounded,
                    value(values, "Python, traced")));
            ratios.add(Ratio.of(
                    "ours, traced, over Python, plain",
                    bf16 ? Double.NaN : .98,
                    rounded,
                    value(values, "Python, plain")));
        }
        double operations = 2 * shape.tracedMultiplications() / GIGA;
        double[] share = new double[peak.length];
        Arrays.setAll(share, i -> rounded[i] * operations / peak[i]);
        ratios.add(new Ratio("share of a large product's speed", bf16 ? Double.NaN : .85, share));
        List<Measure> measures = new ArrayList<>(Rounds.measures(values, "images/s"));
        measures.set(0, new Measure("a large product", "GFLOP/s", peak));
        List<String> notes = new ArrayList<>(List.of(String.format(
                Locale.ROOT,
                "%.1f GFLOP an image (%.1f with every token of the last block), %.0f MB of weights read a batch of %d",
                operations,
                2 * shape.multiplications() / GIGA,
                shape.weights() * (bf16 ? 2 : 4) / 1e6,
                batch)));
        try (NativeScope scope = NativeScope.inference()) {
            TraceBlock block = encode(fast, pixels, batch);
            notes.add(String.format(
                    Locale.ROOT, "decomposition error %.1e of the output", block.decompositionError(fast.frame())));
        }
        return new Result(
                name(),
                shape.name() + ": images through the tower, every unit kept" + (bf16 ? ", products in bf16" : ""),
                measures,
                ratios,
                notes);
    }

    private static double[] value(Map<String, double[]> values, String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    static float[] pixels(Shape shape, int batch) {
        int side = shape.config().imageSize();
        float[] pixels = new float[batch * 3 * side * side];
        Random random = new Random(1);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return pixels;
    }

    static TraceBlock encode(Tracer tracer, float[] pixels, int batch) {
        return tracer.encode(pixels, new int[batch], Collections.nCopies(batch, ""));
    }

    static double traced(Tracer tracer, float[] pixels, int batch, int batches) {
        double started = Clock.seconds();
        for (int i = 0; i < batches; i++) {
            encode(tracer, pixels, batch);
        }
        return batch * batches / (Clock.seconds() - started);
    }

    /** From the same arrays of pixels to an array of embeddings. */
    static double plain(ImageTextModel model, float[] pixels, int batch, int batches) {
        long side = model.image().config().imageSize();
        double started = Clock.seconds();
        for (int i = 0; i < batches; i++) {
            try (NativeScope scope = NativeScope.inference()) {
                Tensor y = model.image().encode(Tensors.of(pixels, batch, 3, side, side));
                Tensors.floats(y);
            }
        }
        return batch * batches / (Clock.seconds() - started);
    }
}
