/**
 * Tables as text, and SVG charts. The same values give the same bytes.
 *
 * <p>Never knows what the numbers mean: titles and labels come from the caller, and are escaped here.
 */
@NullMarked
package io.residual.chart;

import org.jspecify.annotations.NullMarked;
