/** Models × data sets × methods from one file: planned, run, resumed, stored, tabulated. */
@NullMarked
package io.residual.sweep;

import org.jspecify.annotations.NullMarked;
