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

    /** Relative improvement below which the minimum is reached. */
    private static final double TOLERANCE = 1e-11;

    private static final int ITERATIONS = 500;

    private Descent() {}

    /** A loss, ready to be differentiated. */
    @FunctionalInterface
    interface Loss {
        /** The loss [] at some parameters. */
        Tensor at(List<Tensor> parameters);
    }

    /** The parameters of the least loss that is found from {@code start}, in this scope's native memory. */
    static List<Tensor> minimise(List<Tensor> start, Loss loss) {
        return minimise(start, List.of(loss));
    }

    /** The same for a sum of terms. Each is differentiated by itself, so that only one's intermediate values are in memory at a time. */
    static List<Tensor> minimise(List<Tensor> start, List<Loss> terms) {
        double[] end = new Lbfgs(MEMORY, ITERATIONS, TOLERANCE)
                .minimise((x, gradient) -> value(start, terms, x, gradient), ParameterShapes.flat(start))
                .x();
        return shaped(end, start);
    }

    private static double value(List<Tensor> like, List<Loss> terms, double[] x, double[] gradient) {
        try (NativeScope scope = NativeScope.training()) {
            List<Tensor> parameters = shaped(x, like);
            parameters.forEach(p -> p.set_requires_grad(true));
            double sum = 0;
            for (Loss term : terms) {
                try (NativeScope one = NativeScope.nested()) {
                    Tensor value = term.at(parameters);
                    value.backward(); // adds to the gradients
                    sum += value.item_double();
                }
            }
            double[] slopes =
                    ParameterShapes.flat(parameters.stream().map(Tensor::grad).toList());
            System.arraycopy(slopes, 0, gradient, 0, slopes.length);
            return sum;
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
