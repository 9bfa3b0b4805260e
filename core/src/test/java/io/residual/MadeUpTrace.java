package io.residual;

import io.residual.images.Split;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Traces of made-up numbers whose units sum to the output, as those of a model do. */
public final class MadeUpTrace {
    private MadeUpTrace() {}

    /** A frame of random maps. */
    public static UnitFrame frame(UnitShape shape, long seed) {
        float[] maps = new float[shape.allHeads() * shape.sharedWidth() * (shape.headWidth() + 3)];
        fill(maps, new Random(seed), .3);
        return new UnitFrame(shape, maps);
    }

    private static void fill(float[] values, Random random, double deviation) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
    }

    /** Images of random coordinates; {@code classes} labels in turn. */
    public static TraceBlock block(UnitFrame frame, int images, int classes, long seed) {
        UnitShape shape = frame.shape();
        Random random = new Random(seed);
        int d = shape.sharedWidth();
        float[] heads = new float[images * shape.allHeads() * shape.headWidth()];
        float[] norm = new float[images * 2];
        float[] projected = new float[images * (1 + shape.layers()) * d];
        fill(heads, random, 1);
        fill(norm, random, .2);
        fill(projected, random, .5);
        return block(frame, heads, norm, projected, images, classes);
    }

    /** Images of given coordinates. */
    public static TraceBlock block(
            UnitFrame frame, float[] heads, float[] norm, float[] projected, int images, int classes) {
        UnitShape shape = frame.shape();
        int[] labels = IntStream.range(0, images).map(i -> i % classes).toArray();
        List<String> names =
                IntStream.range(0, images).mapToObj(i -> "made-up#" + i).toList();
        float[] nothing = new float[images * shape.sharedWidth()];
        TraceBlock draft = new TraceBlock(shape, heads, norm, projected, nothing, labels, names);
        try (NativeScope scope = NativeScope.inference()) {
            float[] output = Tensors.floats(draft.headSum(frame).add(draft.otherSum()));
            return new TraceBlock(shape, heads, norm, projected, output, labels, names);
        }
    }

    /** A trace of blocks. */
    public static <S extends Split> Trace<S> trace(UnitFrame frame, TraceBlock... blocks) {
        return new Trace<>(frame, List.of(blocks), List.of(), Provenance.now("m", "d", 0, 0, Map.of()));
    }

    /** A trace of a few blocks of different sizes. */
    public static <S extends Split> Trace<S> trace(UnitShape shape, int images, int classes, long seed) {
        UnitFrame frame = frame(shape, seed);
        int first = images / 3;
        return trace(frame, block(frame, first, classes, seed + 1), block(frame, images - first, classes, seed + 2));
    }

    /** A unit of all images in the shared space, [n][D], by way of the block's own definition. */
    public static double[][] unit(Trace<?> trace, io.residual.units.UnitId unit) {
        int d = trace.shape().sharedWidth();
        List<double[]> rows = new ArrayList<>();
        for (TraceBlock block : trace.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                Tensor values = block.unit(trace.frame(), unit);
                float[] flat = Tensors.floats(Ops.scale(values, 1));
                for (int i = 0; i < block.size(); i++) {
                    double[] row = new double[d];
                    for (int j = 0; j < d; j++) {
                        row[j] = flat[i * d + j];
                    }
                    rows.add(row);
                }
            }
        }
        return rows.toArray(new double[0][]);
    }
}
