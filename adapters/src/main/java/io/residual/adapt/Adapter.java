package io.residual.adapt;

import io.residual.model.ImageTextModel;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** From a traced image to an embedding that suits the user's data. Immutable. */
public sealed interface Adapter
        permits Adapter.Identity,
                Adapter.LinearMap,
                Adapter.Probe,
                Adapter.Memory,
                Adapter.Spectral,
                HeadsOff,
                TextHead,
                SpectralHead,
                KernelVotes {
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

    /** The weighted components that change embeddings; null for an adapter that has none. */
    default @Nullable Spectral spectral() {
        return null;
    }

    /** The linear classifier beside the prompts; null for an adapter that has none. */
    default @Nullable TextHead head() {
        return null;
    }

    /** The part that changes embeddings, which serves any classes; the rest is for the classes that it was fitted on. */
    default Adapter withoutHead() {
        return this;
    }

    /**
     * The model that reads images for this adapter: the given one, but for an adapter that changes the forward pass. Its own blocks are
     * those of that model. The result is the given model or a view of it, and is not closed by itself.
     */
    default ImageTextModel on(ImageTextModel model) {
        return model;
    }

    /** Hands over what a file keeps of it. */
    void store(StoredAdapter to);

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

        @Override
        public void store(StoredAdapter to) {}
    }

    /**
     * y → W y + b.
     *
     * @param method the Linear Aligner, or RLA, whose b is 0
     * @param weight [D, D]
     * @param bias [D]
     */
    record LinearMap(Method method, float[] weight, float[] bias) implements Adapter {
        /** A Linear Aligner. */
        public LinearMap(float[] weight, float[] bias) {
            this(Method.LINEAR, weight, bias);
        }

        static LinearMap read(AdapterSource from, Method method) {
            int d = from.width();
            return new LinearMap(method, from.floats("weight", d, d), from.floats("bias", d));
        }

        @Override
        public void store(StoredAdapter to) {
            int d = bias.length;
            to.add("weight", weight, d, d).add("bias", bias, d);
        }

        @Override
        public int parameters() {
            return weight.length + (method == Method.RLA ? 0 : bias.length);
        }

        @Override
        public Tensor features(TraceBlock block) {
            return mapped(block.outputs());
        }

        /** W y + b of embeddings y [n, D], in this scope's native memory. */
        public Tensor mapped(Tensor outputs) {
            int d = bias.length;
            return outputs.matmul(Tensors.of(weight, d, d).t()).add(Tensors.of(bias, d));
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
            return new LinearMap(method, w, b);
        }
    }

    /**
     * A linear probe that starts from nothing, on embeddings of unit length; the embeddings stay as they are. One that stands
     * beside the prompts is a {@link TextHead}.
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

        static Probe read(AdapterSource from) {
            int c = from.classes();
            return new Probe(from.floats("weight", from.width(), c), from.floats("bias", c));
        }

        @Override
        public void store(StoredAdapter to) {
            int c = bias.length;
            to.add("weight", weight, (long) weight.length / c, c).add("bias", bias, c);
        }

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
        static Memory read(AdapterSource from, Method method) {
            int[] labels = from.ints("labels", from.classes());
            if (labels.length == 0) {
                throw from.wrong("labels", "none", "one for each remembered image");
            }
            float[] strengths = from.floats("strengths", 2);
            float[] keys = from.floats("keys", labels.length, from.width());
            return new Memory(method, keys, labels, strengths[0], strengths[1]);
        }

        @Override
        public void store(StoredAdapter to) {
            int m = labels.length;
            to.add("keys", keys, m, (long) keys.length / m)
                    .add("labels", Arrays.stream(labels).asLongStream().toArray(), m)
                    .add("strengths", new float[] {alpha, beta}, 2);
        }

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
            float[] votes = oneHot(labels, classifier, alpha);
            return affinity(similar, beta)
                    .matmul(Tensors.of(
                            votes, labels.length, classifier.classes().size()));
        }

        /** α for the class of each stored image, [m, C]. */
        static float[] oneHot(int[] labels, Classifier classifier, double alpha) {
            int classes = classifier.classes().size();
            float[] votes = new float[labels.length * classes];
            for (int j = 0; j < labels.length; j++) {
                votes[j * classes + labels[j]] = (float) alpha;
            }
            return votes;
        }

        /** exp(−β (1 − f · f_j)): the Gaussian kernel of unit vectors. {@code similar} [n, m], cosines; gives [n, m]. */
        public static Tensor affinity(Tensor similar, double beta) {
            return Ops.shift(similar, -1).mul_(new Scalar(beta)).exp_(); // large: two copies fewer
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
        public Spectral spectral() {
            return this;
        }

        static Spectral read(AdapterSource from, Design design) {
            return new Spectral(design, from.floats("lambda", design.parameters()));
        }

        @Override
        public void store(StoredAdapter to) {
            design.store(to.add("lambda", lambdas, lambdas.length));
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
