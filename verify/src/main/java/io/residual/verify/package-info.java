/** Proof, on the user's machine, that the numbers are the reference's numbers. */
@NullMarked
package io.residual.verify;

import org.jspecify.annotations.NullMarked;
