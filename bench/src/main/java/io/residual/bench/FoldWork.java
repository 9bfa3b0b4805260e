package io.residual.bench;

import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.FoldedAdapter;
import io.residual.bench.Result.Ratio;
import io.residual.data.Split;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.spectrum.Pca;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Adapted inference against plain inference: ResiDual on every head and MLP of a ViT-B/16, folded. */
final class FoldWork implements Work {
    private static final int CLASSES = 10;
    private static final double GIGA = 1e9;

    @Override
    public String name() {
        return "adapted";
    }

    @Override
    public Result run(Setting setting) {
        Shape shape = setting.quick() ? Shape.B32 : Shape.B16;
        try (ImageTextModel model = SyntheticModel.open(shape, Arithmetic.FP32, setting.folder())) {
            Tracer tracer = new Tracer(model);
            int batch = model.image().batch();
            int batches = setting.quick() ? 1 : Math.max(1, 48 / batch);
            float[] pixels = TraceWork.pixels(shape, batch);
            UnitShape units = tracer.frame().shape();
            Trace<Split.Train> general = new Trace<>(
                    tracer.frame(),
                    List.of(SpectraWork.block(units, 1000, CLASSES, 3)),
                    List.of(),
                    Provenance.now(model.hash(), "synthetic", 0, 0, Map.of()));
            ComponentDesign design =
                    ComponentDesign.residual(tracer.frame(), Pca.of(general, units.ids()), Means.RESTORED);
            float[] lambdas = new float[design.parameters()];
            Arrays.fill(lambdas, 1.1f);
            float[] weights = new float[units.sharedWidth() * CLASSES];
            Arrays.fill(weights, 1);
            Classifier classifier = new Classifier(
                    IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList(), weights);
            try (FoldedAdapter folded = FoldedAdapter.of(
                    new Adapter.Spectral(design, lambdas), classifier, tracer.frame(), model.image())) {
                Map<String, double[]> values = new Rounds()
                        .add("plain", () -> TraceWork.plain(model, pixels, batch, batches))
                        .add("adapted", () -> adapted(model, folded, pixels, batch, batches))
                        .run(setting.repetitions());
                double d = shape.config().width();
                return new Result(
                        name(),
                        shape.name() + ": embeddings, and logits of the folded ResiDual of every head and MLP",
                        Rounds.measures(values, "images/s"),
                        List.of(Ratio.of(
                                "adapted over plain",
                                .99,
                                Objects.requireNonNull(values.get("adapted")),
                                Objects.requireNonNull(values.get("plain")))),
                        List.of(String.format(
                                Locale.ROOT,
                                "%.1f million multiplications an image more, beside %.1f thousand million",
                                ((2 * units.layers() + 1) * d + units.sharedWidth()) * units.sharedWidth() / 1e6,
                                shape.tracedMultiplications() / GIGA)));
            }
        }
    }

    private static double adapted(ImageTextModel model, FoldedAdapter folded, float[] pixels, int batch, int batches) {
        long side = model.image().config().imageSize();
        long started = System.nanoTime();
        for (int i = 0; i < batches; i++) {
            try (NativeScope scope = NativeScope.inference()) {
                Tensors.floats(
                        folded.logits(folded.features(model.image().trace(Tensors.of(pixels, batch, 3, side, side)))));
            }
        }
        return batch * batches / ((System.nanoTime() - started) / GIGA);
    }
}
