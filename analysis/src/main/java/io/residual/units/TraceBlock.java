package io.residual.units;

import io.residual.base.InputException;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Some traced images, in head coordinates.
 *
 * @param heads [n, L·H, h]: z/σ, what the heads read over the final LayerNorm's deviation
 * @param norm [n, 2]: 1/σ and μ/σ
 * @param projected [n, 1 + L, D]: the units of the embedding and the MLPs
 * @param output [n, D]: the model's own embedding
 * @param labels n class indices
 * @param names n names
 */
public record TraceBlock(
        UnitShape shape,
        float[] heads,
        float[] norm,
        float[] projected,
        float[] output,
        int[] labels,
        List<String> names) {
    public TraceBlock {
        names = List.copyOf(names);
        int n = labels.length;
        int d = shape.sharedWidth();
        if (heads.length != n * shape.allHeads() * shape.headWidth()
                || norm.length != n * 2
                || projected.length != n * (1 + shape.layers()) * d
                || output.length != n * d
                || names.size() != n) {
            throw new IllegalArgumentException("a block of " + n + " images does not fit " + shape);
        }
    }

    /**
     * Gives this, if its numbers are numbers and every embedding has a direction: a model with damaged weights gives others.
     *
     * @throws InputException with the first image of which that is not so
     */
    public TraceBlock requireFinite() {
        try (NativeScope scope = NativeScope.inference()) {
            Finite.requireDirections(outputs(), names::get, Finite.SELF_CHECK);
        }
        for (float[] part : List.of(heads, norm, projected)) {
            for (int k = 0; k < part.length; k++) {
                if (!Float.isFinite(part[k])) {
                    String name = names.get(k / (part.length / size()));
                    throw InputException.at(name, "units of " + part[k], "finite numbers", Finite.SELF_CHECK);
                }
            }
        }
        return this;
    }

    /** The number of images n. */
    public int size() {
        return labels.length;
    }

    /** The model's own embeddings, [n, D]. */
    public Tensor outputs() {
        return Tensors.of(output, size(), shape.sharedWidth());
    }

    /** Every head's coordinates but the constant, side by side: z/σ, 1/σ, μ/σ. [n, L·H, h + 2]. */
    public Tensor headCoordinates() {
        return headCoordinates(0, size());
    }

    /** The head coordinates of the images from {@code from} (inclusive) to {@code to} (exclusive). */
    public Tensor headCoordinates(int from, int to) {
        long n = (long) to - from;
        int width = shape.allHeads() * shape.headWidth();
        Tensor z = Tensors.ofRange(heads, from * width, n, shape.allHeads(), shape.headWidth());
        Tensor tail = Tensors.ofRange(norm, from * 2, n, 1, 2).expand(n, shape.allHeads(), 2);
        return Ops.cat(List.of(z, tail), 2);
    }

    /**
     * The varying part of a unit in its narrowest form: a head's coordinates without the constant, [n, h + 2], or
     * another unit itself, [n, D].
     */
    public Tensor coordinates(UnitId unit) {
        float[] values = values(unit);
        return Tensors.of(values, size(), (long) values.length / Math.max(1, size()));
    }

    /** The numbers of {@link #coordinates}, row by row. */
    float[] values(UnitId unit) {
        if (unit.kind() == UnitId.Kind.HEAD) {
            int width = shape.headWidth();
            int from = (shape.index(unit) - 1) * width;
            int stride = shape.allHeads() * width;
            int m = width + 2;
            float[] out = new float[size() * m];
            for (int i = 0; i < size(); i++) {
                System.arraycopy(heads, i * stride + from, out, i * m, width);
                out[i * m + width] = norm[i * 2];
                out[i * m + width + 1] = norm[i * 2 + 1];
            }
            return out;
        }
        int slot = unit.kind() == UnitId.Kind.EMBEDDING ? 0 : 1 + unit.layer();
        int d = shape.sharedWidth();
        float[] out = new float[size() * d];
        for (int i = 0; i < size(); i++) {
            System.arraycopy(projected, (i * (1 + shape.layers()) + slot) * d, out, i * d, d);
        }
        return out;
    }

    /** A unit in the shared space, [n, D]. */
    public Tensor unit(UnitFrame frame, UnitId unit) {
        Tensor a = coordinates(unit);
        if (unit.kind() != UnitId.Kind.HEAD) {
            return a;
        }
        Tensor one = torch.ones(size(), 1);
        return Ops.cat(List.of(a, one), 1).matmul(frame.map(unit).t());
    }

    /** The sum of all heads, [n, D], without forming any of them. */
    public Tensor headSum(UnitFrame frame) {
        Tensor a = Ops.cat(List.of(headCoordinates(), torch.ones(size(), shape.allHeads(), 1)), 2);
        return a.reshape(size(), -1).matmul(frame.maps().transpose(1, 2).reshape(-1, shape.sharedWidth()));
    }

    /** The sum of the embedding's and the MLPs' units, [n, D]. */
    public Tensor otherSum() {
        return Ops.sum(Tensors.of(projected, size(), 1L + shape.layers(), shape.sharedWidth()), 1);
    }

    /** Largest |sum of units − output| over these images, relative to the largest |output|. */
    public double decompositionError(UnitFrame frame) {
        Tensor y = outputs();
        return Ops.maxAbs(headSum(frame).add(otherSum()).sub(y)) / Ops.maxAbs(y);
    }

    /** Several blocks as one, in order. */
    public static TraceBlock joined(List<TraceBlock> blocks) {
        return new TraceBlock(
                blocks.get(0).shape,
                joined(blocks, TraceBlock::heads),
                joined(blocks, TraceBlock::norm),
                joined(blocks, TraceBlock::projected),
                joined(blocks, TraceBlock::output),
                blocks.stream().flatMapToInt(b -> Arrays.stream(b.labels)).toArray(),
                blocks.stream().flatMap(b -> b.names.stream()).toList());
    }

    private static float[] joined(List<TraceBlock> blocks, Function<TraceBlock, float[]> part) {
        float[] all =
                new float[blocks.stream().mapToInt(b -> part.apply(b).length).sum()];
        int at = 0;
        for (TraceBlock block : blocks) {
            float[] values = part.apply(block);
            System.arraycopy(values, 0, all, at, values.length);
            at += values.length;
        }
        return all;
    }

    /** The images from {@code from} to {@code to}. */
    public TraceBlock slice(int from, int to) {
        int h = shape.allHeads() * shape.headWidth();
        int p = (1 + shape.layers()) * shape.sharedWidth();
        int d = shape.sharedWidth();
        return new TraceBlock(
                shape,
                Arrays.copyOfRange(heads, from * h, to * h),
                Arrays.copyOfRange(norm, from * 2, to * 2),
                Arrays.copyOfRange(projected, from * p, to * p),
                Arrays.copyOfRange(output, from * d, to * d),
                Arrays.copyOfRange(labels, from, to),
                names.subList(from, to));
    }

    /** Some of the images, in the given order. */
    TraceBlock rows(int... chosen) {
        int h = shape.allHeads() * shape.headWidth();
        int p = (1 + shape.layers()) * shape.sharedWidth();
        int d = shape.sharedWidth();
        return new TraceBlock(
                shape,
                rows(heads, h, chosen),
                rows(norm, 2, chosen),
                rows(projected, p, chosen),
                rows(output, d, chosen),
                Arrays.stream(chosen).map(i -> labels[i]).toArray(),
                Arrays.stream(chosen).mapToObj(names::get).toList());
    }

    private static float[] rows(float[] values, int width, int... chosen) {
        float[] out = new float[chosen.length * width];
        for (int i = 0; i < chosen.length; i++) {
            System.arraycopy(values, chosen[i] * width, out, i * width, width);
        }
        return out;
    }
}
