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
 * <p>The numbers lie in arrays, or in a file of which this is only a handle ({@link TraceFolder}): then every access reads them anew, and
 * nothing of them stays in memory but what the caller holds. So a list of such blocks costs nothing, and whoever wants many units of a block
 * should ask for them together. Immutable; safe for several threads.
 */
public final class TraceBlock {
    private final UnitShape shape;
    private final Rows heads;
    private final Rows norm;
    private final Rows projected;
    private final Rows output;
    private final int[] labels;
    private final List<String> names;

    /**
     * A block of numbers in memory.
     *
     * @param heads [n, L·H, h]: z/σ, what the heads read over the final LayerNorm's deviation; [n, L·H, D], the heads' units, where
     *     the embedding is pooled by attention
     * @param norm [n, 2]: 1/σ and μ/σ; [n, 0] where the embedding is pooled by attention
     * @param projected [n, 1 + L, D]: the units of the embedding and the MLPs; [n, 2 + L, D] with the MLP after pooling
     * @param output [n, D]: the model's own embedding
     * @param labels n class indices
     * @param names n names
     */
    public TraceBlock(
            UnitShape shape,
            float[] heads,
            float[] norm,
            float[] projected,
            float[] output,
            int[] labels,
            List<String> names) {
        this(
                shape,
                Rows.of(heads, labels.length),
                Rows.of(norm, labels.length),
                Rows.of(projected, labels.length),
                Rows.of(output, labels.length),
                labels,
                names);
        int n = labels.length;
        int d = shape.sharedWidth();
        if (heads.length != n * shape.allHeads() * shape.keptOfHead()
                || norm.length != n * shape.keptOfNorm()
                || projected.length != n * shape.others() * d
                || output.length != n * d) {
            throw new IllegalArgumentException("a block of " + n + " images does not fit " + shape);
        }
    }

    /** A block of numbers wherever they are. */
    TraceBlock(UnitShape shape, Rows heads, Rows norm, Rows projected, Rows output, int[] labels, List<String> names) {
        this.shape = shape;
        this.heads = heads;
        this.norm = norm;
        this.projected = projected;
        this.output = output;
        this.labels = labels;
        this.names = List.copyOf(names);
        if (names.size() != labels.length) {
            throw new IllegalArgumentException("a block of " + labels.length + " images does not fit " + shape);
        }
    }

    /** The layout of the units. */
    public UnitShape shape() {
        return shape;
    }

    /** z/σ of every head, [n, L·H, h], or the heads' units, [n, L·H, D]; read whole if they are in a file. */
    public float[] heads() {
        return heads.all();
    }

    /** 1/σ and μ/σ, [n, 2] or [n, 0]. */
    public float[] norm() {
        return norm.all();
    }

    /** The units that are no heads, [n, 1 + L (+ 1), D]; read whole if they are in a file. */
    public float[] projected() {
        return projected.all();
    }

    /** The model's own embeddings, [n, D]. */
    public float[] output() {
        return output.all();
    }

    /** n class indices. */
    public int[] labels() {
        return labels;
    }

    /** n names. */
    public List<String> names() {
        return names;
    }

    /** The same units with other embeddings, [n, D]. */
    public TraceBlock withOutput(float[] other) {
        if (other.length != size() * shape.sharedWidth()) {
            throw new IllegalArgumentException(other.length + " numbers for " + size() + " embeddings");
        }
        return new TraceBlock(shape, heads, norm, projected, Rows.of(other, size()), labels, names);
    }

    /** The same images with other class indices. */
    public TraceBlock withLabels(int... other) {
        return new TraceBlock(shape, heads, norm, projected, output, other, names);
    }

    /** The same images by other names. */
    TraceBlock withNames(List<String> other) {
        return new TraceBlock(shape, heads, norm, projected, output, labels, other);
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
        for (float[] part : List.of(heads.all(), norm.all(), projected.all())) {
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
        return output.tensor(0, size(), shape.sharedWidth());
    }

    /** What varies of every head, side by side: z/σ, 1/σ, μ/σ, [n, L·H, h + 2]; or its unit, [n, L·H, D]. */
    public Tensor headCoordinates() {
        return headCoordinates(0, size());
    }

    /** {@link #heads} of the images from {@code from} (inclusive) to {@code to} (exclusive), [to − from, L·H, h]. */
    public Tensor headValues(int from, int to) {
        return heads.tensor(from, to, shape.allHeads(), shape.keptOfHead());
    }

    /** {@link #norm} of the images from {@code from} (inclusive) to {@code to} (exclusive), [to − from, 2]. */
    public Tensor normValues(int from, int to) {
        return norm.tensor(from, to, shape.keptOfNorm());
    }

    /** The head coordinates of the images from {@code from} (inclusive) to {@code to} (exclusive). */
    public Tensor headCoordinates(int from, int to) {
        Tensor z = headValues(from, to);
        if (shape.pooled()) {
            return z;
        }
        Tensor tail = normValues(from, to).unsqueeze(1).expand((long) to - from, shape.allHeads(), 2);
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

    /**
     * {@link #coordinates(UnitId)} of several units, read together and never in the Java heap: views of one tensor, and so in general not
     * contiguous.
     */
    public List<Tensor> coordinates(List<UnitId> units) {
        boolean anyHead = units.stream().anyMatch(u -> u.kind() == UnitId.Kind.HEAD);
        boolean anyOther = units.stream().anyMatch(u -> u.kind() != UnitId.Kind.HEAD);
        Tensor allHeads = anyHead ? headCoordinates() : torch.empty(0);
        Tensor allOthers = anyOther ? others() : torch.empty(0);
        return units.stream()
                .map(u -> u.kind() == UnitId.Kind.HEAD
                        ? allHeads.select(1, shape.index(u) - 1L)
                        : allOthers.select(1, shape.otherIndex(u)))
                .toList();
    }

    /** The numbers of {@link #coordinates}, row by row. */
    float[] values(UnitId unit) {
        boolean head = unit.kind() == UnitId.Kind.HEAD;
        int width = head ? shape.keptOfHead() : shape.sharedWidth();
        int at = (head ? shape.index(unit) - 1 : shape.otherIndex(unit)) * width;
        int m = shape.coordinates(unit);
        float[] narrow = (head ? heads : projected).columns(at, width);
        if (m == width) {
            return narrow;
        }
        float[] shared = norm.all();
        float[] out = new float[size() * m];
        for (int i = 0; i < size(); i++) {
            System.arraycopy(narrow, i * width, out, i * m, width);
            out[i * m + width] = shared[i * 2];
            out[i * m + width + 1] = shared[i * 2 + 1];
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
        return projected.tensor(0, size(), shape.others(), shape.sharedWidth());
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
        return Tensors.joined(blocks.stream().map(part).toList());
    }

    /** The images from {@code from} to {@code to}. */
    public TraceBlock slice(int from, int to) {
        return new TraceBlock(
                shape,
                heads.slice(from, to),
                norm.slice(from, to),
                projected.slice(from, to),
                output.slice(from, to),
                Arrays.copyOfRange(labels, from, to),
                names.subList(from, to));
    }

    /** Some of the images, in the given order. */
    public TraceBlock some(int... chosen) {
        return new TraceBlock(
                shape,
                heads.some(chosen),
                norm.some(chosen),
                projected.some(chosen),
                output.some(chosen),
                Arrays.stream(chosen).map(i -> labels[i]).toArray(),
                Arrays.stream(chosen).mapToObj(names::get).toList());
    }
}
