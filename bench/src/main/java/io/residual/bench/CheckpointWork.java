package io.residual.bench;

import com.sun.management.OperatingSystemMXBean;
import io.residual.bench.Result.Ratio;
import io.residual.model.Arithmetic;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTextModel;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * Checkpoints in Hugging Face's layout by turns: every unit kept here, and the plain image tower of transformers. Rates are images
 * a second of the processor, which other work on the machine changes less than the clock's.
 */
final class CheckpointWork implements Work {
    private static final String TRACED = ", traced";
    private static final String IN_FULL = ", traced, every token of the last block";
    private static final String PYTHON = ", Python, plain";

    /** A pooled tower may cost a tenth more than a plain one of its shape. */
    private static final double POOLED_OVER_PLAIN = 1 / 1.1;

    private final List<Path> folders;
    private final int batch;

    /** For checkpoints; {@code batch} images at a time, 0 for as many as the program takes. */
    CheckpointWork(List<Path> folders, int batch) {
        this.folders = List.copyOf(folders);
        this.batch = batch;
    }

    @Override
    public String name() {
        return "checkpoints";
    }

    /** A checkpoint that is open, and a batch for it. */
    private record Side(String name, ImageTextModel model, Tracer tracer, float[] pixels, int batch) {
        static Side open(Path folder, int wanted) {
            ImageTextModel model = ImageTextModel.open(folder, Arithmetic.FP32);
            int batch = wanted > 0 ? wanted : model.image().batch();
            int area =
                    model.preprocessing().inputHeight() * model.preprocessing().inputWidth();
            float[] pixels = new float[batch * 3 * area];
            Random random = new Random(1);
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) random.nextGaussian();
            }
            return new Side(String.valueOf(folder.getFileName()), model, new Tracer(model), pixels, batch);
        }

        TraceBlock trace(Function<Tensor, Residuals> pass) {
            return tracer.encode(pixels, new int[batch], Collections.nCopies(batch, ""), pass);
        }

        double rate(Function<Tensor, Residuals> pass) {
            long started = cpu();
            trace(pass);
            return batch / ((cpu() - started) / 1e9);
        }

        double rate(PythonSide python, Path folder) {
            return python.rate(
                    "checkpoint",
                    Map.of(
                            "folder", folder.toAbsolutePath().toString(),
                            "batch", batch,
                            "height", model.preprocessing().inputHeight(),
                            "width", model.preprocessing().inputWidth()));
        }
    }

    private static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    @Override
    public Result run(Setting setting) {
        List<Side> sides = new ArrayList<>();
        try {
            for (Path folder : folders) {
                sides.add(Side.open(folder, batch));
            }
            Rounds rounds = new Rounds();
            PythonSide python = setting.python();
            for (int i = 0; i < sides.size(); i++) {
                Side side = sides.get(i);
                Path folder = folders.get(i);
                rounds.add(side.name + TRACED, () -> side.rate(side.model.image()::trace));
                if (side.model.image().readsOneToken() && sides.size() > 1) {
                    rounds.add(side.name + IN_FULL, () -> side.rate(side.model.image()::traceInFull));
                }
                if (python != null) {
                    rounds.add(side.name + PYTHON, () -> side.rate(python, folder));
                }
            }
            Map<String, double[]> values = rounds.run(setting.repetitions());
            return new Result(
                    name(),
                    "checkpoints by turns, images a second of the processor",
                    Rounds.measures(values, "images/s"),
                    ratios(sides, values),
                    sides.stream().map(CheckpointWork::note).toList());
        } finally {
            sides.forEach(side -> side.model.close());
        }
    }

    private static List<Ratio> ratios(List<Side> sides, Map<String, double[]> values) {
        List<Ratio> ratios = new ArrayList<>();
        Side first = sides.get(0);
        for (Side side : sides) {
            double[] ours = value(values, side.name + TRACED);
            double[] python = values.get(side.name + PYTHON);
            if (python != null) {
                ratios.add(Ratio.of(side.name + TRACED + ", over Python, plain", Double.NaN, ours, python));
            }
            if (side.name.equals(first.name)) {
                continue;
            }
            double[] own = value(values, first.name + TRACED);
            double target = sameShape(first, side) ? POOLED_OVER_PLAIN : Double.NaN;
            ratios.add(Ratio.of(first.name + TRACED + ", over " + side.name + TRACED, target, own, ours));
            double[] full = values.get(side.name + IN_FULL);
            if (full != null) {
                ratios.add(Ratio.of(first.name + TRACED + ", over " + side.name + IN_FULL, Double.NaN, own, full));
            }
        }
        return ratios;
    }

    private static boolean sameShape(Side pooled, Side plain) {
        ImageConfig a = pooled.model.image().config();
        ImageConfig b = plain.model.image().config();
        return !pooled.model.image().readsOneToken()
                && plain.model.image().readsOneToken()
                && a.width() == b.width()
                && a.layers() == b.layers()
                && a.patches() == b.patches();
    }

    private static double[] value(Map<String, double[]> values, String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    private static String note(Side side) {
        try (NativeScope scope = NativeScope.inference()) {
            return String.format(
                    Locale.ROOT,
                    "%s: batches of %d, %s, decomposition error %.1e of the output",
                    side.name,
                    side.batch,
                    side.model.image().config().activation().name().toLowerCase(Locale.ROOT),
                    side.trace(side.model.image()::trace).decompositionError(side.tracer.frame()));
        }
    }
}
