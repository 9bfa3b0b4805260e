package io.residual.adapt;

import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import org.bytedeco.pytorch.Tensor;

/** From a traced image to an embedding that suits the user's data. Immutable. */
public sealed interface Adapter {
    /** The method that the adapter belongs to. */
    Method method();

    /** The number of learned parameters. */
    int parameters();

    /** The adapted embeddings ŷ [n, D] of some images, in this scope's native memory. */
    Tensor features(TraceBlock block);

    /** Logits [n, C] of some images, in this scope's native memory. */
    default Tensor logits(TraceBlock block, Classifier classifier) {
        return logits(features(block), classifier);
    }

    /** Logits [n, C] of adapted embeddings ŷ [n, D], in this scope's native memory. */
    default Tensor logits(Tensor features, Classifier classifier) {
        return classifier.logits(features);
    }

    /**
     * The adapter part of the way: λ = 1 + t (λ − 1), or the same for W and b; what has nothing to turn stays as it is.
     * With means and other units kept, 0 is the unadapted model.
     *
     * @param t 0 for the start, 1 for what was learned
     */
    default Adapter interpolated(double t) {
        return this;
    }

    /** The unadapted model. */
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

        @Override
        public Adapter interpolated(double t) {
            int d = bias.length;
            float[] w = new float[weight.length];
            for (int i = 0; i < w.length; i++) {
                float identity = i / d == i % d ? 1 : 0;
                w[i] = (float) (identity + t * (weight[i] - identity));
            }
            float[] b = new float[d];
            for (int i = 0; i < d; i++) {
                b[i] = (float) (t * bias[i]);
            }
            return new LinearMap(w, b);
        }
    }

    /**
     * A linear probe on embeddings of unit length; the embeddings stay as they are.
     *
     * @param weight [D, C]
     * @param bias [C]
     */
    record Probe(float[] weight, float[] bias) implements Adapter {
        /**
         * Unit embeddings of one model differ little; this many times their length and a step of 1 means something. Penalty
         * strengths are relative to it, and validation chooses among those.
         */
        public static final double SCALE = 10;

        /** Logits [n, C] of embeddings [n, D]. {@code weight} [D, C], {@code bias} [C]. */
        public static Tensor logits(Tensor outputs, Tensor weight, Tensor bias) {
            return Ops.scale(Ops.normalise(outputs), SCALE).matmul(weight).add(bias);
        }

        @Override
        public Method method() {
            return Method.PROBE;
        }

        @Override
        public int parameters() {
            return weight.length + bias.length;
        }

        @Override
        public Tensor features(TraceBlock block) {
            return block.outputs();
        }

        @Override
        public Tensor logits(Tensor features, Classifier classifier) {
            int c = bias.length;
            return logits(features, Tensors.of(weight, (long) weight.length / c, c), Tensors.of(bias, c));
        }
    }

    /**
     * Stored images that vote (Tip-Adapter); embeddings are not changed.
     *
     * @param keys embeddings of unit length, [m, D]
     * @param labels their m class indices
     * @param alpha weight α of the votes
     * @param beta sharpness β of the votes
     */
    record Memory(Method method, float[] keys, int[] labels, float alpha, float beta) implements Adapter {
        /**
         * Zero-shot logits and the vote. {@code outputs} [n, D], {@code keys} [m, D]; gives [n, C].
         */
        public static Tensor logits(
                Tensor outputs, Tensor keys, int[] labels, Classifier classifier, double alpha, double beta) {
            Tensor similar = Ops.normalise(outputs).matmul(keys.t());
            return classifier.logits(outputs).add(votes(similar, labels, classifier, alpha, beta));
        }

        /**
         * α · Σ exp(−β (1 − f · f_j)) over the remembered images j of each class. {@code similar} [n, m], cosines; gives [n, C].
         */
        public static Tensor votes(Tensor similar, int[] labels, Classifier classifier, double alpha, double beta) {
            int classes = classifier.classes().size();
            float[] votes = new float[labels.length * classes];
            for (int j = 0; j < labels.length; j++) {
                votes[j * classes + labels[j]] = (float) alpha;
            }
            Tensor affinity = Ops.scale(Ops.shift(similar, -1), beta).exp();
            return affinity.matmul(Tensors.of(votes, labels.length, classes));
        }

        /** The number of learned parameters: α and β, and the keys if they were tuned. */
        @Override
        public int parameters() {
            return method == Method.TIP_TUNED ? keys.length + 2 : 2;
        }

        @Override
        public Tensor features(TraceBlock block) {
            return block.outputs();
        }

        @Override
        public Tensor logits(Tensor features, Classifier classifier) {
            Tensor remembered = Tensors.of(keys, labels.length, (long) keys.length / labels.length);
            return logits(features, remembered, labels, classifier, alpha, beta);
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
        public Adapter interpolated(double t) {
            float[] turned = new float[lambdas.length];
            for (int i = 0; i < turned.length; i++) {
                turned[i] = (float) (1 + t * (lambdas[i] - 1));
            }
            return new Spectral(design, turned);
        }

        @Override
        public int parameters() {
            return lambdas.length;
        }

        @Override
        public Tensor features(TraceBlock block) {
            return design.cache(block)
                    .features(design.spread(Tensors.of(lambdas, lambdas.length)), design.directions());
        }
    }
}
