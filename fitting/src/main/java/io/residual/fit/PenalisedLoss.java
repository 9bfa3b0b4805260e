package io.residual.fit;

import io.residual.tensor.Lbfgs;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The mean cross-entropy of all images plus strength/2 · the movement, as a function of the step from the origin. It keeps what it computed at
 * the lowest value met: there the next strength's fit starts, and the cross-entropy is the same whatever the strength. For one fit.
 */
final class PenalisedLoss implements Lbfgs.Function {
    /** The cross-entropy at some parameters and its gradient with respect to them. */
    record Known(double loss, List<float[]> gradient) {}

    private final Problem problem;
    private final SampleSet train;
    private final Tensor targets;
    private final ParameterShapes shapes;
    private final double strength;
    private @Nullable Known start;
    private double[] lowestAt = {};
    private double lowest = Double.POSITIVE_INFINITY;
    private @Nullable Known ofLowest;

    /**
     * The loss of a fit that is about to begin.
     *
     * @param start what is known where the fit starts; null if that is nothing
     */
    PenalisedLoss(
            Problem problem,
            SampleSet train,
            Tensor targets,
            ParameterShapes shapes,
            double strength,
            @Nullable Known start) {
        this.problem = problem;
        this.train = train;
        this.targets = targets;
        this.shapes = shapes;
        this.strength = strength;
        this.start = start;
    }

    /** Cross-entropy plus strength/2 · the movement, with its gradient with respect to the step. */
    @Override
    public double at(double[] x, double[] gradient) {
        try (NativeScope scope = NativeScope.training()) {
            List<Tensor> step = shapes.shaped(shapes.split(x));
            step.forEach(p -> p.set_requires_grad(true));
            List<Tensor> parameters = problem.at(step, strength);
            Known here = start == null ? loss(parameters) : start;
            start = null; // the first evaluation is the start's
            Tensor penalty = Ops.scale(problem.movement(parameters), strength / 2);
            Tensor along = penalty;
            for (int i = 0; i < parameters.size(); i++) {
                Tensor parameter = parameters.get(i);
                Tensor slope = Tensors.of(here.gradient.get(i), Tensors.shape(parameter));
                along = along.add(parameter.mul(slope).sum());
            }
            along.backward();
            double[] flat = ParameterShapes.flat(step.stream().map(Tensor::grad).toList());
            System.arraycopy(flat, 0, gradient, 0, flat.length);
            double value = here.loss + penalty.item_double();
            if (value < lowest) {
                lowest = value;
                lowestAt = x;
                ofLowest = here;
            }
            return value;
        }
    }

    /** What is known of the loss where the fit ended: that is nearly always the lowest value met. */
    @Nullable
    Known of(double[] end) {
        return end == lowestAt ? ofLowest : null;
    }

    /** The mean cross-entropy of all images, and its gradient with respect to the parameters. */
    private Known loss(List<Tensor> parameters) {
        List<Tensor> leaves =
                parameters.stream().map(p -> p.detach().set_requires_grad(true)).toList();
        Problem.Loss loss = problem.loss(train, targets, leaves);
        loss.differentiable().backward();
        return new Known(
                loss.value(), leaves.stream().map(p -> Tensors.floats(p.grad())).toList());
    }
}
