/** Principal components of units, from statistics that add up. */
@NullMarked
package io.residual.spectrum;

import org.jspecify.annotations.NullMarked;
