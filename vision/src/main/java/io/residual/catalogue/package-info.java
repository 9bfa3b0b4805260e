/** Models and data sets by the names that a user gives. */
@NullMarked
package io.residual.catalogue;

import org.jspecify.annotations.NullMarked;
