/** Short programs on the library, to read and to copy from. */
@NullMarked
package io.residual.examples;

import org.jspecify.annotations.NullMarked;
