/** The frozen classifier: class embeddings, its temperature, and accuracy with an interval. */
@NullMarked
package io.residual.zeroshot;

import org.jspecify.annotations.NullMarked;
