package io.residual.bench;

import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.bench.Result.Ratio;
import io.residual.data.Split;
import io.residual.fit.Aligner;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.AlignmentSettings.Epochs;
import io.residual.fit.AlignmentSettings.Optimiser;
import io.residual.fit.Bases;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/** ResiDual* on two thousand images of a ViT-B/16, thirty epochs: from traces to weights. */
final class FitWork implements Work {
    private static final int CLASSES = 10;
    private static final int EPOCHS = 30;
    private static final int BATCH = 64;
    private static final int COMPONENTS = 30;

    /** Of isotropic heads: as many components as Python's side weighs. */
    private static final double VARIANCE = .63;

    @Override
    public String name() {
        return "fit";
    }

    @Override
    public Result run(Setting setting) {
        int images = setting.quick() ? 128 : 2000;
        var config = Shape.B16.config();
        UnitShape shape = new UnitShape(config.layers(), config.heads(), config.headWidth(), config.sharedWidth());
        UnitFrame frame = SpectraWork.frame(shape);
        Trace<Split.Train> train = trace(frame, images, 1);
        Trace<Split.Validation> validation = trace(frame, images / 10, 2);
        float[] weights = new float[shape.sharedWidth() * CLASSES];
        Random random = new Random(3);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (random.nextGaussian() * 100 / Math.sqrt(shape.sharedWidth()));
        }
        Classifier classifier = new Classifier(
                IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList(), weights);
        AlignmentSettings settings = new AlignmentSettings(
                AlignmentSettings.Start.RANDOM,
                AlignmentSettings.PAPER.means(),
                AlignmentSettings.PAPER.starOthers(),
                VARIANCE,
                new Epochs(Optimiser.ADAMW, .1, 1e-3, 0, BATCH, EPOCHS, EPOCHS),
                0);
        Bases bases = new Bases(train);
        new Aligner(train, validation, bases, classifier, settings, Progress.silent())
                .fit(Method.RESIDUAL_STAR); // makes the bases, which Python's side is given, too
        int steps = (images + BATCH - 1) / BATCH;
        int[] parameters = new int[1];
        Rounds rounds = new Rounds().add("ours, from traces", () -> {
            long started = System.nanoTime();
            var fitted = new Aligner(train, validation, bases, classifier, settings, Progress.silent())
                    .fit(Method.RESIDUAL_STAR);
            parameters[0] = fitted.adapter().parameters();
            return steps * EPOCHS / ((System.nanoTime() - started) / 1e9);
        });
        PythonSide python = setting.python();
        if (python != null) {
            rounds.add("Python, cached", () -> python.rate("fit", job(shape, false, setting.quick() ? 1 : 5)));
            rounds.add("Python, online", () -> python.rate("fit", job(shape, true, 1)));
        }
        Map<String, double[]> values = rounds.run(setting.repetitions());
        List<Ratio> ratios = new ArrayList<>();
        double[] ours = Objects.requireNonNull(values.get("ours, from traces"));
        double[] cached = values.get("Python, cached");
        double[] online = values.get("Python, online");
        if (cached != null && online != null) {
            ratios.add(Ratio.of("ours over the online loop", 500, ours, online));
            ratios.add(Ratio.of("ours over the cached loop", 10, ours, cached));
        }
        return new Result(
                name(),
                "ResiDual* on " + images + " images of ViT-B-16, " + EPOCHS + " epochs of AdamW, batches of " + BATCH,
                Rounds.measures(values, "steps/s"),
                ratios,
                List.of(String.format(
                        Locale.ROOT,
                        "%,d parameters (Python's side %,d); two products of %d x %,d x %d a step, %.2f GFLOP forward and"
                                + " backward; ours includes finding the coefficients and a look at validation each epoch",
                        parameters[0],
                        shape.allHeads() * COMPONENTS,
                        BATCH,
                        parameters[0],
                        shape.sharedWidth(),
                        4.0 * BATCH * parameters[0] * shape.sharedWidth() / 1e9)));
    }

    private static Map<String, Object> job(UnitShape shape, boolean online, int steps) {
        return Map.of(
                "arch", Shape.B16.name(),
                "heads", shape.allHeads(),
                "width", shape.sharedWidth(),
                "components", COMPONENTS,
                "classes", CLASSES,
                "online", online,
                "steps", steps);
    }

    private static <S extends Split> Trace<S> trace(UnitFrame frame, int images, long seed) {
        TraceBlock block = SpectraWork.block(frame.shape(), images, CLASSES, 100 * seed);
        return new Trace<>(frame, List.of(block), List.of(), Provenance.now("synthetic", "synthetic", 0, 0, Map.of()));
    }
}
