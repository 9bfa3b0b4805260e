/**
 * Named tensors in safetensors files: read with every entry of the header checked, and written atomically.
 *
 * <p>Never allocates more than the file's own size explains, and never reads Python pickles. Reference: the <a
 * href="https://github.com/huggingface/safetensors">safetensors format</a>.
 */
@NullMarked
package io.residual.weights;

import org.jspecify.annotations.NullMarked;
