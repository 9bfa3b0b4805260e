package io.residual.model;

import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for the largest intermediate values of a block, allocated once per forward pass and reused by every block.
 * The system hands out fresh memory of such sizes page by page, which costs up to a tenth of the products themselves.
 *
 * @param qkv room for queries, keys and values, as the products' type
 * @param attended room for the same as 32-bit floats, where the products' type is another; else null
 * @param hidden room for an MLP's hidden layer
 */
record Workspace(
        @Nullable Tensor qkv,
        @Nullable Tensor attended,
        @Nullable Tensor hidden) {
    /** None: every value gets memory of its own. */
    static final Workspace NONE = new Workspace(null, null, null);

    /** For so many tokens in a batch; none where gradients are recorded, which need every block's values. */
    static Workspace of(Block block, long tokens) {
        if (GradMode.is_enabled()) {
            return NONE;
        }
        ScalarType type = block.qkv().type();
        return new Workspace(
                Tensors.empty(type, tokens * block.qkv().outputs()),
                type == ScalarType.Float
                        ? null
                        : Tensors.empty(ScalarType.Float, tokens * block.qkv().outputs()),
                Tensors.empty(block.fc1().type(), tokens * block.fc1().outputs()));
    }

    /** x Wᵀ + b in some room, or in memory of its own where there is none. */
    static Tensor product(Linear linear, Tensor x, @Nullable Tensor room) {
        return room == null ? linear.apply(x) : linear.applyInto(x, room);
    }

    /** The stream and what is written into it, which may be overwritten. Gives 32-bit floats. */
    Tensor sum(Tensor stream, Tensor written) {
        return qkv != null && Tensors.type(written) == ScalarType.Float ? written.add_(stream) : stream.add(written);
    }

    /** Queries, keys and values as 32-bit floats, which attention is computed in. */
    Tensor forAttention(Tensor values) {
        if (Tensors.type(values) == ScalarType.Float) {
            return values;
        }
        return attended == null
                ? values.to(ScalarType.Float)
                : Ops.viewOf(attended, Tensors.shape(values)).copy_(values);
    }
}
