package io.residual.where;

import io.residual.model.ImageTower;
import io.residual.model.PassHooks;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention rollout (Abnar and Zuidema 2020): the product over layers of ½ A + ½ I, A a layer's attention, mean over heads, as it
 * reaches the class token. An image that many expect; it is no attribution, for it knows nothing of what heads write or MLPs do.
 */
public final class AttentionRollout {
    private AttentionRollout() {}

    /**
     * Of one image. {@code pixels} [1, 3, height, width]; gives [T], which sum to 1. Of a pooled tower, the mean over the tokens that
     * are pooled.
     */
    public static float[] of(ImageTower tower, Tensor pixels) {
        try (NativeScope scope = NativeScope.inference();
                Product product = new Product()) {
            tower.traceInFull(pixels, product);
            int first = tower.firstRead();
            Tensor rows = product.product();
            Tensor read = tower.readsOneToken() ? rows.narrow(0, 0, 1) : rows.narrow(0, first, rows.size(0) - first);
            return Tensors.floats(Ops.mean(read, 0));
        }
    }

    private static final class Product implements PassHooks, AutoCloseable {
        private Tensor all = new Tensor(); // [T, T]

        @Override
        public void attention(int layer, Tensor q, Tensor k, Tensor v) {
            try (NativeScope scope = NativeScope.nested()) {
                Tensor scores = Ops.scale(q.matmul(k.transpose(2, 3)), 1 / Math.sqrt((double) q.size(3)));
                Tensor a = Ops.mean(torch.softmax(scores, -1).squeeze(0), 0).squeeze(0); // [T, T]
                Tensor mixed = Ops.scale(a.add(torch.eye(a.size(0))), .5);
                Tensor next = scope.release(layer == 0 ? mixed : mixed.matmul(all));
                all.close();
                all = next;
            }
        }

        Tensor product() {
            return all;
        }

        @Override
        public void close() {
            all.close();
        }
    }
}
