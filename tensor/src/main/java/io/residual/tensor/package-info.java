/**
 * Native tensors with one owner ({@link io.residual.tensor.NativeScope}), the operations that the towers are written
 * in, and optimisers.
 *
 * <p>A tensor never outlives the scope that owns it, unless it is passed on explicitly. References: Loshchilov and
 * Hutter 2019 (AdamW); Defazio et al. 2024 (schedule-free); Nocedal and Wright 2006, chapter 7 (L-BFGS).
 */
@NullMarked
package io.residual.tensor;

import org.jspecify.annotations.NullMarked;
