/** What heads do in the embedded world, where everything that is true of an image is known. */
@NullMarked
package io.residual.probing;

import org.jspecify.annotations.NullMarked;
