/** Named, validated tensors in safetensors files. */
@NullMarked
package io.residual.weights;

import org.jspecify.annotations.NullMarked;
