package io.residual.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Schedule-free AdamW (Defazio et al. 2024, "The Road Less Scheduled", algorithm 1), which needs no schedule of learning
 * rates and is what ResiDual was published with. Three sequences: z takes the steps, x is the average of z, weighted by the
 * squared rate, and gradients are taken at y = (1 − β₁) z + β₁ x. The parameters hold y, or x after {@link #show}.
 */
public final class ScheduleFreeAdamW implements StochasticOptimiser {
    private final List<Tensor> parameters;
    private final List<Tensor> steps = new ArrayList<>(); // z
    private final List<Tensor> averages = new ArrayList<>(); // x
    private final List<Tensor> squares = new ArrayList<>();
    private final AdamW.Settings settings;
    private long taken;
    private double weightSum;

    /**
     * An optimiser that has taken no step.
     *
     * @param parameters leaves that require gradients
     * @param settings β₁ places y between z and x; weight decay acts at y
     */
    public ScheduleFreeAdamW(List<Tensor> parameters, AdamW.Settings settings) {
        this.parameters = List.copyOf(parameters);
        this.settings = settings;
        for (Tensor parameter : parameters) {
            Tensor start = parameter.detach();
            steps.add(start.clone());
            averages.add(start.clone());
            squares.add(torch.zeros_like(start));
        }
    }

    @Override
    public void step(double rate) {
        taken++;
        double correction = 1 - Math.pow(settings.beta2(), (double) taken);
        double weight = rate * rate;
        weightSum += weight;
        double share = weightSum == 0 ? 0 : weight / weightSum;
        try (NativeScope scope = NativeScope.inference()) {
            for (int i = 0; i < parameters.size(); i++) {
                Tensor parameter = parameters.get(i);
                Tensor gradient = parameter.grad();
                if (!gradient.defined()) {
                    continue;
                }
                Tensor square = squares.get(i);
                square.mul_(new Scalar(settings.beta2()))
                        .addcmul_(gradient, gradient, new Scalar(1 - settings.beta2()));
                Tensor deviation = Ops.shift(Ops.scale(square, 1 / correction).sqrt(), settings.epsilon());
                Tensor z = steps.get(i);
                z.addcdiv_(gradient, deviation, new Scalar(-rate));
                if (settings.weightDecay() > 0) {
                    z.add_(parameter, new Scalar(-rate * settings.weightDecay()));
                }
                Tensor x = averages.get(i);
                x.mul_(new Scalar(1 - share)).add_(z, new Scalar(share));
                gradient.zero_();
            }
        }
        resume();
    }

    /** The parameters become x, the average: what the method promises anything about. */
    @Override
    public void show() {
        try (NativeScope scope = NativeScope.inference()) {
            for (int i = 0; i < parameters.size(); i++) {
                parameters.get(i).copy_(averages.get(i));
            }
        }
    }

    /** Sets the parameters to y, the point where gradients are evaluated (training mode). */
    @Override
    public void resume() {
        try (NativeScope scope = NativeScope.inference()) {
            for (int i = 0; i < parameters.size(); i++) {
                Tensor y = Ops.scale(steps.get(i), 1 - settings.beta1())
                        .add(averages.get(i), new Scalar(settings.beta1()));
                parameters.get(i).copy_(y);
            }
        }
    }

    @Override
    public void close() {
        steps.forEach(Tensor::close);
        averages.forEach(Tensor::close);
        squares.forEach(Tensor::close);
    }
}
