package io.residual.bench;

import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.fit.Aligner;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.Bases;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * ResiDual* with its default fit on 1, 4, 16 and 64 times as many images, whose traces are ready: images a second, and memory. A few heads know
 * the classes; the prompts are class means.
 */
final class ScaleFitWork implements Work {
    private static final int CLASSES = 10;

    /** One head in so many knows the classes. */
    private static final int KNOWS = 24;

    @Override
    public String name() {
        return "scale-fit";
    }

    @Override
    public Result run(Setting setting) {
        int images = setting.quick() ? CLASSES : ByNumber.IMAGES;
        AlignmentSettings settings = setting.quick()
                ? AlignmentSettings.DEFAULT.with(new AlignmentSettings.Path(List.of(1.0), 2))
                : AlignmentSettings.DEFAULT;
        UnitShape shape = SpectraWork.shape();
        UnitFrame frame = SpectraWork.frame(shape);
        List<TraceBlock> blocks = new ArrayList<>();
        for (int i = 0; i <= ByNumber.TIMES[ByNumber.TIMES.length - 1]; i++) {
            blocks.add(block(frame, images, 10L * i));
        }
        TraceBlock held = blocks.remove(blocks.size() - 1);
        Trace<Split.Validation> validation = trace(frame, List.of(held));
        Classifier classifier = Classifier.fromScaledClassMeans(
                trace(frame, List.of(held)),
                IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList());
        ByNumber scale = new ByNumber();
        for (int i = 0; i < ByNumber.TIMES.length; i++) {
            Trace<Split.Train> train = trace(frame, blocks.subList(0, ByNumber.TIMES[i]));
            scale.add(i, images, () -> new Aligner(
                            train, validation, new Bases(train), classifier, settings, Progress.silent())
                    .fit(Method.RESIDUAL_STAR));
        }
        return scale.run(
                name(),
                "ResiDual* of ViT-B-16 with spectra, by number of images",
                setting.repetitions(),
                2,
                "1 time is " + images + " images of " + CLASSES + " classes; made up: one head in " + KNOWS
                        + " knows the classes");
    }

    private static <S extends Split> Trace<S> trace(UnitFrame frame, List<TraceBlock> blocks) {
        return new Trace<>(frame, blocks, List.of(), Provenance.now("synthetic", "synthetic", 0, 0, Map.of()));
    }

    /** Images whose embedding is the sum of their units. */
    private static TraceBlock block(UnitFrame frame, int images, long seed) {
        UnitShape shape = frame.shape();
        TraceBlock block = SpectraWork.block(shape, images, CLASSES, seed);
        float[] z = block.heads(); // the block's own
        int h = shape.headWidth();
        for (int head = 0; head < shape.allHeads(); head += KNOWS) {
            Random random = new Random(head); // the same classes in every block
            float[] means = new float[CLASSES * h];
            for (int i = 0; i < means.length; i++) {
                means[i] = (float) random.nextGaussian();
            }
            for (int i = 0; i < images; i++) {
                for (int j = 0; j < h; j++) {
                    z[(i * shape.allHeads() + head) * h + j] += means[block.labels()[i] * h + j];
                }
            }
        }
        try (NativeScope scope = NativeScope.inference()) {
            return block.withOutput(Tensors.floats(block.headSum(frame).add(block.otherSum())));
        }
    }
}
