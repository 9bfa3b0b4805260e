package io.residual.adapt;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Logits of adapted embeddings as they are deployed: f · M + b + k(f, f_j) · A with f of unit length, where prompts and what stands
 * beside them are one matrix, and stored images are copied into native memory once, not for every image.
 *
 * @param matrix M [D, C]
 * @param bias b [C], or null for none
 * @param keys f_j [m, D], or null for none
 * @param votes A [m, C], or null for none
 * @param beta sharpness of the kernel
 */
record FoldedLogits(
        Tensor matrix,
        @Nullable Tensor bias,
        @Nullable Tensor keys,
        @Nullable Tensor votes,
        double beta) implements AutoCloseable {
    /** In memory of its own, until it is closed. */
    static FoldedLogits of(Adapter adapter, Classifier classifier) {
        try (NativeScope scope = NativeScope.inference()) {
            FoldedLogits folded = made(adapter, classifier);
            folded.tensors().forEach(scope::release);
            return folded;
        }
    }

    private static FoldedLogits made(Adapter adapter, Classifier classifier) {
        TextHead head = adapter.head();
        if (head != null) {
            return linear(classifier.matrix().add(head.matrix()), head.bias());
        } else if (adapter instanceof Adapter.Probe probe) {
            int c = probe.bias().length;
            Tensor weight = Tensors.of(probe.weight(), (long) probe.weight().length / c, c);
            return linear(Ops.scale(weight, Adapter.Probe.SCALE), probe.bias());
        } else if (adapter instanceof KernelVotes kernel) {
            return voted(classifier, kernel.keys(), kernel.stored(), kernel.votes(), kernel.beta());
        } else if (adapter instanceof Adapter.Memory memory) {
            float[] votes = Adapter.Memory.oneHot(memory.labels(), classifier, memory.alpha());
            return voted(classifier, memory.keys(), memory.labels().length, votes, memory.beta());
        }
        return new FoldedLogits(classifier.matrix(), null, null, null, 0);
    }

    private static FoldedLogits linear(Tensor matrix, float... bias) {
        return new FoldedLogits(matrix, Tensors.of(bias, bias.length), null, null, 0);
    }

    private static FoldedLogits voted(Classifier classifier, float[] keys, int m, float[] votes, double beta) {
        return new FoldedLogits(
                classifier.matrix(),
                null,
                Tensors.of(keys, m, keys.length / m),
                Tensors.of(votes, m, votes.length / m),
                beta);
    }

    /** Logits [n, C] of {@code features} [n, D], in this scope's native memory. */
    Tensor apply(Tensor features) {
        Tensor unit = Ops.normalise(features);
        Tensor logits = unit.matmul(matrix);
        if (bias != null) {
            logits = logits.add(bias);
        }
        return keys == null || votes == null
                ? logits
                : logits.add(
                        Adapter.Memory.affinity(unit.matmul(keys.t()), beta).matmul(votes));
    }

    private Stream<Tensor> tensors() {
        return Stream.of(matrix, bias, keys, votes).filter(tensor -> tensor != null);
    }

    @Override
    public void close() {
        tensors().forEach(Tensor::close);
    }
}
