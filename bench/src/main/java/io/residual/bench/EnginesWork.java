package io.residual.bench;

import io.residual.bench.Result.Ratio;
import io.residual.model.Arithmetic;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTextModel;
import io.residual.units.Tracer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A tower with all units kept against the engines that Python users have for a fixed tower: eager PyTorch, {@code torch.compile},
 * ONNX Runtime and OpenVINO, each plain and with all units as outputs; in 32 bits, or with products in bf16. What is not installed is left out, and that is said.
 */
final class EnginesWork implements Work {
    private static final String OURS = "ours, traced";
    private static final int BATCH = 8;

    /** Of a side's turn, some two seconds of one thread, unless a batch takes longer. */
    private static final double MULTIPLICATIONS = 1e11;

    static final List<String> ENGINES = List.of("eager", "compile", "onnxruntime", "openvino");

    /** ONNX Runtime has no products in 16 bits on processors. */
    private static final List<String> ENGINES_BF16 = List.of("eager", "compile", "openvino");

    private final Shape shape;
    private final boolean bf16;

    EnginesWork(Shape shape, boolean bf16) {
        this.shape = shape;
        this.bf16 = bf16;
    }

    @Override
    public String name() {
        return (bf16 ? "engines-bf16-" : "engines-") + shape.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Result run(Setting setting) {
        int batches = setting.quick() ? 1 : Math.max(1, (int) (MULTIPLICATIONS / shape.multiplications() / BATCH));
        try (ImageTextModel model =
                SyntheticModel.open(shape, bf16 ? Arithmetic.BF16 : Arithmetic.FP32, setting.folder())) {
            Tracer tracer = new Tracer(model);
            float[] pixels = TraceWork.pixels(shape, BATCH);
            Rounds rounds = new Rounds()
                    .add(OURS, () -> TraceWork.traced(tracer, pixels, BATCH, batches))
                    .add("ours, plain", () -> TraceWork.plain(model, pixels, BATCH, batches));
            List<String> notes =
                    new ArrayList<>(List.of("batches of " + BATCH + (bf16 ? ", products in bf16 on every side" : "")));
            Map<String, String> there = setting.python() == null
                    ? Map.of()
                    : Objects.requireNonNull(setting.python()).engines();
            for (String engine : bf16 ? ENGINES_BF16 : ENGINES) {
                if (there.containsKey(engine)) {
                    notes.add(engine + ": " + there.get(engine));
                    rounds.add(engine + ", plain", () -> rate(setting, engine, false, batches));
                    rounds.add(engine + ", all units", () -> rate(setting, engine, true, batches));
                } else {
                    notes.add(engine + ": left out, not asked for or not installed in this Python");
                }
            }
            Map<String, double[]> values = rounds.run(setting.repetitions());
            return new Result(
                    name(),
                    shape.name() + ": images through the tower, every unit kept, against other engines"
                            + (bf16 ? ", in bf16" : ""),
                    Rounds.measures(values, "images/s"),
                    ratios(values),
                    notes);
        }
    }

    private double rate(Setting setting, String engine, boolean units, int batches) {
        ImageConfig config = shape.config();
        Map<String, Object> job = new LinkedHashMap<>();
        job.put("engine", engine);
        job.put("units", units);
        job.put("bf16", bf16);
        job.put("layers", config.layers());
        job.put("width", config.width());
        job.put("heads", config.heads());
        job.put("patch", config.patchSize());
        job.put("size", config.imageSize());
        job.put("shared", config.sharedWidth());
        job.put("batch", BATCH);
        job.put("batches", batches);
        return Objects.requireNonNull(setting.python()).rate("engine", job);
    }

    /** Against the fastest of each round, and against each. */
    private static List<Ratio> ratios(Map<String, double[]> values) {
        double[] ours = Objects.requireNonNull(values.get(OURS));
        List<Ratio> all = new ArrayList<>();
        for (String kind : List.of(", plain", ", all units")) {
            double[] fastest = new double[ours.length];
            for (String engine : ENGINES) {
                double[] theirs = values.get(engine + kind);
                if (theirs != null) {
                    all.add(Ratio.of("ours, traced, over " + engine + kind, Double.NaN, ours, theirs));
                    Arrays.setAll(fastest, i -> Math.max(fastest[i], theirs[i]));
                }
            }
            if (Arrays.stream(fastest).allMatch(v -> v > 0) && fastest.length > 0) {
                all.add(Ratio.of("ours, traced, over the fastest" + kind, 1, ours, fastest));
            }
        }
        return all;
    }
}
