package io.residual.fit;

import io.residual.tensor.Lbfgs;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Minimises a loss of tensors, in 64-bit floats, by L-BFGS until it no longer improves. A penalty of fixed strength is part of the
 * loss, so that the minimum is the method's and not the optimiser's: no learning rate, no number of epochs.
 */
final class Descent {
    private static final int MEMORY = 10;

    /** Relative improvement of a step below which the minimum is reached. */
    private static final double TOLERANCE = 1e-11;

    private static final int ITERATIONS = 500;

    private Descent() {}

    /** A loss, ready to be differentiated. */
    @FunctionalInterface
    interface Loss {
        /** The loss [] at some parameters. */
        Tensor at(List<Tensor> parameters);
    }

    /** Coordinates in which the loss is about equally curved in every direction, so that fewer steps lead to its minimum: a preconditioner. */
    interface Coordinates {
        /** The parameters at some coordinates. */
        List<Tensor> at(List<Tensor> coordinates);

        /** The gradient by coordinates, of that by parameters. */
        List<Tensor> gradient(List<Tensor> byParameters);
    }

    /** The parameters themselves. */
    static final Coordinates PLAIN = new Coordinates() {
        @Override
        public List<Tensor> at(List<Tensor> coordinates) {
            return coordinates;
        }

        @Override
        public List<Tensor> gradient(List<Tensor> byParameters) {
            return byParameters;
        }
    };

    /** The parameters of the least loss that is found from {@code start}, in this scope's native memory. */
    static List<Tensor> minimise(List<Tensor> start, Loss loss) {
        return minimise(start, List.of(loss));
    }

    /** The same for a sum of terms. Each is differentiated by itself, so that only one's intermediate values are in memory at a time. */
    static List<Tensor> minimise(List<Tensor> start, List<Loss> terms) {
        return minimise(start, terms, PLAIN, TOLERANCE);
    }

    /**
     * The same in other coordinates.
     *
     * @param start coordinates
     * @param until relative improvement of a step below which it ends
     */
    static List<Tensor> minimise(List<Tensor> start, List<Loss> terms, Coordinates coordinates, double until) {
        double[] end = new Lbfgs(MEMORY, ITERATIONS, until)
                .minimise((x, gradient) -> value(start, terms, coordinates, x, gradient), ParameterShapes.flat(start))
                .x();
        return coordinates.at(shaped(end, start));
    }

    private static double value(
            List<Tensor> like, List<Loss> terms, Coordinates coordinates, double[] x, double[] gradient) {
        try (NativeScope scope = NativeScope.training()) {
            List<Tensor> parameters = parameters(like, coordinates, x);
            parameters.forEach(p -> p.set_requires_grad(true));
            double sum = 0;
            for (Loss term : terms) {
                try (NativeScope one = NativeScope.nested()) {
                    Tensor value = term.at(parameters);
                    value.backward(); // adds to the gradients
                    sum += value.item_double();
                }
            }
            double[] slopes = slopes(parameters, coordinates);
            System.arraycopy(slopes, 0, gradient, 0, slopes.length);
            return sum;
        }
    }

    private static List<Tensor> parameters(List<Tensor> like, Coordinates coordinates, double[] x) {
        try (NativeScope scope = NativeScope.inference()) {
            return coordinates.at(shaped(x, like)).stream().map(scope::keep).toList();
        }
    }

    private static double[] slopes(List<Tensor> parameters, Coordinates coordinates) {
        try (NativeScope scope = NativeScope.inference()) {
            return ParameterShapes.flat(
                    coordinates.gradient(parameters.stream().map(Tensor::grad).toList()));
        }
    }

    private static List<Tensor> shaped(double[] numbers, List<Tensor> like) {
        List<Tensor> all = new ArrayList<>();
        int at = 0;
        for (Tensor tensor : like) {
            double[] part = new double[(int) tensor.numel()];
            System.arraycopy(numbers, at, part, 0, part.length);
            all.add(Tensors.of(part, Tensors.shape(tensor)).to(ScalarType.Double));
            at += part.length;
        }
        return all;
    }
}
