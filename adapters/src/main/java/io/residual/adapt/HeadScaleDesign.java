package io.residual.adapt;

import io.residual.adapt.ComponentDesign.Others;
import io.residual.tensor.Ops;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One weight a head, Σ λ_h u_h; the other units left out, as published ("Optimized" in the paper), or kept, so that λ = 1
 * is exactly the unadapted model. The columns are the heads' own coordinates, those of one head sharing its parameter.
 */
public final class HeadScaleDesign implements Design {
    private final UnitFrame frame;
    private final Others others;

    /** A design of all heads. */
    public HeadScaleDesign(UnitFrame frame, Others others) {
        this.frame = frame;
        this.others = others;
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
    }

    @Override
    public Method method() {
        return Method.COARSE;
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
        Tensor coefficients = block.headColumns();
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
        }
        for (int i = 0; i < lambdas.length; i++) {
            folding.unit(heads.get(i), Ops.scale(identity, kept ? lambdas[i] - 1 : lambdas[i]), identity);
        }
    }
}
