/** What heads do in the embedded world, where everything that is true of a picture is known. */
@NullMarked
package io.residual.study;

import org.jspecify.annotations.NullMarked;
