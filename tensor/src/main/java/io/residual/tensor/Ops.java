package io.residual.tensor;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The operations that the towers and the analyses are written in, under the names that papers use. */
public final class Ops {
    static {
        NativeRuntime.prepare();
    }

    private Ops() {}

    /** x Wᵀ (+ b). {@code x} [..., in], {@code weight} [out, in], {@code bias} [out] or null; gives [..., out]. */
    public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return OneDnn.suits(x, weight) ? OneDnn.linear(x, weight, bias) : torch.linear(x, weight, optional(bias));
    }

    /**
     * As {@link #linear}, with the result in {@code target} [..., out] where the library can write there, and else in memory of its
     * own. Records no gradients.
     */
    public static Tensor linearInto(Tensor target, Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (OneDnn.suits(x, weight)) {
            return OneDnn.linear(x, weight, bias);
        }
        Tensor rows = x.reshape(-1, weight.size(1));
        Tensor out = target.view(-1, weight.size(0));
        if (bias == null) {
            torch.mm_out(out, rows, weight.t());
        } else {
            torch.addmm_out(out, bias, rows, weight.t());
        }
        return target;
    }

    /** The first numbers of a contiguous tensor in another shape, without a copy. */
    public static Tensor viewOf(Tensor room, long... shape) {
        return room.narrow(0, 0, Arrays.stream(shape).reduce(1, Math::multiplyExact))
                .view(shape);
    }

    /**
     * LayerNorm over the last axis.
     *
     * @param x [..., d]
     * @param weight [d]
     * @param bias [d]
     * @return [..., d]
     */
    public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
        return torch.layer_norm(x, new long[] {weight.size(0)}, optional(weight), optional(bias), eps, false);
    }

    /**
     * Fused softmax(q kᵀ / √h) v.
     *
     * @param q [b, H, queries, h]
     * @param k [b, H, t, h]
     * @param v [b, H, t, h]
     * @param mask [b or 1, 1, queries, t], added to the scores; or null
     * @param causal whether a token sees only itself and those before it
     * @return [b, H, queries, h]
     */
    public static Tensor attention(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
        return torch.scaled_dot_product_attention(q, k, v, optional(mask), 0.0, causal, new DoubleOptional(), false);
    }

    /** Rows scaled to unit Euclidean length. {@code x} [..., d]. */
    public static Tensor normalise(Tensor x) {
        return x.div(x.norm(new org.bytedeco.pytorch.ScalarOptional(new Scalar(2.0)), new long[] {-1}, true));
    }

    /** Mean cross-entropy of {@code logits} [n, C] against class indices [n], or against target rows [n, C]. */
    public static Tensor crossEntropy(Tensor logits, Tensor targets) {
        return torch.cross_entropy_loss(logits, targets);
    }

    /** The index of the largest entry of each row. {@code x} [n, C]; gives [n]. */
    public static Tensor argmaxRows(Tensor x) {
        return x.argmax(new LongOptional(-1), false);
    }

    /** The parts joined along {@code axis}. */
    public static Tensor cat(List<Tensor> parts, long axis) {
        return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), axis);
    }

    /** The parts stacked along a new {@code axis}. */
    public static Tensor stack(List<Tensor> parts, long axis) {
        return torch.stack(new TensorVector(parts.toArray(Tensor[]::new)), axis);
    }

    /** x · factor. */
    public static Tensor scale(Tensor x, double factor) {
        return x.mul(new Scalar(factor));
    }

    /** x + constant. */
    public static Tensor shift(Tensor x, double constant) {
        return x.add(new Scalar(constant));
    }

    /** Mean over one axis, which is kept with length 1. */
    public static Tensor mean(Tensor x, long axis) {
        return x.mean(new long[] {axis}, true, new ScalarTypeOptional());
    }

    /** Sum over one axis, which disappears. */
    public static Tensor sum(Tensor x, long axis) {
        return x.sum(new long[] {axis}, false, new ScalarTypeOptional());
    }

    /** The largest absolute value, 0 for an empty tensor. */
    public static double maxAbs(Tensor x) {
        return x.numel() == 0 ? 0 : x.detach().abs().max().item_double();
    }

    private static TensorOptional optional(@Nullable Tensor tensor) {
        return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
    }
}
