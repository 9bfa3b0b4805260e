package io.residual.adapt;

import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import org.bytedeco.pytorch.Tensor;

/**
 * A family of adapted embeddings that is linear in its parameters λ:
 *
 * <pre>ŷ = (C ⊙ λ) Φ + R,   C [n, K], λ [K], Φ [K, D], R [n, D],</pre>
 *
 * with C and R fixed by the frozen tower. Several of the K columns may share a parameter. All of ResiDual's variants are
 * of this form; an epoch costs two n × K × D products, whatever the tower costs.
 */
public sealed interface Design permits ComponentDesign, HeadScaleDesign, OutputDesign {
    /** The method that the design belongs to. */
    Method method();

    /** The number of parameters P. */
    int parameters();

    /** The number of columns K: that of parameters, unless columns share them. */
    default int columns() {
        return parameterOfColumn().length > 0 ? parameterOfColumn().length : parameters();
    }

    /** Φ [K, D], in this scope's native memory. */
    Tensor directions();

    /** The parameter of each of the K columns, or an empty array if each has its own. */
    int[] parameterOfColumn();

    /** Computes C [n, K] and R [n, D] of a block of images. */
    Cached cache(TraceBlock block);

    /** λ spread over the columns. {@code parameters} [P]; gives [K]. */
    default Tensor spread(Tensor parameters) {
        int[] columns = parameterOfColumn();
        return columns.length == 0 ? parameters : parameters.index_select(0, Tensors.indices(columns));
    }

    /** Hands over what a file keeps of it besides λ. */
    void store(StoredAdapter to);

    /** Adds what the adapted embedding is made of, at these parameters, to a folded adapter. */
    void fold(Folding folding, float... lambdas);
}
