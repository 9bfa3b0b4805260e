/** Native tensors with one owner, and the few operations the towers are written in. */
@NullMarked
package io.residual.tensor;

import org.jspecify.annotations.NullMarked;
