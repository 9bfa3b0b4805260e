/** ResiDual and what it is compared with, fitted on cached coefficients. */
@NullMarked
package io.residual.alignment;

import org.jspecify.annotations.NullMarked;
