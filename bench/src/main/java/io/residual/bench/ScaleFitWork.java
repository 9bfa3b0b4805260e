package io.residual.bench;

import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.bench.Result.Measure;
import io.residual.bench.Result.Ratio;
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
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * ResiDual* with its default fit on 1, 4, 16 and 64 times as many images, whose traces are ready: images a second, and memory. A few heads know
 * the classes; the prompts are class means.
 */
final class ScaleFitWork implements Work {
    private static final int IMAGES = 250;
    private static final int CLASSES = 10;
    private static final int[] TIMES = {1, 4, 16, 64};

    /** One head in so many knows the classes. */
    private static final int KNOWS = 24;

    private static final double MEGA = 1e6;

    @Override
    public String name() {
        return "scale-fit";
    }

    @Override
    public Result run(Setting setting) {
        int images = setting.quick() ? IMAGES / 10 : IMAGES;
        UnitShape shape = SpectraWork.shape();
        UnitFrame frame = SpectraWork.frame(shape);
        List<TraceBlock> blocks = new ArrayList<>();
        for (int i = 0; i <= TIMES[TIMES.length - 1]; i++) {
            blocks.add(block(frame, images, 10L * i));
        }
        TraceBlock held = blocks.remove(blocks.size() - 1);
        Trace<Split.Validation> validation = trace(frame, List.of(held));
        Classifier classifier = means(held);
        Rounds rounds = new Rounds();
        double[] memory = new double[TIMES.length];
        for (int i = 0; i < TIMES.length; i++) {
            int at = i;
            Trace<Split.Train> train = trace(frame, blocks.subList(0, TIMES[i]));
            rounds.add(ScaleWork.label(i), () -> {
                Machine.forgetPeak();
                long before = Machine.memory();
                double started = Clock.seconds();
                new Aligner(
                                train,
                                validation,
                                new Bases(train),
                                classifier,
                                AlignmentSettings.DEFAULT,
                                Progress.silent())
                        .fit(Method.RESIDUAL_STAR);
                double rate = images * TIMES[at] / (Clock.seconds() - started);
                memory[at] = Math.max(memory[at], (Machine.peakMemory() - before) / MEGA);
                return rate;
            });
        }
        Map<String, double[]> values = rounds.run(setting.repetitions());
        List<Measure> measures = new ArrayList<>(Rounds.measures(values, "images/s"));
        for (int i = 0; i < TIMES.length; i++) {
            measures.add(
                    new Measure(ScaleWork.label(i) + ", memory beyond what was there", "MB", new double[] {memory[i]}));
        }
        return new Result(
                name(),
                "ResiDual* of ViT-B-16 with spectra, by number of images",
                measures,
                List.of(Ratio.of(
                        "images/s at 64 times over 16 times",
                        .9,
                        Objects.requireNonNull(values.get(ScaleWork.label(3))),
                        Objects.requireNonNull(values.get(ScaleWork.label(2))))),
                List.of("1 time is " + images + " images of " + CLASSES + " classes; made up: one head in " + KNOWS
                        + " knows the classes"));
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

    /** Class means of embeddings as prompts, at a scale of 30. */
    private static Classifier means(TraceBlock block) {
        int d = block.shape().sharedWidth();
        double[][] sums = new double[CLASSES][d];
        for (int i = 0; i < block.size(); i++) {
            for (int j = 0; j < d; j++) {
                sums[block.labels()[i]][j] += block.output()[i * d + j];
            }
        }
        float[] text = new float[d * CLASSES];
        for (int c = 0; c < CLASSES; c++) {
            double square = 0;
            for (double value : sums[c]) {
                square += value * value;
            }
            for (int j = 0; j < d; j++) {
                text[j * CLASSES + c] = (float) (30 * sums[c][j] / Math.sqrt(square));
            }
        }
        return new Classifier(
                IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList(), text);
    }
}
