package io.residual.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam with decoupled weight decay (Loshchilov, Hutter 2019), written out so that its state can be saved beside the
 * weights and restored exactly.
 */
public final class AdamW implements StochasticOptimiser {
    /**
     * The settings that stay fixed during training.
     *
     * @param beta1 decay of the mean of gradients
     * @param beta2 decay of the mean of squared gradients
     * @param weightDecay shrinks a parameter by the factor 1 − rate · weightDecay a step
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {
        /** PyTorch's defaults, without weight decay. */
        public static final Settings PLAIN = new Settings(0.9, 0.999, 1e-8, 0);
    }

    private final List<Tensor> parameters;
    private final List<Tensor> means = new ArrayList<>();
    private final List<Tensor> squares = new ArrayList<>();
    private final Settings settings;
    private long steps;

    /**
     * An optimiser that has taken no step.
     *
     * @param parameters leaves that require gradients; weight decay touches only those of two axes or more
     */
    public AdamW(List<Tensor> parameters, Settings settings) {
        this.parameters = List.copyOf(parameters);
        this.settings = settings;
        for (Tensor parameter : parameters) {
            means.add(torch.zeros_like(parameter));
            squares.add(torch.zeros_like(parameter));
        }
    }

    @Override
    public void step(double rate) {
        steps++;
        double meanCorrection = 1 - Math.pow(settings.beta1(), (double) steps);
        double squareCorrection = 1 - Math.pow(settings.beta2(), (double) steps);
        try (NativeScope scope = NativeScope.inference()) {
            for (int i = 0; i < parameters.size(); i++) {
                Tensor parameter = parameters.get(i);
                Tensor gradient = parameter.grad();
                if (!gradient.defined()) {
                    continue;
                }
                if (settings.weightDecay() > 0 && parameter.dim() >= 2) {
                    parameter.mul_(new Scalar(1 - rate * settings.weightDecay()));
                }
                Tensor mean = means.get(i);
                Tensor square = squares.get(i);
                mean.mul_(new Scalar(settings.beta1())).add_(gradient, new Scalar(1 - settings.beta1()));
                square.mul_(new Scalar(settings.beta2()))
                        .addcmul_(gradient, gradient, new Scalar(1 - settings.beta2()));
                Tensor deviation = Ops.scale(square.sqrt(), 1 / Math.sqrt(squareCorrection));
                parameter.addcdiv_(mean, Ops.shift(deviation, settings.epsilon()), new Scalar(-rate / meanCorrection));
                gradient.zero_();
            }
        }
    }

    /** Steps taken so far. */
    public long steps() {
        return steps;
    }

    /** The running means of gradients, one a parameter: live tensors, to save or overwrite. */
    public List<Tensor> means() {
        return List.copyOf(means);
    }

    /** The running means of squared gradients, one a parameter: live tensors, to save or overwrite. */
    public List<Tensor> squares() {
        return List.copyOf(squares);
    }

    /** Continues as if {@code steps} had been taken, once {@link #means} and {@link #squares} were overwritten. */
    public void resumeAt(long steps) {
        this.steps = steps;
    }

    @Override
    public void close() {
        means.forEach(Tensor::close);
        squares.forEach(Tensor::close);
    }
}
