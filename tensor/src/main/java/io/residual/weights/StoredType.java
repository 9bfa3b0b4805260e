package io.residual.weights;

import java.util.Optional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The element types of safetensors that we read and write. */
public enum StoredType {
    BOOL(1, ScalarType.Bool),
    U8(1, ScalarType.Byte),
    I8(1, ScalarType.Char),
    I16(2, ScalarType.Short),
    F16(2, ScalarType.Half),
    BF16(2, ScalarType.BFloat16),
    I32(4, ScalarType.Int),
    F32(4, ScalarType.Float),
    I64(8, ScalarType.Long),
    F64(8, ScalarType.Double);

    private final int bytes;
    private final ScalarType scalarType;

    StoredType(int bytes, ScalarType scalarType) {
        this.bytes = bytes;
        this.scalarType = scalarType;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    /** The corresponding PyTorch type. */
    public ScalarType scalarType() {
        return scalarType;
    }

    /** The type that a header calls {@code name}. */
    static Optional<StoredType> named(String name) {
        for (StoredType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** The type with which a tensor's elements are stored. */
    static StoredType of(ScalarType scalarType) {
        for (StoredType type : values()) {
            if (type.scalarType.intern() == scalarType.intern()) {
                return type;
            }
        }
        throw new IllegalArgumentException("safetensors has no element type for " + scalarType);
    }
}
