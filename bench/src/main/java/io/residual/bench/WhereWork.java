package io.residual.bench;

import io.residual.adapt.Adapter;
import io.residual.bench.Result.Ratio;
import io.residual.intervene.Change;
import io.residual.intervene.Effects;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.model.Residuals;
import io.residual.predict.Explainer;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import io.residual.where.TokenTrace;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * What maps of a decision and interventions on all heads of a ViT-B/16 cost, in seconds of processor time an image, which other
 * work on the machine changes little.
 */
final class WhereWork implements Work {
    private static final Shape SHAPE = Shape.B16;
    private static final int MANY = 500;
    private static final double HOUR = 3600;

    private final boolean maps;
    private final int images;
    private final int heads; // of each layer that are measured; the others cost the same

    private WhereWork(boolean maps, int images, int heads) {
        this.maps = maps;
        this.images = images;
        this.heads = heads;
    }

    static WhereWork maps() {
        return new WhereWork(true, 1, 1);
    }

    static WhereWork interventions(int images, int heads) {
        return new WhereWork(false, images, heads);
    }

    @Override
    public String name() {
        return maps ? "maps" : "interventions";
    }

    @Override
    public Result run(Setting setting) {
        int images = setting.quick() ? Math.min(2, this.images) : this.images;
        try (ImageTextModel model = SyntheticModel.open(SHAPE, Arithmetic.FP32, setting.folder())) {
            float[] pixels = TraceWork.pixels(SHAPE, images);
            int times = setting.quick() || !maps ? 1 : 4;
            int heads = setting.quick() ? 1 : this.heads;
            Rounds rounds =
                    new Rounds().add("ours, plain", () -> cpu(images, times, () -> plain(model, pixels, images)));
            if (maps) {
                Tracer tracer = new Tracer(model);
                Classifier classifier = classifier();
                rounds.add("ours, map", () -> cpu(images, times, () -> map(tracer, classifier, pixels)));
            } else {
                List<UnitId> changed = heads(heads);
                rounds.add("ours, heads", () -> cpu(images, times, () -> effects(model, changed, pixels, images)));
            }
            PythonSide python = setting.python();
            double difference = Double.NaN;
            if (python != null) {
                if (!maps) {
                    difference =
                            1 / python.rate("where", Map.of("batch", 1, "times", 1, "way", "difference", "heads", 1));
                }
                for (String way : maps ? List.of("plain", "map") : List.of("plain", "prefix", "passes")) {
                    Map<String, ?> job = Map.of(
                            "batch", images,
                            "times", times,
                            "way", way,
                            "heads", heads);
                    rounds.add("Python, " + way, () -> 1 / python.rate("where", job));
                }
            }
            Map<String, double[]> values = rounds.run(setting.repetitions());
            return maps ? result(values, heads, difference) : result(ofAllHeads(values, heads), heads, difference);
        }
    }

    /** What a plain pass costs, and as many times what comes on top of it as there are heads for a measured one. */
    private static Map<String, double[]> ofAllHeads(Map<String, double[]> measured, int heads) {
        Map<String, double[]> all = new LinkedHashMap<>(measured);
        for (String side : List.of("ours", "Python")) {
            for (String way : List.of("heads", "prefix", "passes")) {
                double[] some = measured.get(side + ", " + way);
                if (some != null) {
                    double[] plain = value(measured, side + ", plain");
                    double[] scaled = new double[some.length];
                    double times = (double) SHAPE.config().heads() / heads;
                    boolean ofOwn = way.equals("passes"); // every head a whole pass, none of them the plain one
                    Arrays.setAll(scaled, i -> plain[i] + times * (some[i] - (ofOwn ? 0 : plain[i])));
                    all.put(side + ", " + way, scaled);
                }
            }
        }
        return all;
    }

    private Result result(Map<String, double[]> values, int measured, double difference) {
        double[] plain = value(values, "ours, plain");
        double[] ours = value(values, maps ? "ours, map" : "ours, heads");
        List<Ratio> ratios = new ArrayList<>();
        ratios.add(Ratio.of(name() + " over a plain pass, ours", Double.NaN, ours, plain));
        for (String way : List.of("map", "prefix", "passes")) {
            double[] python = values.get("Python, " + way);
            if (python != null) {
                ratios.add(Ratio.of("Python, " + way + ", over ours", Double.NaN, python, ours));
                ratios.add(Ratio.of(
                        "Python, " + way + ", over a plain pass, Python",
                        Double.NaN,
                        python,
                        value(values, "Python, plain")));
            }
        }
        List<String> notes = new ArrayList<>(List.of("processor time, both sides with the same number of threads"));
        if (!maps) {
            notes.add("total and direct effects here, total effects alone in Python");
            notes.add("measured on " + measured
                    + " heads of each layer ('passes': one) and multiplied: heads of a layer cost alike");
            if (!Double.isNaN(difference)) {
                notes.add(String.format(
                        Locale.ROOT,
                        "Python with the prefix kept differs from its whole passes by %.1e of the largest value",
                        difference));
            }
            notes.add(String.format(
                    Locale.ROOT,
                    "extrapolated: %d images would take %.1f hours of one processor",
                    MANY,
                    MANY * Result.median(ours) / HOUR));
        }
        return new Result(
                name(),
                maps
                        ? "ViT-B-16: the map of a decision, and its explanation"
                        : "ViT-B-16: every head zero, one at a time, from the changed layer on",
                Rounds.measures(values, "s/image"),
                ratios,
                notes);
    }

    private static double[] value(Map<String, double[]> values, String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    private static double cpu(int images, int times, Runnable work) {
        double started = Machine.processorSeconds();
        for (int i = 0; i < times; i++) {
            work.run();
        }
        return (Machine.processorSeconds() - started) / images / times;
    }

    private static List<UnitId> heads(int ofALayer) {
        List<UnitId> all = new ArrayList<>();
        for (int l = 0; l < SHAPE.config().layers(); l++) {
            for (int h = 0; h < ofALayer; h++) {
                all.add(new UnitId(UnitId.Kind.HEAD, l, h));
            }
        }
        return all;
    }

    private static Classifier classifier() {
        float[] columns = new float[2 * SHAPE.config().sharedWidth()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = (float) Math.sin(i);
        }
        return new Classifier(List.of("one", "other"), columns);
    }

    private static Tensor input(float[] pixels, int images) {
        int side = SHAPE.config().imageSize();
        return Tensors.of(pixels, images, 3, side, side);
    }

    private static void plain(ImageTextModel model, float[] pixels, int images) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensors.floats(model.image().encode(input(pixels, images)));
        }
    }

    /** As {@code residual explain --where} does it. */
    private static void map(Tracer tracer, Classifier classifier, float[] pixels) {
        TokenTrace.Traced traced = TokenTrace.of(tracer, pixels, List.of("image"));
        Explainer explainer = new Explainer(tracer.frame(), new Adapter.Identity(), classifier);
        explainer.explain(traced.block(), 0);
        explainer.map(traced.block(), traced.tokens(), 0, 0, 1);
    }

    private static void effects(ImageTextModel model, List<UnitId> heads, float[] pixels, int images) {
        try (NativeScope scope = NativeScope.inference()) {
            new Effects(model.image()).of(input(pixels, images), heads, Change.ZERO, Tokens.ALL, new Effects.Sink() {
                @Override
                public void total(UnitId unit, Residuals total) {
                    Tensors.floats(total.output());
                }

                @Override
                public void direct(UnitId unit, Residuals direct) {
                    Tensors.floats(direct.output());
                }
            });
        }
    }
}
