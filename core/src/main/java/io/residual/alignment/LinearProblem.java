package io.residual.alignment;

import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** W and b of y → W y + b. */
final class LinearProblem implements Problem {
    private final Tensor classifier;
    private final long width;
    private final Tensor root; // M^½ of M = E[y yᵀ] / E‖y‖², [D, D]
    private final Tensor inverseRoot;
    private final double biasWeight; // 1 / E‖y‖²

    /**
     * The problem for some training images, whose embeddings are the cached coefficients.
     *
     * @param classifier [D, C]
     */
    LinearProblem(Cached train, Tensor classifier) {
        this.classifier = classifier;
        Tensor y = train.coefficients().to(ScalarType.Double);
        this.width = y.size(1);
        Tensor second = Ops.scale(y.t().matmul(y), 1.0 / y.size(0));
        double square = Math.max(second.trace().item_double(), Double.MIN_NORMAL);
        this.biasWeight = 1 / square;
        T_TensorTensor_T solved = torch.linalg_eigh(Ops.scale(second, 1 / square), "L");
        // Directions without variance could be moved at no cost; a floor keeps them where they are.
        Tensor values = solved.get0().clamp_min(new Scalar(1e-9)).sqrt();
        Tensor vectors = solved.get1();
        this.root = vectors.mul(values).matmul(vectors.t()).to(ScalarType.Float);
        this.inverseRoot = vectors.div(values).matmul(vectors.t()).to(ScalarType.Float);
    }

    @Override
    public Method method() {
        return Method.LINEAR;
    }

    @Override
    public List<Tensor> origin() {
        return List.of(torch.eye(width), torch.zeros(width));
    }

    @Override
    public List<Tensor> at(List<Tensor> step) {
        return List.of(
                torch.eye(width).add(step.get(0).matmul(inverseRoot)),
                Ops.scale(step.get(1), 1 / Math.sqrt(biasWeight)));
    }

    /** E‖(W − I) y‖² / E‖y‖² = ‖(W − I) M^½‖², and ‖b‖² / E‖y‖². */
    @Override
    public Tensor movement(List<Tensor> parameters) {
        Tensor change = parameters.get(0).sub(torch.eye(width)).matmul(root);
        return change.square().sum().add(Ops.scale(parameters.get(1).square().sum(), biasWeight));
    }

    @Override
    public Tensor logits(Cached data, List<Tensor> parameters) {
        return Classifier.logits(Ops.linear(data.coefficients(), parameters.get(0), parameters.get(1)), classifier);
    }
}
