package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.adapt.Method;
import io.residual.tensor.Ops;
import io.residual.zeroshot.Classifier;
import java.util.List;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The Linear Aligner: W [D, D] and b [D] of y → W y + b. */
final class LinearProblem implements Problem {
    private final Tensor classifier;
    private final long width;
    private final Tensor vectors; // of M = E[y yᵀ] / E‖y‖², in columns, [D, D]
    private final Metric metric; // along these
    private final double square; // E‖y‖²

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
        this.square = Math.max(second.trace().item_double(), Double.MIN_NORMAL);
        T_TensorTensor_T solved = torch.linalg_eigh(Ops.scale(second, 1 / square), "L");
        this.vectors = solved.get1().to(ScalarType.Float);
        this.metric = new Metric(solved.get0().to(ScalarType.Float), classifier);
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
    public List<Tensor> at(List<Tensor> step, double strength) {
        return List.of(
                torch.eye(width).add(step.get(0).div(metric.length(strength)).matmul(vectors.t())),
                Ops.scale(step.get(1), 1 / biasLength(strength)));
    }

    @Override
    public List<Tensor> step(List<Tensor> parameters, double strength) {
        return List.of(
                parameters.get(0).sub(torch.eye(width)).matmul(vectors).mul(metric.length(strength)),
                Ops.scale(parameters.get(1), biasLength(strength)));
    }

    /** A bias moves embeddings as a direction does in which all images are 1. */
    private double biasLength(double strength) {
        return Math.sqrt((metric.curvature() + strength) / square);
    }

    /** The penalty ‖W − I‖² / D + ‖b‖² / E‖y‖², []. */
    @Override
    public Tensor movement(List<Tensor> parameters) {
        Tensor change = parameters.get(0).sub(torch.eye(width));
        return Ops.scale(change.square().sum(), metric.cost())
                .add(Ops.scale(parameters.get(1).square().sum(), 1 / square));
    }

    @Override
    public Tensor logits(Cached data, List<Tensor> parameters) {
        return Classifier.logits(Ops.linear(data.coefficients(), parameters.get(0), parameters.get(1)), classifier);
    }
}
