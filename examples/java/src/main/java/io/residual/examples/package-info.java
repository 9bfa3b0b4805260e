/** Short complete programs that use the library. Tests run each of them. */
@NullMarked
package io.residual.examples;

import org.jspecify.annotations.NullMarked;
