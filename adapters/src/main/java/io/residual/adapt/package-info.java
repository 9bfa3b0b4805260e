/** ResiDual and what it is compared with, fitted on cached coefficients. */
@NullMarked
package io.residual.adapt;

import org.jspecify.annotations.NullMarked;
