package io.residual.units;

import io.residual.data.Split;
import io.residual.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One unit on all images of a trace, in the narrowest coordinates: h + 2 numbers an image for a head, D for another unit.
 *
 * @param count n images
 * @param values [n, m]
 */
public record UnitPoints(UnitId unit, int count, float[] values) {
    public UnitPoints {
        if (count <= 0 || values.length % count != 0) {
            throw new IllegalArgumentException(values.length + " numbers for " + count + " images");
        }
    }

    /** A unit of a trace in memory. */
    public static UnitPoints of(Trace<? extends Split> trace, UnitId unit) {
        return joined(unit, trace.blocks().stream().map(b -> b.values(unit)).toList(), trace.size());
    }

    static UnitPoints joined(UnitId unit, List<float[]> parts, int count) {
        float[] values = new float[parts.stream().mapToInt(p -> p.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, values, at, part.length);
            at += part.length;
        }
        return new UnitPoints(unit, count, values);
    }

    /** The width m of a point. */
    public int width() {
        return values.length / count;
    }

    /** [n, m], in this scope's native memory. */
    public Tensor coordinates() {
        return Tensors.of(values, count, width());
    }
}
