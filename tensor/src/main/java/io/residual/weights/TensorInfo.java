package io.residual.weights;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The name, type, shape and position of a tensor in a safetensors file.
 *
 * @param shape outermost axis first; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte
 */
public record TensorInfo(String name, StoredType type, List<Long> shape, long begin, long end) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** The shape as an array, outermost axis first. */
    public long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** The shape as people write it, such as {@code [64, 3, 8, 8]}. */
    public String shapeText() {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }
}
