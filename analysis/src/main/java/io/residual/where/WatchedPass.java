package io.residual.where;

import io.residual.model.HeldHead;
import io.residual.model.ImageTower;
import io.residual.model.PassHooks;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Attention as it is computed, with what is needed of it kept. */
final class WatchedPass implements PassHooks, AutoCloseable {
    private final ImageTower tower;
    private final PassHooks changes;
    private final List<Tensor> queries = new ArrayList<>(); // L of [b, H, t, h], over √h; or of attention [b, H, 1, T]
    private final List<Tensor> keys = new ArrayList<>(); // L of [b, H, h, T]; none where attention is kept
    private final List<float[]> values = new ArrayList<>(); // L of [b, T, H·h]

    WatchedPass(ImageTower tower, PassHooks changes) {
        this.tower = tower;
        this.changes = changes;
    }

    @Override
    public void attention(int layer, Tensor q, Tensor k, Tensor v) {
        try (NativeScope scope = NativeScope.nested()) {
            int first = tower.firstRead();
            boolean one = tower.readsOneToken();
            Tensor read = q.narrow(2, first, one ? 1 : q.size(2) - first);
            Tensor scaled = Ops.scale(read, 1 / Math.sqrt((double) q.size(3)));
            Tensor turned = k.transpose(2, 3);
            if (one) {
                queries.add(scope.release(torch.softmax(scaled.matmul(turned), -1)));
            } else {
                queries.add(scope.release(scaled));
                keys.add(scope.release(turned.clone()));
            }
            values.add(Tensors.floats(held(layer, v.transpose(1, 2))));
        }
        changes.attention(layer, q, k, v);
    }

    /** Values of the tokens as a head that the tower holds passes them on. {@code v} [b, T, H, h]. */
    private Tensor held(int layer, Tensor v) {
        List<HeldHead> some =
                tower.held().stream().filter(head -> head.layer() == layer).toList();
        Tensor now = some.isEmpty() ? v : v.clone();
        for (HeldHead head : some) {
            Tensor own = now.select(2, head.head());
            own.copy_(Ops.scale(own, head.factor()));
        }
        return now;
    }

    @Override
    public Tensor heads(int layer, Tensor z) {
        return changes.heads(layer, z);
    }

    @Override
    public Tensor mlp(int layer, Tensor m) {
        return changes.mlp(layer, m);
    }

    /** With which weights the readout reaches the source tokens through each head. {@code reading} [b, P, t]. */
    float[] gathered(Tensor reading) {
        List<float[]> all = new ArrayList<>();
        for (int l = 0; l < queries.size(); l++) {
            try (NativeScope scope = NativeScope.nested()) {
                Tensor a = keys.isEmpty()
                        ? queries.get(l)
                        : torch.softmax(queries.get(l).matmul(keys.get(l)), -1); // [b, H, t, T]
                all.add(Tensors.floats(reading.unsqueeze(1).matmul(a))); // [b, H, P, T]
            }
        }
        return Tensors.joined(all);
    }

    float[] values() {
        return Tensors.joined(values);
    }

    @Override
    public void close() {
        queries.forEach(Tensor::close);
        keys.forEach(Tensor::close);
    }
}
