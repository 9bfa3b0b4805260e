package io.residual.fit;

import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.Method;
import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A linear probe: logistic regression on embeddings of unit length with a penalty on its weights (Radford et al. 2021,
 * section 3.2). It forgets the prompts: with few labels that is its weakness. The model's own classifier is a candidate on
 * validation, too.
 */
final class ProbeProblem implements Problem {
    private final Tensor classifier;

    /**
     * The problem for a model's own classifier, which is a candidate, too.
     *
     * @param classifier [D, C]
     */
    ProbeProblem(Tensor classifier) {
        this.classifier = classifier;
    }

    @Override
    public Method method() {
        return Method.PROBE;
    }

    @Override
    public List<Tensor> origin() {
        return List.of(torch.zeros_like(classifier), torch.zeros(classifier.size(1)));
    }

    @Override
    public List<Tensor> base() {
        return List.of(Ops.scale(classifier, 1 / Adapter.Probe.SCALE), torch.zeros(classifier.size(1)));
    }

    @Override
    public List<Tensor> at(List<Tensor> step, double strength) {
        return step;
    }

    @Override
    public List<Tensor> step(List<Tensor> parameters, double strength) {
        return parameters;
    }

    @Override
    public Tensor movement(List<Tensor> parameters) {
        return parameters.get(0).square().sum().add(parameters.get(1).square().sum());
    }

    @Override
    public Tensor logits(Cached data, List<Tensor> parameters) {
        return Adapter.Probe.logits(data.coefficients(), parameters.get(0), parameters.get(1));
    }
}
