package io.residual.description;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A dictionary in native memory, for the description of many units. Immutable, and safe for several threads until it is closed. Takes
 * 8 D bytes a text, and 8 for each pair of texts where there are few.
 */
public final class TextMatrix implements AutoCloseable {
    /** Up to so many texts, the products of each two are kept: 32 MB. */
    private static final int FEW = 2000;

    private final Dictionary dictionary;
    private final Tensor texts; // T [M, D]
    private final @Nullable Tensor products; // T Tᵀ [M, M]

    public TextMatrix(Dictionary dictionary) {
        this.dictionary = dictionary;
        int m = dictionary.texts().size();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor all = Tensors.of(dictionary.directions(), m, dictionary.width());
            this.products = m > FEW ? null : scope.release(all.matmul(all.t()));
            this.texts = scope.release(all);
        }
    }

    /** The texts. */
    public Dictionary dictionary() {
        return dictionary;
    }

    /** T [M, D]. */
    Tensor texts() {
        return texts;
    }

    /** How far each text points along a text, [M, 1]. */
    Tensor along(int text) {
        return products == null
                ? texts.matmul(texts.narrow(0, text, 1).t())
                : products.narrow(0, text, 1).t();
    }

    @Override
    public void close() {
        texts.close();
        if (products != null) {
            products.close();
        }
    }
}
