package io.residual.model;

import io.residual.base.InputException;
import io.residual.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What enters the first block: a class token and registers, where the family has them, then the patches; with positions, where
 * they are added rather than rotated in ({@link Rotary}).
 *
 * @param patch [d, 3, p, p]
 * @param patchBias [d], or null
 * @param classToken [d], or null for a tower without one (SigLIP)
 * @param registers [r, d], between the class token and the patches, without a position; or null
 * @param positions [(1 +) patches, d], the class token's first; or null
 * @param grid where positions may be resized to the input (DINOv2): those that were trained; else null
 * @param pre LayerNorm before the first block (CLIP), or null
 */
public record Embedding(
        Tensor patch,
        @Nullable Tensor patchBias,
        @Nullable Tensor classToken,
        @Nullable Tensor registers,
        @Nullable Tensor positions,
        @Nullable Grid grid,
        @Nullable LayerNorm pre) {
    /** Of a tower with a class token that takes images of one size. */
    public Embedding(
            Tensor patch, @Nullable Tensor patchBias, Tensor classToken, Tensor positions, @Nullable LayerNorm pre) {
        this(patch, patchBias, classToken, null, positions, null, pre);
    }

    /** A part that a layout cannot do without. */
    static Tensor require(@Nullable Tensor part, String name) {
        if (part == null) {
            throw new IllegalArgumentException("this layout has a " + name);
        }
        return part;
    }

    /** How many tokens stand before the patches. */
    public long leading() {
        Tensor more = registers;
        return (classToken == null ? 0 : 1) + (more == null ? 0 : more.size(0));
    }

    /** {@code pixels} [b, 3, height, width]; gives [b, t, d]. What is left over of the last patches is not read. */
    Tensor apply(Tensor pixels) {
        long b = pixels.size(0);
        long p = patch.size(2);
        long rows = pixels.size(2) / p;
        long columns = pixels.size(3) / p;
        // Patches do not overlap, so their convolution is one product.
        Tensor patches = pixels.narrow(2, 0, rows * p)
                .narrow(3, 0, columns * p)
                .reshape(b, 3, rows, p, columns, p)
                .permute(0, 2, 4, 1, 3, 5)
                .reshape(b, rows * columns, 3L * p * p); // [b, patches, 3p²]
        Tensor x = new Linear(patch.flatten(1, -1), patchBias).apply(patches).to(ScalarType.Float); // [b, patches, d]
        Tensor token = classToken;
        if (token != null) {
            x = Ops.cat(List.of(rows(token, b), x), 1);
        }
        Tensor added = positions(rows, columns);
        if (added != null) {
            x = x.add(added);
        }
        Tensor more = registers;
        if (more != null) { // after the class token, which has a position
            long own = token == null ? 0 : 1;
            List<Tensor> parts = new ArrayList<>();
            parts.add(x.narrow(1, 0, own));
            parts.add(rows(more, b));
            parts.add(x.narrow(1, own, x.size(1) - own));
            x = Ops.cat(parts, 1);
        }
        LayerNorm first = pre;
        return first == null ? x : first.apply(x);
    }

    /** Tokens [d] or [r, d] of every image: [b, 1 or r, d]. */
    private static Tensor rows(Tensor tokens, long b) {
        long d = tokens.size(-1);
        Tensor each = tokens.view(1, -1, d);
        return each.expand(b, each.size(1), d);
    }

    /**
     * The positions of an input of so many patches, [(1 +) patches, d]; null where none are added.
     *
     * @throws InputException if the model takes images of another size only
     */
    public @Nullable Tensor positions(long rows, long columns) {
        Tensor own = positions;
        if (own == null || own.size(0) == (classToken == null ? 0 : 1) + rows * columns) {
            return own;
        }
        Grid trained = grid;
        if (trained == null) {
            long p = patch.size(2);
            long side = Math.round(Math.sqrt((double) own.size(0) - (classToken == null ? 0 : 1))) * p;
            throw InputException.at(
                    "the images",
                    rows * p + " x " + columns * p + " pixels",
                    side + " x " + side + ", which this model takes",
                    "Correct the model's preprocessing");
        }
        return trained.resized(rows, columns);
    }

    /** The same with other tensors for its product. */
    Embedding withProducts(UnaryOperator<Tensor> change) {
        Tensor bias = patchBias;
        return new Embedding(
                change.apply(patch),
                bias == null ? null : change.apply(bias),
                classToken,
                registers,
                positions,
                grid,
                pre);
    }
}
