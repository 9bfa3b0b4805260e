package io.residual.model;

/** The arithmetic of an image tower's large products: patch embedding, attention's projections, MLPs. */
public enum Arithmetic {
    /** 32-bit floats throughout. */
    FP32,
    /**
     * Products of 16-bit brain floats (8 bits of mantissa), several times as fast where the processor knows them (AVX-512
     * BF16, AMX) and slow where it does not. The residual stream, LayerNorms and attention stay 32-bit floats.
     */
    BF16
}
