/** Tables and SVG charts: text in, text out. */
@NullMarked
package io.residual.chart;

import org.jspecify.annotations.NullMarked;
