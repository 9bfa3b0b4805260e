package io.residual.model;

import io.residual.tensor.NativeScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Collects the tensors that a model keeps while it is read, so that they can be freed together. */
final class OwnedTensors {
    private final List<Tensor> all = new ArrayList<>();
    private final Map<Tensor, Origin> origins = new LinkedHashMap<>();

    /** Computes one tensor, freeing what was needed on the way. */
    Tensor own(Supplier<Tensor> computation) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor tensor = scope.release(computation.get().contiguous());
            all.add(tensor);
            return tensor;
        }
    }

    /** As {@link #own(Supplier)}, and records the origin, so that the tensor can be written back. */
    Tensor own(Supplier<Tensor> computation, Origin origin) {
        Tensor tensor = own(computation);
        origins.put(tensor, origin);
        return tensor;
    }

    /** Owns a tensor in another type in place of one that is owned, which is freed. */
    Tensor convert(Tensor original, ScalarType type) {
        Tensor converted = own(() -> original.to(type));
        all.remove(original);
        original.close();
        return converted;
    }

    /** The origins of the tensors that can be written back. */
    Map<Tensor, Origin> origins() {
        return origins;
    }

    List<Tensor> all() {
        return List.copyOf(all);
    }
}
