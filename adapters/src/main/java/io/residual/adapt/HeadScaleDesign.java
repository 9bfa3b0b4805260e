package io.residual.adapt;

import io.residual.adapt.ComponentDesign.Others;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One weight a head, Σ λ_h u_h; the other units left out, as published ("Optimized" in the paper), or kept, so that λ = 1
 * is exactly the unadapted model. The columns are the heads' own coordinates, those of one head sharing its parameter. Centred, for
 * head ablation: y + Σ (λ_h − 1)(u_h − ū_h), so that a head at 0 is at its mean.
 */
public final class HeadScaleDesign implements Design {
    private final UnitFrame frame;
    private final Others others;
    private final float @Nullable [] means; // of the columns, [L·H · columns of a head]; null for none

    /** A design of all heads. */
    public HeadScaleDesign(UnitFrame frame, Others others) {
        this(frame, others, null);
    }

    private HeadScaleDesign(UnitFrame frame, Others others, float @Nullable [] means) {
        this.frame = frame;
        this.others = others;
        this.means = means;
    }

    /**
     * A design whose heads shrink towards their means over some images.
     *
     * @param means of every column of {@link TraceBlock#headColumns}
     */
    public static HeadScaleDesign centred(UnitFrame frame, float... means) {
        if (means.length != frame.shape().allHeads() * frame.columnsOfHead()) {
            throw new IllegalArgumentException(means.length + " means");
        }
        return new HeadScaleDesign(frame, Others.KEPT, means);
    }

    static HeadScaleDesign readCentred(AdapterSource from) {
        UnitFrame frame = from.frame();
        return centred(frame, from.floats("means", frame.shape().allHeads(), frame.columnsOfHead()));
    }

    /** The means of the columns that heads shrink towards; null where they shrink towards nothing. */
    public float @Nullable [] means() {
        return means == null ? null : means.clone();
    }

    /** What the heads' means add: Σ (1 − λ_h) ū_h [D], 64-bit, in this scope's native memory; zero without means. */
    public Tensor constant(float... lambdas) {
        Tensor sum = torch.zeros(frame.shape().sharedWidth()).to(ScalarType.Double);
        float[] own = means;
        if (own == null) {
            return sum;
        }
        Tensor directions = directions();
        int width = frame.columnsOfHead();
        for (int i = 0; i < lambdas.length; i++) {
            if (lambdas[i] != 1) {
                Tensor mean = Tensors.ofRange(own, i * width, 1, width);
                Tensor unit = mean.matmul(directions.narrow(0, (long) i * width, width))
                        .squeeze(0)
                        .to(ScalarType.Double);
                sum = sum.add(Ops.scale(unit, 1.0 - lambdas[i]));
            }
        }
        return sum;
    }

    /** The treatment of the embedding's unit and of the MLPs. */
    public Others others() {
        return others;
    }

    /** Files that were written before the other units could be kept do not say what becomes of them. */
    static HeadScaleDesign read(AdapterSource from) {
        return new HeadScaleDesign(from.frame(), from.info().others() == null ? Others.DROPPED : from.others());
    }

    @Override
    public void store(StoredAdapter to) {
        to.others(others);
        float[] own = means;
        if (own != null) {
            to.add("means", own, frame.shape().allHeads(), frame.columnsOfHead());
        }
    }

    @Override
    public Method method() {
        return means == null ? Method.COARSE : Method.HEAD_ABLATION;
    }

    @Override
    public int parameters() {
        return frame.shape().allHeads();
    }

    @Override
    public int[] parameterOfColumn() {
        UnitShape shape = frame.shape();
        int width = frame.columnsOfHead();
        return IntStream.range(0, shape.allHeads() * width).map(i -> i / width).toArray();
    }

    @Override
    public Tensor directions() {
        return frame.headDirections();
    }

    @Override
    public Cached cache(TraceBlock block) {
        long n = block.size();
        float[] own = means;
        Tensor columns = block.headColumns();
        Tensor coefficients = own == null ? columns : columns.sub(Tensors.of(own, 1, own.length));
        return new Cached(
                coefficients,
                others == Others.KEPT
                        ? block.outputs().sub(coefficients.matmul(directions()))
                        : torch.zeros(n, frame.shape().sharedWidth()));
    }

    @Override
    public void fold(Folding folding, float... lambdas) {
        Tensor identity = Folding.identity(frame.shape().sharedWidth());
        List<UnitId> heads = frame.shape().headIds();
        boolean kept = others == Others.KEPT;
        if (kept) {
            folding.output(identity);
            folding.constant(constant(lambdas).unsqueeze(1));
        }
        for (int i = 0; i < lambdas.length; i++) {
            folding.unit(heads.get(i), Ops.scale(identity, kept ? lambdas[i] - 1 : lambdas[i]), identity);
        }
    }
}
