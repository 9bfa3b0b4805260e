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
 * Some traced images, in head coordinates; where the embedding is pooled by attention, as units ({@link UnitShape}).
 *
 * @param heads [n, L·H, h]: z/σ, what the heads read over the final LayerNorm's deviation; [n, L·H, D], the heads' units, where
 *     the embedding is pooled by attention
 * @param norm [n, 2]: 1/σ and μ/σ; [n, 0] where the embedding is pooled by attention
 * @param projected [n, 1 + L, D]: the units of the embedding and the MLPs; [n, 2 + L, D] with the MLP after pooling
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
        if (heads.length != n * shape.allHeads() * shape.keptOfHead()
                || norm.length != n * shape.keptOfNorm()
                || projected.length != n * shape.others() * d
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

    /** What varies of every head, side by side: z/σ, 1/σ, μ/σ, [n, L·H, h + 2]; or its unit, [n, L·H, D]. */
    public Tensor headCoordinates() {
        return headCoordinates(0, size());
    }

    /** The head coordinates of the images from {@code from} (inclusive) to {@code to} (exclusive). */
    public Tensor headCoordinates(int from, int to) {
        long n = (long) to - from;
        int width = shape.allHeads() * shape.keptOfHead();
        Tensor z = Tensors.ofRange(heads, from * width, n, shape.allHeads(), shape.keptOfHead());
        if (shape.pooled()) {
            return z;
        }
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
        boolean head = unit.kind() == UnitId.Kind.HEAD;
        float[] from = head ? heads : projected;
        int width = head ? shape.keptOfHead() : shape.sharedWidth();
        int stride = (head ? shape.allHeads() : shape.others()) * width;
        int at = (head ? shape.index(unit) - 1 : shape.otherIndex(unit)) * width;
        int m = shape.coordinates(unit);
        float[] out = new float[size() * m];
        for (int i = 0; i < size(); i++) {
            System.arraycopy(from, i * stride + at, out, i * m, width);
            if (m > width) {
                out[i * m + width] = norm[i * 2];
                out[i * m + width + 1] = norm[i * 2 + 1];
            }
        }
        return out;
    }

    /** A unit in the shared space, [n, D]. */
    public Tensor unit(UnitFrame frame, UnitId unit) {
        Tensor a = coordinates(unit);
        if (!shape.mapped(unit)) {
            return a;
        }
        Tensor one = torch.ones(size(), 1);
        return Ops.cat(List.of(a, one), 1).matmul(frame.map(unit).t());
    }

    /**
     * Every head's coordinates with the constant, side by side, so that their product with {@link UnitFrame#headDirections} is
     * the sum of all heads: [n, L·H·(h + 3)], or [n, L·H·D].
     */
    public Tensor headColumns() {
        Tensor a = headCoordinates();
        if (!shape.pooled()) {
            a = Ops.cat(List.of(a, torch.ones(size(), shape.allHeads(), 1)), 2);
        }
        return a.reshape(size(), -1);
    }

    /** The sum of all heads, [n, D], without forming any of them that is not there. */
    public Tensor headSum(UnitFrame frame) {
        if (shape.pooled()) {
            return Ops.sum(headCoordinates(), 1);
        }
        return headColumns().matmul(frame.headDirections());
    }

    /** The units that are no heads, in order: [n, 1 + L (+ 1), D]. */
    public Tensor others() {
        return Tensors.of(projected, size(), shape.others(), shape.sharedWidth());
    }

    /** The sum of the embedding's and the MLPs' units, [n, D]. */
    public Tensor otherSum() {
        return Ops.sum(others(), 1);
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
        int h = shape.allHeads() * shape.keptOfHead();
        int k = shape.keptOfNorm();
        int p = shape.others() * shape.sharedWidth();
        int d = shape.sharedWidth();
        return new TraceBlock(
                shape,
                Arrays.copyOfRange(heads, from * h, to * h),
                Arrays.copyOfRange(norm, from * k, to * k),
                Arrays.copyOfRange(projected, from * p, to * p),
                Arrays.copyOfRange(output, from * d, to * d),
                Arrays.copyOfRange(labels, from, to),
                names.subList(from, to));
    }

    /** Some of the images, in the given order. */
    public TraceBlock some(int... chosen) {
        int h = shape.allHeads() * shape.keptOfHead();
        int k = shape.keptOfNorm();
        int p = shape.others() * shape.sharedWidth();
        int d = shape.sharedWidth();
        return new TraceBlock(
                shape,
                rows(heads, h, chosen),
                rows(norm, k, chosen),
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
