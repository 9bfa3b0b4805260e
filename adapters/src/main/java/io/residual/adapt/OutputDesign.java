package io.residual.adapt;

import io.residual.spectrum.Spectrum;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** ResiDual^y: Φᵀ diag(λ) Φ (y − ȳ), the components being those of the output itself. */
public final class OutputDesign implements Design {
    private final ComponentDesign.Part part;
    private final ComponentDesign.Means means;

    public OutputDesign(ComponentDesign.Part part, ComponentDesign.Means means) {
        this.part = part;
        this.means = means;
    }

    /** The design of the output's spectrum, all components. */
    public static OutputDesign of(Spectrum output, ComponentDesign.Means means) {
        return new OutputDesign(ComponentDesign.Part.of(output, output.rank()), means);
    }

    @Override
    public Method method() {
        return Method.OUTPUT_SPECTRAL;
    }

    /** The output's components. */
    public ComponentDesign.Part part() {
        return part;
    }

    /** The treatment of the mean. */
    public ComponentDesign.Means means() {
        return means;
    }

    @Override
    public int parameters() {
        return part.kept();
    }

    @Override
    public int[] parameterOfColumn() {
        return new int[0];
    }

    @Override
    public Tensor directions() {
        return Tensors.of(part.components(), part.kept(), part.mean().length);
    }

    @Override
    public Cached cache(TraceBlock block) {
        Tensor y = block.outputs();
        Tensor mean = Tensors.of(part.mean(), 1, part.mean().length);
        Tensor coefficients = y.sub(mean).matmul(directions().t());
        return new Cached(
                coefficients,
                means == ComponentDesign.Means.RESTORED
                        ? y.sub(coefficients.matmul(directions()))
                        : torch.zeros_like(y));
    }

    @Override
    public void fold(Folding folding, float... lambdas) {
        int d = part.mean().length;
        boolean restored = means == ComponentDesign.Means.RESTORED;
        Tensor phi = directions().to(ScalarType.Double);
        Tensor lambda = Tensors.of(lambdas, lambdas.length).to(ScalarType.Double);
        Tensor map = phi.t().mul(restored ? Ops.shift(lambda, -1) : lambda).matmul(phi);
        folding.output(restored ? map.add(Folding.identity(d)) : map);
        folding.constant(Ops.scale(map.matmul(Tensors.of(part.mean(), d, 1).to(ScalarType.Double)), -1));
    }
}
