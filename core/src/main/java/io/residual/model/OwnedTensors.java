package io.residual.model;

import io.residual.tensor.NativeScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Collects the tensors that a model keeps while it is read, so that they can be freed together. */
final class OwnedTensors {
    private final List<Tensor> all = new ArrayList<>();

    /** Computes one tensor, freeing what was needed on the way. */
    Tensor own(Supplier<Tensor> computation) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor tensor = scope.keep(computation.get().contiguous());
            all.add(tensor);
            return tensor;
        }
    }

    List<Tensor> all() {
        return List.copyOf(all);
    }
}
