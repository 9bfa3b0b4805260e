package io.residual.model;

import io.residual.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Reads a checkpoint's tensors into the model's ownership, in the forms that towers want. */
record WeightReader(Checkpoint weights, OwnedTensors owned) {
    /**
     * Reads a tensor that must have the given shape.
     *
     * @throws InputException if there is none, or it has another shape
     */
    Tensor tensor(String name, long... shape) {
        return owned.own(() -> weights.read(name, shape), asStored(name));
    }

    /** A tensor of as many numbers, whatever leading axes of length 1 it has. */
    Tensor squeezed(String name, long... shape) {
        long[] stored = weights.info(name).dimensions();
        long[] core = Arrays.copyOfRange(stored, Math.max(0, stored.length - shape.length), stored.length);
        boolean leadingOnes =
                Arrays.stream(stored, 0, stored.length - core.length).allMatch(n -> n == 1);
        if (!leadingOnes || !Arrays.equals(core, shape)) {
            return tensor(name, shape); // reports the shapes
        }
        return owned.own(() -> weights.readAny(name).reshape(shape), asStored(name));
    }

    /** A [in, out] matrix as [out, in]. */
    Tensor transposed(String name, long in, long out) {
        return owned.own(() -> weights.read(name, in, out).t(), new Origin.Transposed(weights.storedName(name)));
    }

    LayerNorm norm(String name, long d, double eps) {
        return new LayerNorm(tensor(name + ".weight", d), tensor(name + ".bias", d), eps);
    }

    Linear linear(String name, long out, long in) {
        return linear(name, true, out, in);
    }

    /** A layer with a bias or without. */
    Linear linear(String name, boolean biased, long out, long in) {
        return new Linear(tensor(name + ".weight", out, in), biased ? tensor(name + ".bias", out) : null);
    }

    /** A layer whose outputs are scaled by λ [out] (LayerScale), with the scale folded in. */
    Linear scaled(String name, String lambda, long out, long in) {
        return scaled(name, true, lambda, out, in);
    }

    /** The same with a bias or without. */
    Linear scaled(String name, boolean biased, String lambda, long out, long in) {
        return new Linear(
                owned.own(
                        () -> weights.read(name + ".weight", out, in)
                                .mul(weights.read(lambda, out).unsqueeze(1)),
                        scaledBy(name + ".weight", lambda)),
                biased
                        ? owned.own(
                                () -> weights.read(name + ".bias", out).mul(weights.read(lambda, out)),
                                scaledBy(name + ".bias", lambda))
                        : null);
    }

    /** Three layers [d, d] as one [3d, d]. */
    Linear joined(long d, String query, String key, String value) {
        return joined(d, true, query, key, value);
    }

    /** Three layers [d, d], with biases or without, as one [3d, d]. */
    Linear joined(long d, boolean biased, String query, String key, String value) {
        return joined(biased, d, d, query, key, value);
    }

    /** Layers [out, in], with biases or without, one under the other. */
    Linear joined(boolean biased, long out, long in, String... layers) {
        List<String> names = List.of(layers);
        return new Linear(joinedTensors(names, ".weight", out, in), biased ? joinedTensors(names, ".bias", out) : null);
    }

    private Tensor joinedTensors(List<String> names, String suffix, long... shape) {
        return owned.own(
                () -> Ops.cat(
                        names.stream().map(n -> weights.read(n + suffix, shape)).toList(), 0),
                joinedFrom(names, suffix));
    }

    /**
     * Queries, keys and values as one [3d, d], of which only some have biases; the others get zeros. The joined bias cannot be
     * put back, so training leaves it as it is.
     */
    Linear joined(long d, boolean[] biased, String... layers) {
        Linear plain = joined(false, d, d, layers);
        return new Linear(
                plain.weight(),
                owned.own(() -> Ops.cat(
                        IntStream.range(0, layers.length)
                                .mapToObj(i -> biased[i] ? weights.read(layers[i] + ".bias", d) : torch.zeros(d))
                                .toList(),
                        0)));
    }

    private Origin asStored(String name) {
        return new Origin.AsStored(
                weights.storedName(name),
                Arrays.stream(weights.info(name).dimensions()).boxed().toList());
    }

    private Origin scaledBy(String name, String lambda) {
        return new Origin.Scaled(weights.storedName(name), weights.storedName(lambda));
    }

    private Origin joinedFrom(List<String> names, String suffix) {
        return new Origin.Joined(
                names.stream().map(n -> weights.storedName(n + suffix)).toList());
    }
}
