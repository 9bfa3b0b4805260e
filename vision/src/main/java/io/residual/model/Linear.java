package io.residual.model;

import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * x Wᵀ + b.
 *
 * @param weight [out, in]
 * @param bias [out], or null for none
 */
public record Linear(Tensor weight, @Nullable Tensor bias) {
    /** Gives what the weight's type can hold: [..., out]. */
    Tensor apply(Tensor x) {
        return Ops.linear(x.to(type()), weight, bias);
    }

    /** As {@link #apply}, with the result in the first elements of {@code room}, in the weight's type. */
    Tensor applyInto(Tensor x, Tensor room) {
        long[] shape = Tensors.shape(x);
        shape[shape.length - 1] = outputs();
        return Ops.linearInto(Ops.viewOf(room, shape), x.to(type()), weight, bias);
    }

    /** The type of the product: that of the weight. */
    ScalarType type() {
        return Tensors.type(weight);
    }

    /** The width of the output. */
    long outputs() {
        return weight.size(0);
    }

    /** How many numbers it takes. */
    long inputs() {
        return weight.size(1);
    }

    /** Rows {@code from} to {@code to} of the weight and bias alone. */
    Linear rows(long from, long to) {
        return new Linear(weight.narrow(0, from, to - from), bias == null ? null : bias.narrow(0, from, to - from));
    }

    /** A copy with other tensors. */
    Linear with(UnaryOperator<Tensor> change) {
        return new Linear(change.apply(weight), bias == null ? null : change.apply(bias));
    }
}
