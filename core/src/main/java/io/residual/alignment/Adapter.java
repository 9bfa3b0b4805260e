package io.residual.alignment;

import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import org.bytedeco.pytorch.Tensor;

/** From a traced image to an embedding that suits the user's data. Immutable. */
public sealed interface Adapter {
    /** The method that it belongs to. */
    Method method();

    /** How many numbers were learned. */
    int parameters();

    /** The adapted embeddings ŷ [n, D] of some images, in this scope's native memory. */
    Tensor features(TraceBlock block);

    /** The model as it is. */
    record Identity() implements Adapter {
        @Override
        public Method method() {
            return Method.BASE;
        }

        @Override
        public int parameters() {
            return 0;
        }

        @Override
        public Tensor features(TraceBlock block) {
            return block.outputs();
        }
    }

    /**
     * y → W y + b.
     *
     * @param weight [D, D]
     * @param bias [D]
     */
    record LinearMap(float[] weight, float[] bias) implements Adapter {
        @Override
        public Method method() {
            return Method.LINEAR;
        }

        @Override
        public int parameters() {
            return weight.length + bias.length;
        }

        @Override
        public Tensor features(TraceBlock block) {
            int d = bias.length;
            return block.outputs().matmul(Tensors.of(weight, d, d).t()).add(Tensors.of(bias, d));
        }
    }

    /**
     * Weighted components.
     *
     * @param lambdas λ, one a parameter of the design
     */
    record Spectral(Design design, float[] lambdas) implements Adapter {
        public Spectral {
            if (lambdas.length != design.parameters()) {
                throw new IllegalArgumentException(
                        lambdas.length + " weights for " + design.parameters() + " parameters");
            }
        }

        @Override
        public Method method() {
            return design.method();
        }

        @Override
        public int parameters() {
            return lambdas.length;
        }

        @Override
        public Tensor features(TraceBlock block) {
            return Objective.features(
                    design.cache(block), design.spread(Tensors.of(lambdas, lambdas.length)), design.directions());
        }
    }
}
