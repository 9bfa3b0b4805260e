package io.residual.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * How a tensor was made from the tensors of the files, so that a changed one can be written back. Names are those in
 * the files.
 */
sealed interface Origin {
    /**
     * The tensors of the files that correspond to a changed tensor.
     *
     * @param stored gives a tensor of the files as 32-bit floats
     */
    Map<String, Tensor> invert(Tensor changed, Function<String, Tensor> stored);

    /** Stored unchanged, except for axes of length 1. */
    record AsStored(String name, List<Long> shape) implements Origin {
        @Override
        public Map<String, Tensor> invert(Tensor changed, Function<String, Tensor> stored) {
            return Map.of(
                    name,
                    changed.reshape(shape.stream().mapToLong(Long::longValue).toArray()));
        }
    }

    /** Stored transposed. */
    record Transposed(String name) implements Origin {
        @Override
        public Map<String, Tensor> invert(Tensor changed, Function<String, Tensor> stored) {
            return Map.of(name, changed.t());
        }
    }

    /** Several of equal length, one under the other. */
    record Joined(List<String> names) implements Origin {
        @Override
        public Map<String, Tensor> invert(Tensor changed, Function<String, Tensor> stored) {
            long rows = changed.size(0) / names.size();
            Map<String, Tensor> parts = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                parts.put(names.get(i), changed.narrow(0, i * rows, rows));
            }
            return parts;
        }
    }

    /** Rows multiplied with a LayerScale, which stays as it is. A row whose factor is 0 can't be changed. */
    record Scaled(String name, String factors) implements Origin {
        @Override
        public Map<String, Tensor> invert(Tensor changed, Function<String, Tensor> stored) {
            Tensor scale = stored.apply(factors);
            Tensor perRow = changed.dim() > 1 ? scale.unsqueeze(1) : scale;
            Tensor zero = perRow.eq(new org.bytedeco.pytorch.Scalar(0.0));
            Tensor divided = changed.div(perRow.masked_fill(zero, new org.bytedeco.pytorch.Scalar(1.0)));
            return Map.of(name, divided.where(zero.logical_not(), stored.apply(name)));
        }
    }

    /** Every tensor of the files that changed ones imply. */
    static Map<String, Tensor> invertAll(
            Map<Tensor, Tensor> changed, Map<Tensor, Origin> origins, Function<String, Tensor> stored) {
        Map<String, Tensor> files = new LinkedHashMap<>();
        List<Tensor> unknown = new ArrayList<>();
        changed.forEach((original, now) -> {
            Origin origin = origins.get(original);
            if (origin == null) {
                unknown.add(original);
            } else {
                files.putAll(origin.invert(now, stored));
            }
        });
        if (!unknown.isEmpty()) {
            throw new IllegalStateException(unknown.size() + " tensors of unknown origin");
        }
        return files;
    }
}
