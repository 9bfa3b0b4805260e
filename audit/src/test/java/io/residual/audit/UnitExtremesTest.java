package io.residual.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnitExtremesTest {
    private static final int IMAGES = 30;
    private static final int D = 6;
    private static final int WAYS = 2;
    private static final UnitShape SHAPE = new UnitShape(2, 2, 3, D);

    private static float[] random(Random random, int count) {
        float[] out = new float[count];
        for (int k = 0; k < count; k++) {
            out[k] = (float) random.nextGaussian();
        }
        return out;
    }

    /** Against the definition: every unit formed, times the direction, times the weight, in order. */
    @Test
    void ends_areThoseOfTheUnitsThemselves_acrossBlocks() {
        Random random = new Random(4);
        UnitFrame frame = new UnitFrame(SHAPE, random(random, 4 * D * 6));
        TraceBlock all = new TraceBlock(
                SHAPE,
                random(random, IMAGES * 12),
                random(random, IMAGES * 2),
                random(random, IMAGES * 3 * D),
                random(random, IMAGES * D),
                new int[IMAGES],
                IntStream.range(0, IMAGES).mapToObj(i -> "image " + i).toList());
        float[] directions = random(random, WAYS * D);
        double[] weights = random.doubles(IMAGES, .5, 2).toArray();
        Set<Integer> leftOut = Set.of(103, 117);
        UnitExtremes extremes = new UnitExtremes(frame, directions, leftOut);
        for (int from = 0; from < IMAGES; from += 10) {
            int first = from;
            extremes.add(
                    all.slice(from, from + 10),
                    IntStream.range(from, from + 10).map(i -> 100 + i).toArray(),
                    IntStream.range(0, 10).mapToDouble(i -> weights[first + i]).toArray());
        }
        for (int u = 0; u < SHAPE.units(); u++) {
            for (int w = 0; w < WAYS; w++) {
                double[] along = along(all, frame, u, directions, w);
                List<Integer> order = IntStream.range(0, IMAGES)
                        .filter(i -> !leftOut.contains(100 + i))
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -along[i] * weights[i]))
                        .map(i -> 100 + i)
                        .toList();
                assertEquals(order.subList(0, 3), extremes.highest(u, w));
                List<Integer> last = order.subList(order.size() - 3, order.size());
                assertEquals(List.of(last.get(2), last.get(1), last.get(0)), extremes.lowest(u, w));
            }
        }
    }

    private static double[] along(TraceBlock block, UnitFrame frame, int unit, float[] directions, int way) {
        double[] out = new double[IMAGES];
        try (NativeScope scope = NativeScope.inference()) {
            float[] values = Tensors.floats(block.unit(frame, SHAPE.unit(unit)).contiguous());
            for (int i = 0; i < IMAGES; i++) {
                for (int j = 0; j < D; j++) {
                    out[i] += (double) values[i * D + j] * directions[way * D + j];
                }
            }
        }
        return out;
    }
}
